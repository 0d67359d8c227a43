import { describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { settleSplit } from '../../../core/steps/settle-split.ts';
import { splitShard } from '../../../core/steps/split-shard.ts';
import { surveyShard } from '../../../core/steps/survey-shard.ts';
import { byteSource } from '../../support/byte-source.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { splitTable } from '../../support/split-world.ts';
import { execution, putSpec, specOf, splitAll, stepPorts } from '../../support/step-world.ts';
import { chance } from '../training/tables.ts';

const stratified = { by: 'stratified' };
const common = { split: stratified, target: 'y', inputs: ['x'] };

/** `id,x,y` with the targets given. */
const csv = (targets: readonly (string | number)[]) =>
  byteSource(`id,x,y\n${targets.map((y, row) => `${row},${row % 7},${y}`).join('\n')}\n`, 'table.csv');

/** How many rows of each target a part has. */
function countsIn(rows: readonly (readonly unknown[])[] | undefined): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, , y] of rows ?? []) counts[String(y)] = (counts[String(y)] ?? 0) + 1;
  return counts;
}

const next = chance(11);
const repeated = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .flatMap(([value, count]) => Array.from({ length: count }, () => value))
    .map((value) => [next(), value] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value);

describe('a stratified split', () => {
  test('gives each part its share of each class to the row, the same rows in 3 shards and in 30', async () => {
    const file = csv(repeated({ rare: 20, common: 9000, middle: 333, '': 100 }));
    const [few, many] = [await splitTable(file, common, 3), await splitTable(file, common, 30)];
    expect(many.parts).toEqual(few.parts);
    // 70 and 85 % of 20, 9000, 333 (233.1, 283.05) and 100 rows without a target.
    expect(countsIn(few.parts.train)).toEqual({ rare: 14, common: 6300, middle: 233, null: 70 });
    expect(countsIn(few.parts.validation)).toEqual({ rare: 3, common: 1350, middle: 50, null: 15 });
    expect(countsIn(few.parts.test)).toEqual({ rare: 3, common: 1350, middle: 50, null: 15 });
  });

  test('into folds does so for each fold', async () => {
    const file = csv(repeated({ 0: 850, 1: 150 }));
    const split = { ...stratified, folds: 5, test: 0 };
    const { parts, dataset } = await splitTable(file, { ...common, split }, 4);
    expect(dataset.folds).toEqual({ count: 5, ordered: false });
    expect(Object.keys(parts).toSorted()).toEqual(['fold 0', 'fold 1', 'fold 2', 'fold 3', 'fold 4']);
    for (const rows of Object.values(parts)) expect(countsIn(rows)).toEqual({ 0: 170, 1: 30 });
  });

  test('by what the target is compared with', async () => {
    const file = csv(Array.from({ length: 1000 }, (_, row) => row % 100));
    const { parts } = await splitTable(file, { ...common, target: { column: 'y', above: 89 } }, 3);
    const above = (rows: readonly (readonly unknown[])[] = []) =>
      rows.filter(([, , y]) => Number(y) > 89).length;
    expect([above(parts.train), above(parts.validation), above(parts.test)]).toEqual([70, 15, 15]);
  });

  test('of a quantity is by ten bins of it, each as many rows', async () => {
    const values = Array.from({ length: 4000 }, (_, row) => (row * 1597) % 4000);
    const file = csv(values.map((value) => value / 8));
    const [few, many] = [await splitTable(file, common, 2), await splitTable(file, common, 12)];
    expect(many.parts).toEqual(few.parts);
    // Of 400 rows a bin: 280, 60 and 60.
    const tenths = (rows: readonly (readonly unknown[])[] = []) =>
      Array.from(
        { length: 10 },
        (_, bin) => rows.filter(([, , y]) => Math.floor(Number(y) / 50) === bin).length,
      );
    expect(tenths(few.parts.train)).toEqual(Array(10).fill(280));
    expect(tenths(few.parts.validation)).toEqual(Array(10).fill(60));
    expect(tenths(few.parts.test)).toEqual(Array(10).fill(60));
  });

  test('goes by the ids of the rows alone, where there are some: not by their places', async () => {
    const targets = repeated({ a: 300, b: 60 });
    const lines = targets.map((y, row) => `${row},${row % 7},${y}`);
    const idsIn = async (rows: readonly string[]) => {
      const file = byteSource(`id,x,y\n${rows.join('\n')}\n`, 'table.csv');
      const { parts } = await splitTable(file, { ...common, columns: { id: 'id' } }, 3);
      return Object.fromEntries(
        Object.entries(parts).map(([part, held]) => [
          part,
          held.map(([id]) => Number(id)).toSorted((a, b) => a - b),
        ]),
      );
    };
    expect(await idsIn(lines.toReversed())).toEqual(await idsIn(lines));
  });

  test('of a few rows in more shards than rows is settled as in one', async () => {
    const file = csv(repeated({ a: 4, b: 3 }));
    const [one, many] = [await splitTable(file, common, 1), await splitTable(file, common, 20)];
    expect(many.parts).toEqual(one.parts);
    expect(countsIn(one.parts.train)).toEqual({ a: 2, b: 1 });
  });

  test('names the classes of too few rows, and what to do', async () => {
    const file = csv(repeated({ a: 50, b: 50, one: 1, two: 2, three: 3 }));
    await expect(splitTable(file, common, 3)).rejects.toMatchObject({
      name: 'BadTable',
      message:
        'table: a stratified split puts rows of each class of y into train, validation and test, so each needs 3, but "one" has 1 row, "two" has 2 rows. Leave them out, or write split: { by: hash }',
    });
  });

  test('is refused for more folds than a class has rows', async () => {
    const file = csv(repeated({ a: 50, b: 6 }));
    await expect(
      splitTable(file, { ...common, split: { ...stratified, folds: 8 } }, 2),
    ).rejects.toMatchObject({
      name: 'BadTable',
      message: expect.stringContaining(
        'into 8 folds and test, so each needs 9, but "b" has 6 rows. Leave them out, take fewer folds, or',
      ),
    });
  });

  test('is refused where user code is to make the target', async () => {
    const split = { ...stratified, features: './features.ts' };
    await expect(splitTable(csv(['a', 'b']), { ...common, split, target: 'made' }, 1)).rejects.toMatchObject({
      name: 'MissingInput',
      message: expect.stringContaining('target: table'),
    });
  });
});

