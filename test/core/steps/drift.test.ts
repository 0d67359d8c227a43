import { beforeAll, describe, expect, test } from 'vitest';
import { DriftRecord, ModelProfile } from '../../../core/contracts/drift.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { Prediction } from '../../../core/contracts/records.ts';
import { ModelCard } from '../../../core/contracts/study.ts';
import { sha256 } from '../../../core/digest.ts';
import { aggregate } from '../../../core/steps/aggregate.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { finishStudy } from '../../../core/steps/finish-study.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import type { ObjectStore } from '../../../core/store.ts';
import type { Batch } from '../../../core/tables/batch.ts';
import { copyOf } from '../../support/crashing-store.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  execution,
  fileOf,
  flights,
  predictAll,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';
import { batchOf, rowsOf, type Value } from '../../support/tables.ts';

let trained: ObjectStore;
let model: string;
let ids: { readonly dataset: string; readonly study: string; readonly spec: string };

beforeAll(async () => {
  trained = memoryStore();
  const ports = stepPorts(trained, { flights: [fileOf('csv', flights(3000))] });
  const spec = await putSpec(trained, specOf());
  const { dataset } = await splitAll(spec, ports);
  const study = await prepare(spec, dataset, ports);
  await runLane(study, ports);
  await finishStudy({ study, execution, error: null }, ports);
  const { best } = (await concludeStudy({ study, execution }, ports)) as { best: { model: string } };
  model = best.model;
  ids = { dataset, study, spec };
});

/** What a prediction of those rows says of their drift. */
async function driftOf(batch: Batch, predict: object = {}, into?: ObjectStore) {
  const store = into ?? (await copyOf(trained));
  const ports = stepPorts(store, { new: [fileOf('csv', batch)] });
  const columns = { distance: 'float', seats: 'integer', city: 'string', late: 'boolean' };
  const spec = specOf({
    predict: { table: { path: 'new', columns }, format: 'csv', tolerance: 1, ...predict },
  });
  const { prediction } = await predictAll(await putSpec(store, spec), model, null, ports);
  const { drift } = await readObject(store, keys.predictionManifest(prediction), Prediction);
  const bytes = drift.file ? await readPartition(store, drift.file) : undefined;
  const record = bytes && DriftRecord.parse(JSON.parse(new TextDecoder().decode(bytes)));
  return { drift, record, column: (name: string) => record?.columns.find((column) => column.name === name) };
}

/** Flights of the same kind as the training ones, with each row changed. */
function changed(rows: number, change: (row: Value[], at: number) => Value[]): Batch {
  const batch = flights(rows, 9000);
  return batchOf(
    batch.fields,
    rowsOf(batch).map((row, at) => change([...row], at)),
  );
}

const levels = (drift: Awaited<ReturnType<typeof driftOf>>['drift']) =>
  drift.kind === 'compared'
    ? Object.fromEntries([...drift.worst, ...drift.scores].map(({ name, level }) => [name, level]))
    : drift.reason;

describe('what a model was trained on', () => {
  test('lies beside it, in the bins of its columns and scores, and its card names the dataset', async () => {
    const profile = await readObject(trained, keys.modelProfile(model), ModelProfile);
    const card = await readObject(trained, keys.modelCard(model), ModelCard);
    const whole = (await trained.get(keys.profile(ids.dataset)))!.body;
    expect(card.trained).toEqual({ dataset: ids.dataset, profile: await sha256(whole) });
    expect(profile).toMatchObject(card.trained!);
    expect(profile.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['distance', 'numbers'],
      ['seats', 'numbers'],
      ['city', 'categories'],
    ]);
    const { rows } = JSON.parse(new TextDecoder().decode(whole)).train;
    for (const { counts, missing } of profile.columns)
      expect(counts.reduce((sum, count) => sum + count, missing)).toBe(rows);
    expect(profile.scores).toMatchObject([{ kind: 'numbers', name: 'probability', missing: 0 }]);
    expect((await trained.get(keys.modelProfile(model)))!.size).toBeLessThan(4096);
  });

  test('comes along from MLflow', async () => {
    const store = await copyOf(trained);
    const tracker = new FakeTracker();
    await aggregate({ kind: 'model', study: ids.study }, stepPorts(store, {}, { tracker }));
    const elsewhere = memoryStore();
    const spec = await putSpec(elsewhere, specOf());
    const resolved = await aggregate(
      { kind: 'resolve', spec, model: 'models:/late@challenger' },
      stepPorts(elsewhere, {}, { tracker }),
    );
    expect(resolved).toMatchObject({ digest: model });
    expect((await elsewhere.get(keys.modelProfile(model)))!.body).toEqual(
      (await trained.get(keys.modelProfile(model)))!.body,
    );
    const { drift } = await driftOf(flights(500, 9000), {}, elsewhere);
    expect(drift).toMatchObject({ kind: 'compared', level: 'stable' });
  });

  test('is left in MLflow where it is no profile, and predictions go on', async () => {
    const store = await copyOf(trained);
    const tracker = new FakeTracker();
    await aggregate({ kind: 'model', study: ids.study }, stepPorts(store, {}, { tracker }));
    tracker.models[0]!.files.set('training_profile.json', new TextEncoder().encode('{ "not": '));
    const elsewhere = memoryStore();
    const spec = await putSpec(elsewhere, specOf());
    const request = { kind: 'resolve', spec, model: 'models:/late@challenger' } as const;
    await aggregate(request, stepPorts(elsewhere, {}, { tracker }));
    expect(await elsewhere.head(keys.modelProfile(model))).toBeUndefined();
    expect((await driftOf(flights(50, 9000), {}, elsewhere)).drift).toMatchObject({ kind: 'unknown' });
  });
});

