import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../../adapters/onnxruntime/load-model.ts';
import { PredictReceipt, type Reject } from '../../../core/contracts/job.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { type Partition, Prediction } from '../../../core/contracts/records.ts';
import { commitPrediction } from '../../../core/steps/commit-prediction.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { findObject, readObject } from '../../../core/steps/objects.ts';
import type { Ports } from '../../../core/steps/ports.ts';
import { predictShard } from '../../../core/steps/predict-shard.ts';
import { type ByteSource, decodeJson, type ObjectStore } from '../../../core/store.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { contentOf, copyOf, crashingStore } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  execution,
  fileOf,
  flights,
  planPredict,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';
import { chance } from '../training/tables.ts';

let trained: ObjectStore;
let model: string;
let dataset: string;

beforeAll(async () => {
  trained = memoryStore();
  const ports = stepPorts(trained, { flights: [fileOf('csv', flights(3000))] });
  const digest = await putSpec(trained, specOf());
  ({ dataset } = await splitAll(digest, ports));
  const study = await prepare(digest, dataset, ports);
  await runLane(study, ports);
  const { best } = (await concludeStudy({ study, execution }, ports)) as { best: { model: string } };
  model = best.model;
  // Without its golden rows, which would be counted with those of the table.
  await trained.delete(keys.modelCard(model));
});

const rows = 1500;
const table = flights(rows, 5000);
/** Rows of which no distance can be read: one alone, the last of 256, and 300 that follow each other. */
const bad = [7, 255, ...Array.from({ length: 300 }, (_, at) => 1000 + at)];
const good = Array.from({ length: rows }, (_, row) => row).filter((row) => !bad.includes(row));

const source = csvWithBadRows();
function csvWithBadRows(): ByteSource {
  const [header, ...lines] = new TextDecoder()
    .decode(encodeTable('csv', [table]))
    .trimEnd()
    .split('\n');
  for (const row of bad) lines[row] = `${5000 + row},far,3,C1,true`;
  return byteSource(`${[header, ...lines].join('\n')}\n`, 'new.csv');
}

interface Planned {
  readonly job: string;
  readonly prediction: string;
}

const columns = { distance: 'float', seats: 'integer', late: 'boolean' };
const files = { new: [source] };

/** A store with a planned job over the table in so many shards. */
async function planned(shards = 1, of = files) {
  const store = await copyOf(trained);
  const predict = { table: { path: 'new', shards, columns }, format: 'ndjson', tolerance: 1 };
  const digest = await putSpec(store, specOf({ predict }));
  const plan = (): Promise<Planned> => planPredict(digest, model, null, stepPorts(store, of));
  return { store, digest, ...(await plan()) };
}

type Answer = { readonly rows: number; readonly next: 'done' | 'continue' };

/** Invocation after invocation, until the shard is done. */
async function whole(ports: Ports, job: string, shard: number, shrinks = 0): Promise<Answer[]> {
  const answers: Answer[] = [];
  do answers.push((await predictShard({ job, shard, execution, shrinks }, ports)) as Answer);
  while (answers.at(-1)?.next === 'continue');
  return answers;
}

async function committed(store: ObjectStore, { job, prediction }: Planned) {
  await commitPrediction({ job, execution }, stepPorts(store, {}));
  return outputOf(store, prediction);
}

async function outputOf(store: ObjectStore, prediction: string) {
  const manifest = await readObject(store, keys.predictionManifest(prediction), Prediction);
  return {
    manifest,
    ids: (await linesOf<{ readonly id: number }>(store, manifest.parts)).map(({ id }) => id - 5000),
    rejects: await linesOf<Reject>(store, manifest.rejects),
  };
}

async function linesOf<Line>(store: ObjectStore, partitions: readonly Partition[]): Promise<Line[]> {
  const lines: Line[] = [];
  for (const partition of partitions) {
    const text = new TextDecoder().decode(await readPartition(store, partition));
    lines.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
    );
  }
  return lines;
}

/** Each row once, in its order, and nothing else in the folder. */
async function expectWhole(store: ObjectStore, of: Planned) {
  const { manifest, ids, rejects } = await committed(store, of);
  expect(manifest).toMatchObject({ rows, predicted: good.length, rejected: bad.length });
  expect(ids).toEqual(good);
  expect(rejects.map(({ raw }) => Number(raw.split(',')[0]) - 5000)).toEqual(bad);
  const named = [...manifest.parts, ...manifest.rejects, ...manifest.scores].map(({ key }) => key);
  expect(await outputKeys(store, of.job)).toEqual(named.toSorted());
  return manifest;
}

