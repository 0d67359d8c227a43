import { expect, test } from 'vitest';
import { type Labelled, labelledBatches } from '../../../core/training/labelled.ts';
import { batchOf, type Cell, tableOf } from './tables.ts';

const fields = [
  { name: 'x', type: 'float' },
  { name: 'y', type: 'string' },
  { name: 'w', type: 'float' },
] as const;

const target = { kind: 'column', column: 'y' } as const;
const task = { kind: 'multiclass', classes: ['a', 'b', 'c'] } as const;

async function read(rows: readonly (readonly Cell[])[], weight?: string) {
  const batch = batchOf(fields, rows);
  const table = tableOf(
    { train: [batch], validation: [] },
    ['x'],
    target,
    { ...task, classes: ['a', 'b', 'c'] },
    weight,
  );
  const parts: Labelled[] = [];
  for await (const part of labelledBatches(table, 'train')) parts.push(part);
  return parts;
}

test('rows with a label are read with what they count, and without the columns that are no inputs', async () => {
  const rows = [
    [1, 'c', 0.5],
    [2, null, 1],
    [3, 'a', 0],
  ];
  const [weighted] = await read(rows, 'w');
  expect(weighted).toMatchObject({ labels: Float64Array.of(2, 0), weights: Float64Array.of(0.5, 0) });
  expect(weighted!.batch).toMatchObject({
    rows: 2,
    fields: [{ name: 'x' }],
    columns: [{ values: Float64Array.of(1, 3) }],
  });
  const [plain] = await read([[1, 'b', null]]);
  expect(plain).toMatchObject({ labels: Float64Array.of(1), weights: undefined });
});

test.each([
  [-1, 'holds -1; a weight is a finite number of at least 0'],
  [Number.POSITIVE_INFINITY, 'holds Infinity; a weight'],
  [null, 'holds a missing weight; a weight'],
])('a weight of %s is refused', async (weight, message) => {
  await expect(read([[1, 'a', weight]], 'w')).rejects.toThrow(`columns.weight: column "w" ${message}`);
});

test('a weight of text is refused', async () => {
  await expect(read([[1, 'a', 1]], 'y')).rejects.toThrow(
    'columns.weight: column "y" holds string values; a weight is a number of at least 0',
  );
});
