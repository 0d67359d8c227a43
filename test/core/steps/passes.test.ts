import { beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Dataset } from '../../../core/contracts/records.ts';
import { Claim } from '../../../core/contracts/study.ts';
import { readStudy } from '../../../core/search/study-folder.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { gather } from '../../../core/steps/gather.ts';
import { loseShard } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { partsOf } from '../../../core/steps/passes.ts';
import type { Ports } from '../../../core/steps/ports.ts';
import { prepareStudy } from '../../../core/steps/prepare-study.ts';
import { tell } from '../../../core/steps/tell.ts';
import { train } from '../../../core/steps/train.ts';
import { decodeJson, type ObjectStore } from '../../../core/store.ts';
import { contentOf, copyOf, crashingStore } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  askAs,
  execution,
  fileOf,
  flights,
  putSpec,
  refitAsked,
  specOf,
  splitAll,
  stepPorts,
  trainOnce,
} from '../../support/step-world.ts';

interface Answer {
  readonly next: string;
  readonly job: string;
  readonly shards: string;
  readonly study: string;
  readonly outcome: Awaited<ReturnType<typeof trainOnce>>['outcome'];
}

/** As the flow does: parts are gathered, one after the other, and the same is asked again. Answers with the last, and how many passes there were. */
async function withPasses(
  ask: () => Promise<object>,
  ports: Ports,
): Promise<Answer & { readonly passes: number }> {
  for (let passes = 0; ; passes++) {
    const answer = (await ask()) as Answer;
    if (answer.next !== 'gather') return { ...answer, passes };
    const parts = decodeJson((await ports.store.get(answer.shards))!.body) as readonly {
      readonly shard: number;
    }[];
    expect(parts.length).toBeGreaterThan(1);
    for (const { shard } of parts) await gather({ job: answer.job, shard, execution }, ports);
  }
}

const spec = specOf({
  tune: {
    trainable: 'linear',
    trials: 1,
    scheduler: { kind: 'none', max: 20 },
    space: { C: 0.5 },
    refit: true,
  },
});
/** A part a partition, of which there are three. */
const inParts = { partBytes: 1 };

let split: ObjectStore;
let digest: string;
let dataset: string;
const prepareIn = (ports: Ports) => () => prepareStudy({ spec: digest, dataset, lanes: 2, execution }, ports);

beforeAll(async () => {
  split = memoryStore();
  const ports = stepPorts(split, { flights: [fileOf('csv', flights(2000))] });
  digest = await putSpec(split, spec);
  ({ dataset } = await splitAll(digest, ports));
});

async function prepared() {
  const store = await copyOf(split);
  const ports = stepPorts(store, {}, inParts);
  const { study, passes } = await withPasses(prepareIn(ports), ports);
  return { store, ports, study, passes, claim: (await askAs(study, 0, ports)).claim };
}

describe('a training side in parts', () => {
  test('is learned from by a pass, and a trial of classes by a pass a round', async () => {
    const { store, ports, study, passes, claim } = await prepared();
    expect(passes).toBe(1);
    expect(await readStudy(store, study)).toMatchObject({ passes: true });
    const trained = await withPasses(() => train({ study, claim }, ports), ports);
    if (trained.outcome.kind !== 'reported') throw new Error('a value was to be reported');
    expect(trained.passes).toBe(trained.outcome.resource);
    expect(trained.passes).toBeGreaterThan(3);

    // The same at once.
    const other = await copyOf(split);
    const whole = stepPorts(other, {});
    const once = (await prepareIn(whole)()) as Answer;
    expect(once.next).toBe('lanes');
    const { outcome } = await trainOnce(once.study, (await askAs(once.study, 0, whole)).claim, whole);
    if (outcome.kind !== 'reported') throw new Error('a value was to be reported');
    expect(outcome.resource).toBe(trained.outcome.resource);
    expect(outcome.reports.length).toBe(trained.outcome.reports.length);
    for (const [at, { step, value }] of outcome.reports.entries()) {
      expect(trained.outcome.reports[at]!.step).toBe(step);
      expect(trained.outcome.reports[at]!.value).toBeCloseTo(value, 9);
    }
  });

  test('leaves the sums of its passes, and none of their parts', async () => {
    const { store, ports, study, claim } = await prepared();
    const { passes } = await withPasses(() => train({ study, claim }, ports), ports);
    const left = Object.keys(await contentOf(store)).filter((key) => key.includes('/passes/'));
    expect(left.filter((key) => key.endsWith('/merged.bin'))).toHaveLength(passes + 1);
    expect(left.filter((key) => key.includes('/parts/') || key.includes('/losses/'))).toEqual([]);
  });

  test('is what the best trial is trained on once more, validation side and all', async () => {
    const { ports, study, claim } = await prepared();
    const { outcome } = await withPasses(() => train({ study, claim }, ports), ports);
    await tell({ study, claim, outcome }, ports);
    const asked = await concludeStudy({ study, execution }, ports);
    expect(asked).toMatchObject({ next: 'refit' });
    const refitted = await withPasses(() => refitAsked(asked, ports), ports);
    expect(refitted.next).toBe('done');
    // One to learn the features of all rows, and one a round.
    expect(refitted.passes).toBeGreaterThan(3);
    expect(await concludeStudy({ study, execution }, ports)).toMatchObject({ next: 'register' });
  });
});

