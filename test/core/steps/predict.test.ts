import { parquetWriteBuffer } from 'hyparquet-writer';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Reject } from '../../../core/contracts/job.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { Dataset, type Partition, Prediction } from '../../../core/contracts/records.ts';
import { PredictionSpec } from '../../../core/contracts/spec.ts';
import { digestOf } from '../../../core/digest.ts';
import { commitPrediction } from '../../../core/steps/commit-prediction.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { predictShard } from '../../../core/steps/predict-shard.ts';
import { type ByteSource, encodeJson, type ObjectStore } from '../../../core/store.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { copyOf } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  execution,
  fileOf,
  flights,
  planPredict,
  predictAll,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';
import { rowsOf } from '../../support/tables.ts';

let trained: ObjectStore;
let model: string;
let dataset: string;
const spec = specOf();

beforeAll(async () => {
  trained = memoryStore();
  const ports = stepPorts(trained, { flights: [fileOf('csv', flights(1500))] });
  const digest = await putSpec(trained, spec);
  ({ dataset } = await splitAll(digest, ports));
  const study = await prepare(digest, dataset, ports);
  await runLane(study, ports);
  const { best } = (await concludeStudy({ study, execution }, ports)) as { best: { model: string } };
  model = best.model;
});

/** Predicts a table in `shards`, and gives the manifest with what it names. */
async function predicted(
  source: ByteSource,
  shards: number,
  tolerance = 1,
  store?: ObjectStore,
  format = 'ndjson',
) {
  const into = store ?? (await copyOf(trained));
  const ports = stepPorts(into, { new: [source] });
  const columns = { distance: 'float', seats: 'integer', late: 'boolean' };
  const predict = { table: { path: 'new', shards, columns }, format, tolerance };
  const digest = await putSpec(into, specOf({ predict }));
  const { prediction } = await predictAll(digest, model, null, ports);
  const manifest = await readObject(into, keys.predictionManifest(prediction), Prediction);
  const rows = await linesOf<{ readonly id: number; readonly probability: number }>(into, manifest.parts);
  return { manifest, rows, rejects: await linesOf<Reject>(into, manifest.rejects) };
}

async function linesOf<Line>(store: ObjectStore, partitions: readonly Partition[]): Promise<Line[]> {
  const texts = await Promise.all(
    partitions.map(async (partition) => new TextDecoder().decode(await readPartition(store, partition))),
  );
  return texts
    .join('')
    .trimEnd()
    .split('\n')
    .flatMap((line) => (line ? [JSON.parse(line) as Line] : []));
}

const table = flights(400, 5000);

/** The table's CSV with other lines at these places, and the offset of each line. */
function csvWith(changes: Readonly<Record<number, string>>) {
  const [header, ...lines] = new TextDecoder()
    .decode(encodeTable('csv', [table]))
    .trimEnd()
    .split('\n');
  const changed = lines.map((line, row) => changes[row] ?? line);
  let at = header!.length + 1;
  const offsets = changed.map((line) => {
    const offset = at;
    at += line.length + 1;
    return offset;
  });
  return { source: byteSource(`${[header, ...changed].join('\n')}\n`, 'new.csv'), offsets };
}

describe('rows that cannot be read or predicted', () => {
  const { source, offsets } = csvWith({
    7: '5007,far,3,C1,true',
    250: '5250,1.5,,C1,true',
    399: '5399,1.5,3',
  });

  test.each([1, 7])('are rejected with their places, and no other is, in %i shards', async (shards) => {
    const { manifest, rows, rejects } = await predicted(source, shards);
    expect(manifest).toMatchObject({ rows: 400, predicted: 397, rejected: 3 });
    const inOrder = rejects.toSorted((a, b) => a.row - b.row);
    expect(inOrder.map(({ row, offset, column, file }) => [row, offset, column, file])).toEqual([
      [7, offsets[7], 'distance', source.uri],
      [250, offsets[250], 'seats', source.uri],
      [399, offsets[399], '', source.uri],
    ]);
    expect(inOrder[0]).toMatchObject({ raw: '5007,far,3,C1,true' });
    const left = Array.from({ length: 400 }, (_, row) => 5000 + row).filter(
      (id) => ![5007, 5250, 5399].includes(id),
    );
    expect(rows.map(({ id }) => id)).toEqual(left);
    expect(rows.every(({ probability }) => probability > 0 && probability < 1)).toBe(true);
  });

  test.each([
    [0.0075, true],
    [0.007, false],
  ])('are as many as the tolerance %d allows: %s', async (tolerance, allowed) => {
    const store = await copyOf(trained);
    const running = predicted(source, 3, tolerance, store);
    if (allowed) expect((await running).manifest.rejected).toBe(3);
    else
      await expect(running).rejects.toMatchObject({
        name: 'TooManyRejects',
        message: expect.stringMatching(/^3 of 400 rows were rejected, predict\.tolerance allows 0\.007/),
      });
  });

  test('leave no manifest where they are too many', async () => {
    const store = await copyOf(trained);
    await expect(predicted(source, 3, 0, store)).rejects.toThrow();
    for await (const { key } of store.list('predictions/')) expect(key).not.toContain('manifest');
  });

  test('of a Parquet file have their index in it as place', async () => {
    const rows = rowsOf(table).map((row, at) => (at === 7 || at === 330 ? row.with(2, null) : row));
    const types = ['INT64', 'DOUBLE', 'INT64', 'STRING', 'BOOLEAN'] as const;
    const columnData = table.fields.map(({ name }, at) => ({
      ...{ name, type: types[at]!, nullable: true },
      data: rows.map((row) => row[at]!),
    }));
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 100 }));
    const { manifest, rejects } = await predicted(byteSource(bytes, 'new.parquet'), 4);
    expect(manifest).toMatchObject({ rows: 400, predicted: 398, rejected: 2 });
    expect(rejects.map(({ row, column }) => [row, column])).toEqual([
      [7, 'seats'],
      [330, 'seats'],
    ]);
  });

  test('may be all of them', async () => {
    const bad = csvWith(
      Object.fromEntries(Array.from({ length: 400 }, (_, row) => [row, `${row},far,1,C1,true`])),
    );
    const { manifest, rejects } = await predicted(bad.source, 2);
    expect(manifest).toMatchObject({ rows: 400, predicted: 0, rejected: 400, parts: [] });
    expect(rejects.map(({ row }) => row)).toEqual(bad.offsets.map((_, row) => row));
    expect(rejects.map(({ offset }) => offset)).toEqual(bad.offsets);
  });
});

