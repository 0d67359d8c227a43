import { beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Dataset } from '../../../core/contracts/records.ts';
import { type Reported, Study } from '../../../core/contracts/study.ts';
import { readHistory } from '../../../core/search/study-folder.ts';
import { trialsOf } from '../../../core/search/trials.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { encodeJson, type ObjectStore } from '../../../core/store.ts';
import { copyOf } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  fileOf,
  flights,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';

const split = { folds: 3, test: 0.1 };
const tune = {
  trials: 2,
  scheduler: { kind: 'asha', min: 2, max: 6, eta: 3 },
  sampler: 'random',
  space: { leaves: 7, bagging_fraction: 0.8 },
};

let store: ObjectStore;
let dataset: Dataset;
let study: Study;

beforeAll(async () => {
  store = memoryStore();
  const ports = stepPorts(store, { flights: [fileOf('csv', flights(1500))] });
  const spec = await putSpec(store, specOf({ split, tune }));
  const planned = await splitAll(spec, ports);
  dataset = await readObject(store, keys.datasetManifest(planned.dataset), Dataset);
  const id = await prepare(spec, planned.dataset, ports);
  study = await readObject(store, keys.studyRecord(id), Study);
  await runLane(id, ports);
});

/** The outcome of each fold of a trial's rung. */
async function foldsOf(
  of: ObjectStore,
  { study: id }: Study,
  trial: number,
  rung: number,
): Promise<Reported[]> {
  const history = await readHistory(of, id);
  return history
    .rung(rung)
    .get(trial)!
    .map((claim) => history.eventOf(claim)!.outcome as Reported);
}

test('a trial is trained on each fold, and is worth the mean of their values', async () => {
  expect(study.folds).toEqual({ count: 3, race: true });
  const trials = trialsOf(study, await readHistory(store, study.study), true);
  expect(trials.map(({ state }) => state)).toEqual(['complete', 'pruned']);
  for (const { number, rungs } of trials) {
    for (const { rung, outcome, spread } of rungs) {
      const values = (await foldsOf(store, study, number, rung)).map(({ value }) => value);
      expect(new Set(values).size).toBe(3);
      expect(spread!.values).toEqual(values);
      expect(outcome.value).toBeCloseTo((values[0]! + values[1]! + values[2]!) / 3, 12);
    }
  }
});

describe.each([0, 1, 2])('fold %i', (fold) => {
  test('gives the very model and value of a study whose sides are the fold and the others', async () => {
    const sides = await copyOf(store);
    const ports = stepPorts(sides, {});
    const { train, test: testSide } = dataset.partitions;
    const bare = train.map(({ fold: of, ...partition }) => ({ of, partition }));
    const plain: Dataset = {
      ...dataset,
      dataset: 'sides-000000000000',
      folds: null,
      partitions: {
        train: bare.flatMap(({ of, partition }) => (of === fold ? [] : [partition])),
        validation: bare.flatMap(({ of, partition }) => (of === fold ? [partition] : [])),
        test: testSide,
      },
    };
    await sides.put(keys.datasetManifest(plain.dataset), encodeJson(plain));
    await sides.put(keys.profile(plain.dataset), (await store.get(keys.profile(dataset.dataset)))!.body);
    const id = await prepare(await putSpec(sides, specOf({ tune })), plain.dataset, ports);
    await runLane(id, ports);
    const alone = await readObject(sides, keys.studyRecord(id), Study);
    expect(alone.folds).toBeUndefined();
    const [single] = await foldsOf(sides, alone, 0, 0);
    const within = (await foldsOf(store, study, 0, 0))[fold]!;
    expect(within.value).toBe(single!.value);
    expect(within.model!.digest).toBe(single!.model!.digest);
    expect(within.reports).toEqual(single!.reports);
  });
});

test('a fold has caches of its own', async () => {
  const folders = new Set<string>();
  for await (const { key } of store.list(`${keys.dataset(study.dataset)}bins/`))
    folders.add(key.split('/')[4]!);
  expect([...folders]).toEqual(['fold-0', 'fold-1', 'fold-2']);
});

test('a study without folds says nothing of them in what it writes', async () => {
  const plain = memoryStore();
  const ports = stepPorts(plain, { flights: [fileOf('csv', flights(1500))] });
  const spec = await putSpec(plain, specOf({ tune }));
  const id = await prepare(spec, (await splitAll(spec, ports)).dataset, ports);
  await runLane(id, ports);
  const written: string[] = [];
  for await (const { key } of plain.list('')) {
    if (!/study\.json|claims|events|results/.test(key)) continue;
    written.push(key);
    expect(new TextDecoder().decode((await plain.get(key))!.body)).not.toContain('"fold');
  }
  expect(written.length).toBeGreaterThan(6);
  expect(written).toContain(`studies/${id}/results/00000-0.json`);
});