test('a split that is settled, and each step of it, may be done twice', async () => {
  const store = memoryStore();
  const ports = stepPorts(store, { table: [csv(repeated({ a: 40, b: 20 }))] });
  const spec = await putSpec(store, specOf({ table: { path: 'table', shards: 2 }, ...common }));
  const { job } = await splitAll(spec, ports);
  const bodyOf = async (key: string) => (await store.get(key))!.body;
  const [cuts, survey] = [await bodyOf(keys.cuts(job)), await bodyOf(keys.survey(job, 0))];
  await surveyShard({ job, shard: 0, execution: 'again' }, ports);
  await store.delete(keys.survey(job, 0));
  await surveyShard({ job, shard: 0, execution: 'again' }, ports);
  await settleSplit({ job, execution: 'again' }, ports);
  await splitShard({ job, shard: 0, execution }, ports);
  expect(await bodyOf(keys.survey(job, 0))).toEqual(survey);
  expect(await bodyOf(keys.cuts(job))).toEqual(cuts);
});

test('a shard that could not be surveyed is told of with its reason', async () => {
  const store = memoryStore();
  const ports = stepPorts(store, { table: [csv(repeated({ a: 40, b: 20 }))] });
  const spec = await putSpec(store, specOf({ table: { path: 'table', shards: 2 }, ...common }));
  const { job } = await splitAll(spec, ports);
  await store.delete(keys.survey(job, 1));
  const loss = { shard: 1, error: 'BadTable', cause: 'row at byte 5: no number' };
  await store.put(keys.loss(job, 1, execution), new TextEncoder().encode(JSON.stringify(loss)));
  await expect(settleSplit({ job, execution }, ports)).rejects.toMatchObject({
    name: 'BadTable',
    message: 'row at byte 5: no number (shard 1; 1 of 2 shards failed)',
  });
});