test.each(['parquet', 'csv', 'ndjson', 'arrow'])(
  'predictions of %s rows are those of any format',
  async (format) => {
    const source = fileOf(format as 'csv', table);
    const reference = await predicted(fileOf('csv', table), 1);
    const { manifest, rows } = await predicted(source, 2);
    expect(manifest).toMatchObject({ rows: 400, predicted: 400, rejected: 0 });
    expect(rows).toEqual(reference.rows);
  },
);

test('the manifest counts the bytes and rows of each part, and sums to the whole', async () => {
  const { manifest } = await predicted(fileOf('csv', table), 5);
  expect(manifest.parts).toHaveLength(5);
  expect(manifest.parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(400);
});

test('the test side of a dataset is predicted whole', async () => {
  const store = await copyOf(trained);
  const ports = stepPorts(store, {});
  const { prediction } = await predictAll(await putSpec(store, spec), model, dataset, ports);
  const { rows } = await readObject(store, keys.datasetManifest(dataset), Dataset);
  const manifest = await readObject(store, keys.predictionManifest(prediction), Prediction);
  expect(manifest).toMatchObject({ rows: rows.test, predicted: rows.test, rejected: 0 });
});

test('a table is predicted by a specification that has neither a target nor a study', async () => {
  const store = await copyOf(trained);
  const ports = stepPorts(store, { new: [fileOf('csv', flights(50))] });
  const only = PredictionSpec.parse({ name: 'new', table: { path: 'new' }, predict: { format: 'csv' } });
  const digest = await digestOf(only);
  await store.put(keys.spec(digest), encodeJson(only));
  const { prediction } = await predictAll(digest, model, null, ports);
  const manifest = await readObject(store, keys.predictionManifest(prediction), Prediction);
  expect(manifest).toMatchObject({ rows: 50, predicted: 50, rejected: 0, scores: [], experiment: 'new' });
});

test('a partition whose bytes changed is refused, with both sums', async () => {
  const store = await copyOf(trained);
  const ports = stepPorts(store, {});
  const { partitions } = await readObject(store, keys.datasetManifest(dataset), Dataset);
  const { key, sha256 } = partitions.test[0]!;
  await store.put(key, new Uint8Array([1, 2, 3]));
  const { job } = await planPredict(await putSpec(store, spec), model, dataset, ports);
  // The SHA-256 of the bytes 1, 2, 3 by sha256sum.
  const found = '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81';
  await expect(predictShard({ job, shard: 0, execution }, ports)).rejects.toMatchObject({
    name: 'StoreFailed',
    message: expect.stringContaining(
      `object ${key} is changed (sha256 ${found}); its manifest says sha256 ${sha256}. Put it back or remove datasets/late-`,
    ),
  });
});

test('a commit whose shard is not written, and of which no loss tells, is refused', async () => {
  const store = await copyOf(trained);
  const ports = stepPorts(store, {});
  const { job } = await planPredict(await putSpec(store, spec), model, dataset, ports);
  await predictShard({ job, shard: 0, execution }, ports);
  await expect(commitPrediction({ job, execution }, ports)).rejects.toMatchObject({
    name: 'BadTable',
    message: '2 of 3 shards failed, and none says why',
  });
});

test('a column that the model needs and the table lacks is named before any row is read', async () => {
  const store = await copyOf(trained);
  const ports = stepPorts(store, { new: [byteSource('id,distanze,seats,city\n1,2.5,3,C1\n', 'new.csv')] });
  const digest = await putSpec(store, specOf({ predict: { table: 'new' } }));
  await expect(planPredict(digest, model, null, ports)).rejects.toMatchObject({
    name: 'MissingInput',
    message: expect.stringMatching(/the model wants a column "?distance"?.*distanze/),
  });
});