describe('rows like those of training', () => {
  test.each([3000, 200, 10, 1])('are stable: %i of them', async (rows) => {
    const { drift, record } = await driftOf(flights(rows, 9000));
    expect(drift).toMatchObject({ kind: 'compared', level: 'stable', columns: 3, major: 0, rows });
    expect(levels(drift)).toEqual({
      distance: 'stable',
      seats: 'stable',
      city: 'stable',
      probability: 'stable',
    });
    for (const { psi, noise } of [...record!.columns, ...record!.scores]) expect(psi).toBeLessThan(noise);
  });

  test('are the test side of the dataset', async () => {
    const store = await copyOf(trained);
    const { prediction } = await predictAll(ids.spec, model, ids.dataset, stepPorts(store, {}));
    const { drift, rows } = await readObject(store, keys.predictionManifest(prediction), Prediction);
    expect(drift).toMatchObject({ kind: 'compared', level: 'stable', rows });
  });
});

describe('rows of another kind', () => {
  test('are major in the column that moved, and in no other', async () => {
    const { drift, column } = await driftOf(
      changed(3000, (row) => row.with(1, Math.min(999.75, Number(row[1]) * 0.5 + 500))),
    );
    expect(drift).toMatchObject({
      kind: 'compared',
      level: 'major',
      major: 1,
      worst: [{ name: 'distance' }, {}, {}],
    });
    expect(levels(drift)).toMatchObject({ distance: 'major', seats: 'stable', city: 'stable' });
    // Of ten equal bins four or five are empty, the others hold twice as much: 5 (0.1 ln 1000 + 0.1 ln 2) is 3.8.
    expect(column('distance')!.psi).toBeGreaterThan(3);
    expect(column('distance')!.psi).toBeLessThan(4.1);
  });

  test('are major in the scores where the model answers otherwise', async () => {
    const { drift } = await driftOf(changed(3000, (row) => row.with(1, 900).with(3, 'C3')));
    expect(levels(drift)).toMatchObject({ distance: 'major', city: 'major', probability: 'major' });
  });

  test('are told by new words, values out of range and missing ones', async () => {
    const { drift, column } = await driftOf(
      changed(1000, (row, at) => [
        ...[row[0]!, at % 4 === 0 ? null : row[1]!, at % 5 === 0 ? 5000n : row[2]!],
        ...[at % 2 === 0 ? 'elsewhere' : row[3]!, row[4]!],
      ]),
    );
    expect(levels(drift)).toMatchObject({ distance: 'major', seats: 'major', city: 'major' });
    expect(column('distance')!.missing).toEqual({ expected: 0, actual: 0.25 });
    expect(column('seats')!.unseen).toBe(0.2);
    expect(column('city')!.unseen).toBe(0.5);
    expect(column('city')!.bins).toContainEqual({ bin: 'new', expected: 0, actual: 500 });
  });

  test('may hold infinite values alone, or none', async () => {
    const infinite = await driftOf(
      changed(300, (row) => row.with(1, Infinity)),
      {},
    );
    expect(infinite.column('distance')).toMatchObject({ level: 'major' });
    expect(infinite.column('distance')!.bins).toContainEqual({ bin: 'infinite', expected: 0, actual: 300 });
    const none = await driftOf(changed(300, (row) => row.with(1, null)));
    expect(none.column('distance')).toMatchObject({ level: 'major', missing: { actual: 1 } });
  });
});

describe('drift is not known', () => {
  test('of a model that nobody trained here, but the rows are told', async () => {
    const store = await copyOf(trained);
    await store.delete(keys.modelProfile(model));
    const { drift, record } = await driftOf(flights(500, 9000), {}, store);
    expect(drift).toMatchObject({ kind: 'unknown', reason: 'the model has no training profile' });
    expect(record).toMatchObject({ trained: null, columns: [], rows: 500, own: { rows: 500 } });
    expect(record!.own.columns).toMatchObject([{ name: 'distance' }, { name: 'seats' }, { name: 'city' }]);
  });

  test('where no row was predicted', async () => {
    const { drift } = await driftOf(changed(20, (row) => row.with(2, null)));
    expect(drift).toMatchObject({ kind: 'unknown', reason: 'no row was predicted' });
  });

  test('where it is turned off: then nothing of it is written', async () => {
    const store = await copyOf(trained);
    const { drift } = await driftOf(flights(100, 9000), { drift: false }, store);
    expect(drift).toEqual({ kind: 'unknown', reason: 'predict.drift is false', file: null });
    for await (const { key } of store.list('predictions/')) expect(key).not.toContain('drift');
  });
});

test('however a table is cut into shards, its drift is the same', async () => {
  const batch = changed(1500, (row, at) => row.with(1, at % 7 === 0 ? null : Number(row[1]) + 100));
  const columns = { distance: 'float', seats: 'integer', city: 'string', late: 'boolean' };
  const records = [];
  for (const shards of [1, 2, 9]) {
    const { record } = await driftOf(batch, { table: { path: 'new', columns, shards } });
    records.push({ ...record, prediction: '' });
  }
  expect(records[1]).toEqual(records[0]);
  expect(records[2]).toEqual(records[0]);
});
