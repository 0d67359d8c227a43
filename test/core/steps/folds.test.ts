import { expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Dataset } from '../../../core/contracts/records.ts';
import { commitSplit } from '../../../core/steps/commit-split.ts';
import { mapShard } from '../../../core/steps/map-shard.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { planMap } from '../../../core/steps/plan-map.ts';
import { decodeJson, encodeJson } from '../../../core/store.ts';
import { byteSource } from '../../support/byte-source.ts';
import { countsOf, splitTable } from '../../support/split-world.ts';
import { execution, fileOf, flights, stepPorts } from '../../support/step-world.ts';
import { bringSource } from '../../support/user-code.ts';

const rows = 6000;
const table = fileOf('csv', flights(rows));
const digest = 'a'.repeat(64);

test('folds divide what is not for the test, the same rows in 3 shards and in 30', async () => {
  const change = { split: { folds: 4, test: 0.2 } };
  const [few, many] = [await splitTable(table, change, 3), await splitTable(table, change, 30)];
  expect(many.parts).toEqual(few.parts);
  expect(few.dataset.folds).toEqual({ count: 4, ordered: false });
  expect(few.dataset.rows.validation).toBe(0);
  const counts = countsOf(few);
  expect(Object.keys(counts).toSorted()).toEqual(['fold 0', 'fold 1', 'fold 2', 'fold 3', 'test']);
  // 20 % of 6000 each, within five standard deviations.
  for (const count of Object.values(counts)) expect(Math.abs(count - 1200)).toBeLessThan(155);
  const ids = Object.values(few.parts).flatMap((part) => part.map(([id]) => Number(id)));
  expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, id) => id));
});

test('folds are drawn from the rows that would train or validate without them: the test side is the same', async () => {
  const plain = await splitTable(table, {}, 3);
  const folded = await splitTable(table, { split: { folds: 5 } }, 3);
  expect(folded.parts.test).toEqual(plain.parts.test);
  expect(plain.dataset.folds).toBeNull();
});

test('a group is in one fold, and each fold has as many groups, in 3 shards and in 30', async () => {
  const change = { split: { folds: 3, test: 0.25 }, columns: { group: 'seats' } };
  const [few, many] = [await splitTable(table, change, 3), await splitTable(table, change, 30)];
  expect(many.parts).toEqual(few.parts);
  const groups = Object.values(few.parts).map((part) => new Set(part.map(([, , seats]) => seats)));
  expect(groups.map(({ size }) => size)).toEqual([75, 75, 75, 75]);
  expect(new Set(groups.flatMap((some) => [...some])).size).toBe(300);
});

test('a few groups are enough for as many folds, whatever chance says; more folds than groups are refused', async () => {
  const five = { split: { folds: 5, test: 0 }, columns: { group: 'city' } };
  const { parts } = await splitTable(table, five, 3);
  const cities = Object.values(parts).map((part) => new Set(part.map(([, , , city]) => city)).size);
  expect(cities).toEqual([1, 1, 1, 1, 1]);
  await expect(splitTable(table, { ...five, split: { folds: 5 } }, 3)).rejects.toMatchObject({
    name: 'BadTable',
    message:
      'table: each of 5 folds and test needs a city of its own (columns.group), which is 6, but there are 5; take fewer folds',
  });
});

test('rows without a group are each of their own, and a fold that chance left without a row is refused', async () => {
  const five = fileOf('csv', flights(5));
  await expect(
    splitTable(five, { split: { folds: 5, test: 0 }, columns: { id: 'city' } }, 1),
  ).rejects.toMatchObject({
    name: 'BadTable',
    message: expect.stringMatching(/too few values of city to be split: of 5 folds 0 has \d+ rows, 1 has/),
  });
  const lines = Array.from({ length: 90 }, (_, row) => `${row},${row < 60 ? '' : `g${row % 3}`},${row % 2}`);
  const file = byteSource(`x,g,late\n${lines.join('\n')}\n`, 'table.csv');
  const { parts } = await splitTable(
    file,
    { split: { folds: 3, test: 0 }, columns: { group: 'g' }, inputs: ['x'] },
    2,
  );
  const groups = Object.values(parts).map(
    (part) => part.filter(([, g]) => g === null).length + new Set(part.flatMap(([, g]) => g ?? [])).size,
  );
  // 60 rows and three groups.
  expect(groups).toEqual([21, 21, 21]);
});

test('a mapped dataset has the folds of the one that it is of', async () => {
  const { store, dataset } = await splitTable(table, { split: { folds: 3 } }, 2);
  const map = await bringSource(store, 'export default (rows) => rows;');
  await store.put(keys.spec(digest), encodeJson({ name: 'same', dataset: dataset.dataset, map }));
  const ports = stepPorts(store, {});
  const planned = (await planMap({ spec: digest, execution }, ports)) as { job: string; dataset: string };
  const list = decodeJson((await store.get(keys.shardList(planned.job)))!.body) as object[];
  for (const shard of list.keys()) await mapShard({ job: planned.job, shard, execution }, ports);
  await commitSplit({ spec: digest, job: planned.job, execution }, ports);
  const mapped = await readObject(store, keys.datasetManifest(planned.dataset), Dataset);
  const foldsOf = ({ partitions }: Dataset) => partitions.train.map(({ fold, rows }) => [fold, rows]);
  expect(mapped.folds).toEqual(dataset.folds);
  expect(foldsOf(mapped)).toEqual(foldsOf(dataset));
});
