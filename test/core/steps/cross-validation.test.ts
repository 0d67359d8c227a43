import { beforeAll, describe, expect, test } from 'vitest';
import { Conclusion, RefitResult } from '../../../core/contracts/conclusion.ts';
import { keys } from '../../../core/contracts/keys.ts';
import type { Leg } from '../../../core/contracts/names.ts';
import { Dataset, Prediction } from '../../../core/contracts/records.ts';
import { ModelCard, type Reported, type Study } from '../../../core/contracts/study.ts';
import { readHistory, readStudy } from '../../../core/search/study-folder.ts';
import { latestValue, trialsOf } from '../../../core/search/trials.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { readAll, readObject } from '../../../core/steps/objects.ts';
import type { Ports } from '../../../core/steps/ports.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../../../core/store.ts';
import { trainables } from '../../../core/trainables/registered.ts';
import { copyOf } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  execution,
  fileOf,
  flights,
  predictAll,
  prepare,
  putSpec,
  refitAsked,
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
  study = await readStudy(store, id);
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
    const alone = await readStudy(sides, id);
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

test('of folds that are ordered in time, each is prepared of the rows before it', async () => {
  const here = await copyOf(store);
  const ports = stepPorts(here, {});
  const parts = dataset.partitions.train.map(({ fold: part, ...partition }) => ({ part: part!, partition }));
  const rowsOf = (among: readonly number[]) =>
    parts.reduce((sum, { part, partition }) => sum + (among.includes(part) ? partition.rows : 0), 0);
  const ordered: Dataset = {
    ...dataset,
    dataset: 'ordered-000000000000',
    folds: { count: 2, ordered: true },
    partitions: {
      ...dataset.partitions,
      // The first part is learned from alone.
      train: parts.map(({ part, partition }) => (part === 0 ? partition : { ...partition, fold: part - 1 })),
    },
  };
  await here.put(keys.datasetManifest(ordered.dataset), encodeJson(ordered));
  await here.put(keys.profile(ordered.dataset), (await here.get(keys.profile(dataset.dataset)))!.body);
  const id = await prepare(await putSpec(here, specOf({ tune })), ordered.dataset, ports);
  await runLane(id, ports);
  const prepared: Record<string, unknown> = {};
  for await (const { key } of here.list(`${keys.dataset(ordered.dataset)}bins/`)) {
    if (!key.endsWith('/prepared.json')) continue;
    prepared[key.split('/')[4]!] = decodeJson((await here.get(key))!.body);
  }
  const all = (rows: number) => ({ rows, of: rows });
  expect(prepared).toEqual({ 'fold-0': all(rowsOf([0])), 'fold-1': all(rowsOf([0, 1])) });
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

describe('a refit', () => {
  const refitOnce = async (ports: Ports) => refitAsked(await conclude(ports), ports);
  const conclude = (ports: Ports) => concludeStudy({ study: study.study, execution }, ports);

  test("is asked for by the first conclusion, and its model is the study's by the second", async () => {
    const here = await copyOf(store);
    const ports = stepPorts(here, {});
    expect(await conclude(ports)).toEqual({
      ...{ next: 'refit', study: study.study, execution },
      leg: { trial: expect.any(Number), rung: 1 },
    });
    expect(await readAll(here, keys.conclusions(study.study), Conclusion)).toEqual([]);
    expect(await refitOnce(ports)).toEqual({ next: 'done' });
    const concluded = await conclude(ports);
    const [conclusion] = await readAll(here, keys.conclusions(study.study), Conclusion);
    const { best, refit } = conclusion!;
    expect(concluded).toMatchObject({ next: 'register', best, refit });
    expect(refit).toEqual({
      ...{ rows: dataset.rows.train, resource: 6, seconds: 0 },
      model: best.model,
    });
    const trial = trialsOf(study, await readHistory(here, study.study), true)[best.trial]!;
    expect(best).toMatchObject({
      value: latestValue(trial),
      spread: trial.rungs.at(-1)!.spread,
      resource: 6,
    });
    const card = await readObject(here, keys.modelCard(best.model!), ModelCard);
    expect(card.example.length).toBeGreaterThan(0);
  });

  test('goes on from checkpoints, and gives the model of one go', async () => {
    const modelOf = async (change: Partial<Ports>) => {
      const here = await copyOf(store);
      const { leg } = (await conclude(stepPorts(here, {}))) as { readonly leg: Leg };
      let invocations = 1;
      while ((await refitOnce(stepPorts(here, {}, change))).next === 'continue') invocations++;
      const { model } = await readObject(here, keys.refitResult(study.study, leg), RefitResult);
      expect(await here.head(keys.refitPartial(study.study, leg))).toBeUndefined();
      return { invocations, digest: model!.digest };
    };
    const whole = await modelOf({});
    const hurried = await modelOf({ remaining: () => 0 });
    expect([whole.invocations, hurried.invocations]).toEqual([1, 7]);
    expect(hurried.digest).toBe(whole.digest);
  });

  test('learns from the validation side too: its model is that of a study which had all rows to learn from', async () => {
    const here = memoryStore();
    const ports = stepPorts(here, { flights: [fileOf('csv', flights(1500))] });
    const alone = { ...tune, trials: 1, refit: true };
    const spec = await putSpec(here, specOf({ tune: alone }));
    const { dataset: id } = await splitAll(spec, ports);
    const sides = await readObject(here, keys.datasetManifest(id), Dataset);
    const refitting = await prepare(spec, id, ports);
    await runLane(refitting, ports);
    await refitAsked(await concludeStudy({ study: refitting, execution }, ports), ports);
    const { refit, best } = (await concludeStudy({ study: refitting, execution }, ports)) as Conclusion;
    expect(refit).toMatchObject({ rows: sides.rows.train + sides.rows.validation, resource: 6 });

    const all: Dataset = {
      ...sides,
      dataset: 'all-000000000000',
      partitions: { ...sides.partitions, train: [...sides.partitions.train, ...sides.partitions.validation] },
    };
    await here.put(keys.datasetManifest(all.dataset), encodeJson(all));
    await here.put(keys.profile(all.dataset), (await here.get(keys.profile(id)))!.body);
    const plain = { ...alone, refit: false, scheduler: { kind: 'none', max: 6 } };
    const direct = await prepare(await putSpec(here, specOf({ tune: plain })), all.dataset, ports);
    await runLane(direct, ports);
    const concluded = (await concludeStudy({ study: direct, execution }, ports)) as Conclusion;
    expect(concluded.refit).toBeUndefined();
    expect(best.model).toBe(concluded.best.model);
    expect(best.value).not.toBe(concluded.best.value);
  });
});

test.each(Object.keys(trainables))('%s is trained on folds, refitted, and predicts', async (trainable) => {
  const here = memoryStore();
  const ports = stepPorts(here, { flights: [fileOf('csv', flights(600))] });
  const few = { trainable, trials: 1, scheduler: { kind: 'none', max: 2 }, space: {} };
  const spec = await putSpec(here, specOf({ split, tune: few }));
  const { dataset: id } = await splitAll(spec, ports);
  const of = await prepare(spec, id, ports);
  expect(await runLane(of, ports)).toHaveLength(3);
  const asked = await concludeStudy({ study: of, execution }, ports);
  while ((await refitAsked(asked, ports)).next === 'continue');
  const { best, refit } = (await concludeStudy({ study: of, execution }, ports)) as Conclusion;
  const values = best.spread!.values.map(Number);
  expect(best.value).toBeCloseTo((values[0]! + values[1]! + values[2]!) / 3, 12);
  expect(refit!.model).toBe(best.model);
  const { prediction } = await predictAll(spec, best.model!, id, ports);
  const { rows, predicted, drift } = await readObject(here, keys.predictionManifest(prediction), Prediction);
  expect(predicted).toBe(rows);
  // No row is left that would tell how a refitted model's scores should lie.
  expect(drift).toMatchObject({ kind: 'compared', scores: [] });
  expect(rows).toBeGreaterThan(30);
});