test('a crash at any write of the search, its passes and its training comes to the same objects', async () => {
  const all = async (ports: Ports) => {
    const { study } = await withPasses(prepareIn(ports), ports);
    // Asked again, the lane is given the claim that it has.
    const { claim } = await askAs(study, 0, ports);
    return withPasses(() => train({ study, claim }, ports), ports);
  };
  const portsOf = (store: ObjectStore) => stepPorts(store, {}, inParts);
  const calm = crashingStore(await copyOf(split));
  const { outcome } = await all(portsOf(calm));
  const content = await contentOf(calm);
  expect(calm.writes.length).toBeGreaterThan(50);
  for (let write = 1; write <= calm.writes.length; write++) {
    for (const when of ['before', 'after'] as const) {
      const at = `${when} ${calm.writes[write - 1]}`;
      const store = await copyOf(split);
      await expect(all(portsOf(crashingStore(store, { write, when }))), at).rejects.toThrow(`crashed ${at}`);
      expect((await all(portsOf(store))).outcome, at).toEqual(outcome);
      expect(await contentOf(store), at).toEqual(content);
    }
  }
});

describe('a part', () => {
  async function wanted() {
    const store = await copyOf(split);
    const ports = stepPorts(store, {}, inParts);
    const { job } = (await prepareIn(ports)()) as Answer;
    await gather({ job, shard: 0, execution }, ports);
    return { store, ports, job, key: keys.passPart(job, 0) };
  }

  test('that was gathered is not gathered again', async () => {
    const { store, ports, job } = await wanted();
    const before = await contentOf(store);
    const unread = { ...store, put: () => Promise.reject(new Error('written')) };
    await gather({ job, shard: 0, execution }, { ...ports, store: unread });
    expect(await contentOf(store)).toEqual(before);
  });

  test('that was altered is gathered again, by the next execution or the Map that is asked for', async () => {
    const { store, ports, job, key } = await wanted();
    const sound = (await store.get(key))!.body;
    const broken = sound.slice();
    broken[broken.length >> 1]! ^= 1;
    await store.put(key, broken);
    expect(await withPasses(prepareIn(ports), ports)).toMatchObject({ next: 'lanes', passes: 1 });
    await store.put(key, broken);
    await store.delete(keys.passMerged(job));
    await gather({ job, shard: 0, execution }, ports);
    expect((await store.get(key))!.body).toEqual(sound);
  });

  test('that was lost fails who asked for its pass by its own error, until another execution tries again', async () => {
    const { ports, job } = await wanted();
    const Cause = JSON.stringify({ errorType: 'StoreFailed', errorMessage: 'object train/00001 is gone' });
    await loseShard({ job, shard: 1, execution, error: { Error: 'StoreFailed', Cause } }, ports);
    await expect(prepareIn(ports)()).rejects.toMatchObject({
      name: 'StoreFailed',
      message: 'object train/00001 is gone (part 1 of a pass)',
    });
    const another = () => prepareStudy({ spec: digest, dataset, lanes: 2, execution: 'another' }, ports);
    expect(await another()).toMatchObject({ next: 'gather', job, asker: 'prepare', lanes: 2, dataset });
  });

  test('whose partition was altered says which', async () => {
    const { store, ports, job } = await wanted();
    const { partitions } = await readObject(store, keys.datasetManifest(dataset), Dataset);
    const { key } = partitions.train[1]!;
    const bytes = (await store.get(key))!.body;
    bytes[bytes.length - 100]! ^= 1;
    await store.put(key, bytes);
    await expect(gather({ job, shard: 1, execution }, ports)).rejects.toMatchObject({
      name: 'StoreFailed',
      message: expect.stringContaining(key),
    });
  });

  test('that the pass does not have is refused', async () => {
    const { ports, job } = await wanted();
    await expect(gather({ job, shard: 9, execution }, ports)).rejects.toThrow(
      `there is no part 9 of the pass ${job}`,
    );
  });
});

test('a trial that waits for a pass keeps what it has come to', async () => {
  const { store, ports, study, claim } = await prepared();
  const first = (await train({ study, claim }, ports)) as Answer;
  expect(first.next).toBe('gather');
  const leg = await readObject(store, claim, Claim);
  expect(await store.head(keys.partial(study, leg))).toBeDefined();
  await withPasses(() => train({ study, claim }, ports), ports);
  expect(await store.head(keys.partial(study, leg))).toBeUndefined();
});

test('parts are runs of partitions of at most so many bytes, or of one', () => {
  const of = (...sizes: number[]) =>
    sizes.map((bytes, at) => ({ key: `p${at}`, rows: 1, bytes, sha256: 'a'.repeat(64) }));
  const sizes = (parts: ReturnType<typeof partsOf>) => parts.map((part) => part.map(({ bytes }) => bytes));
  expect(sizes(partsOf(of(4, 5, 1, 2, 20, 3, 7), 10))).toEqual([[4, 5, 1], [2], [20], [3, 7]]);
  expect(partsOf([], 10)).toEqual([]);
});