async function outputKeys(store: ObjectStore, job: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(job)) {
    if (/^(part-|unnumbered\/|rejects\/|scores\/)/.test(key.slice(job.length))) found.push(key);
  }
  return found.toSorted();
}

/** Rows that models were asked for. */
function counting(store: ObjectStore, change: Partial<Ports> = {}) {
  const counted = { rows: 0 };
  const ports = stepPorts(store, files, {
    ...change,
    loadModel: async (bytes) => {
      const loaded = await loadModel(bytes);
      return {
        ...loaded,
        run: (batch, outputs) => {
          counted.rows += batch.rows;
          return loaded.run(batch, outputs);
        },
      };
    },
  });
  return { ports, counted };
}

describe('a shard', () => {
  test('that is small is one piece, of which nothing is kept but its receipt', async () => {
    const world = await planned();
    const counted = crashingStore(world.store);
    await whole(stepPorts(counted, files), world.job, 0);
    expect(counted.writes.map((key) => key.slice(world.job.length))).toEqual([
      'part-00000.ndjson',
      'unnumbered/00000.ndjson',
      'scores/00000.bin',
      'drift/00000.json',
      'receipts/00000.json',
    ]);
    await expectWhole(world.store, world);
  });

  test('is told by a plan that the process has read once for all of them', async () => {
    const world = await planned(3);
    const read: string[] = [];
    const store: ObjectStore = {
      ...world.store,
      get: (key, room) => {
        read.push(key);
        return world.store.get(key, room);
      },
    };
    const ports = stepPorts(store, files);
    for (const shard of [0, 1, 2]) await whole(ports, world.job, shard);
    expect(read.filter((key) => key === keys.plan(world.job))).toHaveLength(1);
    await expectWhole(world.store, world);
  });

  test('whose invocation ends after each batch goes on where it was, and predicts no row twice', async () => {
    const world = await planned();
    const { ports, counted } = counting(world.store, { remaining: () => 0 });
    const answers = await whole(ports, world.job, 0, 4);
    expect(answers.map(({ next }) => next)).toEqual([...Array(answers.length - 1).fill('continue'), 'done']);
    const told = answers.map((answer) => answer.rows);
    expect(told.length).toBeGreaterThan(4);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(new Set(told).size).toBe(told.length);
    expect(told.at(-1)).toBe(rows);
    expect(counted.rows).toBe(good.length);
    const { parts } = await expectWhole(world.store, world);
    expect(parts.slice(0, 2).map(({ key }) => key.slice(world.job.length))).toEqual([
      'part-00000.ndjson',
      'part-00000-1.ndjson',
    ]);
  });

  test('that goes on with fewer rows at a time keeps what was done with more', async () => {
    const world = await planned();
    const hurried = counting(world.store, { remaining: () => 0 });
    const first = (await predictShard(
      { job: world.job, shard: 0, execution, shrinks: 3 },
      hurried.ports,
    )) as Answer;
    expect(first.next).toBe('continue');
    const calm = counting(world.store);
    await whole(calm.ports, world.job, 0, 4);
    expect(hurried.counted.rows + calm.counted.rows).toBe(good.length);
    const { parts } = await expectWhole(world.store, world);
    expect(parts.map((part) => part.rows)).toEqual([1024, good.length - 1024]);
  });

  test.each(['csv', 'ndjson', 'parquet', 'arrow'] as const)(
    'of %s comes to the same rows and scores in one piece as in many',
    async (format) => {
      const of = { new: [fileOf(format, table)] };
      const outputs = [];
      for (const shrinks of [0, 3, 4]) {
        const world = await planned(2, of);
        const { plan, job } = { plan: await shardsOf(world.store, world.job), job: world.job };
        for (const shard of plan) await whole(stepPorts(world.store, of), job, shard, shrinks);
        const { manifest } = await committed(world.store, world);
        outputs.push({
          lines: await linesOf(world.store, manifest.parts),
          scores: manifest.scores.reduce((sum, score) => sum + score.rows, 0),
        });
      }
      expect(outputs[0]?.lines).toHaveLength(rows);
      expect(outputs[1]).toEqual(outputs[0]);
      expect(outputs[2]).toEqual(outputs[0]);
    },
  );

  test('of a text in gzip goes on in it, and tells the rows that the model cannot take as they stand there', async () => {
    const lines = new TextDecoder()
      .decode(encodeTable('csv', [table]))
      .trimEnd()
      .split('\n');
    lines[700] = '5699,1.5,,C1,true';
    lines[rows] = '6499,1.5,,C2,true';
    const of = { new: [byteSource(gzipSync(`${lines.join('\n')}\n`), 'new.csv.gz')] };
    const world = await planned(1, of);
    await whole(stepPorts(world.store, of, { remaining: () => 0 }), world.job, 0, 4);
    const { ids, rejects } = await committed(world.store, world);
    expect(ids).toEqual(
      Array.from({ length: rows }, (_, row) => row).filter((row) => ![699, 1499].includes(row)),
    );
    expect(rejects.map(({ row, raw }) => [row, raw])).toEqual([
      [699, lines[700]],
      [1499, lines[rows]],
    ]);
  });

  test('of a dataset is cut within its partitions', async () => {
    const store = await copyOf(trained);
    const digest = await putSpec(store, specOf());
    const ports = stepPorts(store, {}, { remaining: () => 0 });
    const { job, prediction } = await planPredict(digest, model, dataset, ports);
    const answers: Answer[] = [];
    for (const shard of await shardsOf(store, job)) answers.push(...(await whole(ports, job, shard, 4)));
    await commitPrediction({ job, execution }, ports);
    const {
      rows: sum,
      predicted,
      parts,
    } = await readObject(store, keys.predictionManifest(prediction), Prediction);
    expect(parts.length).toBeGreaterThan(0);
    expect(parts.reduce((total, part) => total + part.rows, 0)).toBe(predicted);
    expect(predicted).toBe(sum);
  });

  test('that its function died of with the fewest rows at a time is refused, with what was tried', async () => {
    const world = await planned();
    const died = {
      Error: 'Sandbox.Timedout',
      Cause: '{"errorMessage":"Task timed out after 900.00 seconds"}',
    };
    await expect(
      predictShard({ job: world.job, shard: 0, execution, shrinks: 5, died }, stepPorts(world.store, files)),
    ).rejects.toMatchObject({
      name: 'ShardTooLarge',
      message: expect.stringContaining(
        'died of it 5 times, the last time with 256 rows at a time: Sandbox.Timedout: Task timed out after 900.00 seconds.',
      ),
    });
  });
});

