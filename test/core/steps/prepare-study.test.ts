import { expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { claimsPerLane } from '../../../core/contracts/study.ts';
import { readStudy } from '../../../core/search/study-folder.ts';
import { decodeJson } from '../../../core/store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { fileOf, flights, prepare, putSpec, specOf, splitAll, stepPorts } from '../../support/step-world.ts';

test.each([
  [claimsPerLane / 2, 2],
  [claimsPerLane / 2 + 1, 2 + 2],
  [10_000, 2 + 40],
])(
  'of a study of %i trials on two rungs, two lanes at a time, there are %i lanes in all',
  async (trials, lanes) => {
    const store = memoryStore();
    const ports = stepPorts(store, { flights: [fileOf('csv', flights(300))] });
    const scheduler = { kind: 'asha', min: 2, max: 6, eta: 3 };
    const spec = await putSpec(
      store,
      specOf({ tune: { trials, scheduler, space: { leaves: { low: 3, high: 12, integer: true } } } }),
    );
    const { dataset } = await splitAll(spec, ports);
    const study = await prepare(spec, dataset, ports);
    const list = decodeJson((await store.get(keys.lanes(study, 2)))!.body);
    expect(list).toEqual(Array.from({ length: lanes }, (_, lane) => ({ lane })));
  },
);

test('a study says what is predicted, and the weight is no input', async () => {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [fileOf('csv', flights(300))] });
  const { inputs: _, ...rest } = specOf({ columns: { weight: 'distance', id: 'id' } });
  const spec = await putSpec(store, rest);
  const { dataset } = await splitAll(spec, ports);
  const study = decodeJson((await store.get(keys.studyRecord(await prepare(spec, dataset, ports))))!.body);
  expect(study).toMatchObject({
    task: { kind: 'binary', classes: [0, 1] },
    weight: 'distance',
    inputs: ['seats', 'city'],
  });
});

test.each([
  [20, { kind: 'gp', startup: 10 }],
  [301, { kind: 'tpe', startup: 10, candidates: 24 }],
])('a study of %i trials names the sampler that was chosen for it', async (trials, sampler) => {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [fileOf('csv', flights(300))] });
  const space = { leaves: { low: 3, high: 12, integer: true } };
  const spec = await putSpec(store, specOf({ tune: { trials, space } }));
  const { dataset } = await splitAll(spec, ports);
  expect(await readStudy(store, await prepare(spec, dataset, ports))).toMatchObject({ sampler });
});

test('a study has the points that it begins with, and others make another study of it', async () => {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [fileOf('csv', flights(300))] });
  const space = { leaves: { low: 3, high: 12, integer: true } };
  const studyWith = async (tune: object) => {
    const spec = await putSpec(store, specOf({ tune: { space, ...tune } }));
    const { dataset } = await splitAll(spec, ports);
    return prepare(spec, dataset, ports);
  };
  const study = await studyWith({ points: [{ leaves: 5 }] });
  expect(decodeJson((await store.get(keys.studyRecord(study)))!.body)).toMatchObject({
    points: [{ leaves: 5 }],
  });
  expect(await studyWith({ points: [{ leaves: 6 }] })).not.toBe(study);
  expect(await studyWith({})).not.toBe(study);
  const constrained = await studyWith({ constraints: ['leaves > 4'], points: [{ leaves: 5 }] });
  expect(constrained).not.toBe(study);
  const record = decodeJson((await store.get(keys.studyRecord(constrained)))!.body);
  expect(record).toMatchObject({ constraints: ['leaves > 4'] });
});

test('a study of a grid has as many trials as that has combinations, or fewer where fewer are asked for', async () => {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [fileOf('csv', flights(300))] });
  const space = { leaves: { low: 3, high: 12, integer: true }, l2: [0, 1] };
  const trialsOf = async (tune: object) => {
    const spec = await putSpec(store, specOf({ tune: { space, sampler: 'grid', ...tune } }));
    const { dataset } = await splitAll(spec, ports);
    return (await readStudy(store, await prepare(spec, dataset, ports))).trials;
  };
  expect(await trialsOf({ constraints: ['leaves < 6 or l2 == 0'] })).toBe(10 + 3);
  expect(await trialsOf({ trials: 21, seed: 1 })).toBe(20);
  expect(await trialsOf({ trials: 5, seed: 2 })).toBe(5);
});