async function shardsOf(store: ObjectStore, job: string): Promise<number[]> {
  const list = decodeJson((await store.get(keys.shardList(job)))!.body) as { readonly shard: number }[];
  return list.map(({ shard }) => shard);
}

describe('a crash at any write of a shard in many pieces', () => {
  test.each([
    ['with the same rows at a time', 4],
    ['with more', 0],
  ])('loses nothing and repeats nothing, when it goes on %s', async (_, later) => {
    const { store: before, ...of } = await planned();
    const calm = crashingStore(await copyOf(before));
    await whole(stepPorts(calm, files), of.job, 0, 4);
    expect(calm.writes.length).toBeGreaterThan(12);
    // Its digest too: the same sketch, to the byte.
    const { drift } = await expectWhole(await copyOf(calm), of);
    expect(drift).toMatchObject({ kind: 'compared', rows: good.length });
    for (let write = 1; write <= calm.writes.length; write++) {
      for (const when of ['before', 'after'] as const) {
        const store = await copyOf(before);
        const crashing = stepPorts(crashingStore(store, { write, when }), files);
        await expect(whole(crashing, of.job, 0, 4)).rejects.toThrow('crashed');
        await whole(stepPorts(store, files), of.job, 0, later);
        expect((await expectWhole(store, of)).drift).toEqual(drift);
      }
    }
  });

  test('or of its commit leaves nothing that the manifest does not name', async () => {
    const { store: before, ...of } = await planned();
    const half = stepPorts(crashingStore(before, { write: 7, when: 'before' }), files);
    await expect(whole(half, of.job, 0, 4)).rejects.toThrow('crashed');
    await whole(stepPorts(before, files), of.job, 0, 0);
    const commit = (store: ObjectStore) =>
      commitPrediction({ job: of.job, execution }, stepPorts(store, files));
    const calm = crashingStore(await copyOf(before));
    await commit(calm);
    const content = await contentOf(calm);
    expect(calm.writes).toContain(`${of.job}part-00000-1.ndjson`);
    for (let write = 1; write <= calm.writes.length; write++) {
      for (const when of ['before', 'after'] as const) {
        const store = await copyOf(before);
        await expect(commit(crashingStore(store, { write, when }))).rejects.toThrow('crashed');
        await commit(store);
        expect(await contentOf(store)).toEqual(content);
      }
    }
  });
});

test('code that does not give the same twice loses no row: what is there already is not taken for one’s own', async () => {
  const { store, ...of } = await planned();
  const noisy = (noise: number, into: ObjectStore) =>
    stepPorts(into, files, {
      loadModel: async (bytes) => {
        const loaded = await loadModel(bytes);
        return {
          ...loaded,
          run: async (batch, outputs) => {
            const values = await loaded.run(batch, outputs);
            return { ...values, probability: (values.probability as Float32Array).map((p) => p * noise) };
          },
        };
      },
    });
  const half = crashingStore(store, { write: 3, when: 'after' });
  await expect(whole(noisy(0.5, half), of.job, 0)).rejects.toThrow('crashed');
  await whole(noisy(0.25, store), of.job, 0);
  const receipt = await readObject(store, keys.receipt(of.job, 0), PredictReceipt);
  expect(receipt.parts[0]?.key).toMatch(/part-00000-[0-9a-f]{12}\.ndjson$/);
  await expectWhole(store, of);
});

/** Waits a random number of turns before and after each access, so that workers come between each other's. */
function slow(store: ObjectStore, next: () => number, written: () => Promise<void>): ObjectStore {
  const turns = async () => {
    for (let left = Math.floor(next() * 6); left > 0; left--) await new Promise((done) => setImmediate(done));
  };
  return {
    ...store,
    async get(key) {
      await turns();
      return store.get(key);
    },
    async put(key, body, condition) {
      await turns();
      const put = await store.put(key, body, condition);
      await written();
      await turns();
      return put;
    },
    async delete(key) {
      await turns();
      await store.delete(key);
      await written();
    },
  };
}

/** A reader sees no prediction, or all of it as it was written. */
async function expectNothingOrWhole(store: ObjectStore, { prediction }: Planned): Promise<boolean> {
  if (!(await findObject(store, keys.predictionManifest(prediction), Prediction))) return false;
  expect((await outputOf(store, prediction)).ids).toEqual(good);
  return true;
}

test('a worker that another overtook goes on where the other cut the shard', async () => {
  const { store, ...of } = await planned();
  const other = stepPorts(store, files, { remaining: () => 0 });
  const request = { job: of.job, shard: 0, execution };
  let overtaken = 0;
  const overtaking: ObjectStore = {
    ...store,
    async put(key, body, condition) {
      // With fewer rows at a time, the other comes first with the same piece.
      if (key === keys.piece(of.job, 0, 0) && overtaken++ === 0) {
        await predictShard({ ...request, shrinks: 4 }, other);
      }
      return store.put(key, body, condition);
    },
  };
  expect(await whole(stepPorts(overtaking, files), of.job, 0, 3)).toMatchObject([{ rows, next: 'done' }]);
  expect(overtaken).toBe(1);
  const { parts } = await expectWhole(store, of);
  expect(parts.map((part) => part.rows)).toEqual([256, good.length - 256]);
});

describe('two executions of one prediction at the same time', () => {
  test.each(Array.from({ length: 24 }, (_, seed) => seed))(
    'write each row once, and a reader never sees a part of it (%i)',
    async (seed) => {
      const { store, digest, ...of } = await planned(seed % 3 === 0 ? 2 : 1);
      const next = chance(seed);
      let seen = 0;
      const shared = slow(store, next, async () => {
        if (await expectNothingOrWhole(store, of)) seen++;
      });
      const execute = async (name: string) => {
        const ports = stepPorts(shared, files, { remaining: () => (next() < 0.3 ? 0 : 900_000) });
        await planPredict(digest, model, null, ports);
        const shards = await shardsOf(store, of.job);
        const sizes = () => [0, 3, 3, 4, 4][Math.floor(next() * 5)]!;
        await Promise.all(shards.map((shard) => whole(ports, of.job, shard, sizes())));
        await commitPrediction({ job: of.job, execution: name }, ports);
      };
      await Promise.all([execute('run-1'), execute('run-2')]);
      expect(seen).toBeGreaterThan(0);
      await expectWhole(store, of);
    },
  );
});

test('a prediction that is committed has nothing left to plan, and no shard of it is predicted again', async () => {
  const { store, digest, ...of } = await planned();
  await whole(stepPorts(store, files), of.job, 0, 4);
  await commitPrediction({ job: of.job, execution }, stepPorts(store, files));
  const content = await contentOf(store);
  const { ports, counted } = counting(store);
  expect(await planPredict(digest, model, null, ports)).toMatchObject({ next: 'commit' });
  expect(await whole(ports, of.job, 0)).toEqual([{ shard: 0, rows, next: 'done' }]);
  await commitPrediction({ job: of.job, execution: 'run-2' }, ports);
  expect(counted.rows).toBe(0);
  expect(await contentOf(store)).toEqual(content);
});
