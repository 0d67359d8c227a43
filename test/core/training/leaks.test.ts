import { describe, expect, test } from 'vitest';
import type { Task } from '../../../core/contracts/task.ts';
import type { Field } from '../../../core/tables/batch.ts';
import { leaksOf } from '../../../core/training/leaks.ts';
import { batchOf, type Value } from '../../support/tables.ts';
import { chance } from './tables.ts';

const binary: Task = { kind: 'binary', classes: [0, 1] };
const regression: Task = { kind: 'regression' };
const rows = 2000;

function leaks(
  task: Task,
  fields: readonly Field[],
  rowOf: (row: number, next: () => number) => [number, ...Value[]],
) {
  const next = chance(17);
  const all = Array.from({ length: rows }, (_, row) => rowOf(row, next));
  const batch = batchOf(
    fields,
    all.map(([, ...values]) => values),
  );
  return leaksOf(
    batch,
    Float64Array.from(all, ([label]) => label),
    task,
  ).map(({ column }) => column);
}

describe('a class', () => {
  const fields: readonly Field[] = [
    { name: 'noise', type: 'float' },
    { name: 'copy', type: 'integer' },
    { name: 'score', type: 'float' },
    { name: 'good', type: 'float' },
    { name: 'outcome', type: 'string' },
    { name: 'name', type: 'string' },
    { name: 'closed', type: 'timestamp' },
  ];

  test.each([0.5, 0.05])(
    'that %d of the rows have is given away by a copy, a threshold, words or what is missing',
    (share) => {
      const found = leaks(binary, fields, (row, next) => {
        const label = Number(next() < share);
        return [
          label,
          ...[next(), BigInt(label), label + next() * 0.999],
          // Good, and no leak: one row in twenty is elsewhere.
          label + (next() < 0.05 ? 1 : 0) + next() * 0.5,
          ...[label ? `lost ${row % 3}` : `won ${row % 4}`, `n${row}`, label ? 5 + row : null],
        ];
      });
      expect(found).toEqual(['copy', 'score', 'outcome', 'closed']);
    },
  );

  test('of few rows is not judged, and rows without one are passed over', () => {
    const fields: readonly Field[] = [{ name: 'copy', type: 'integer' }];
    expect(leaks(binary, fields, (row) => [row < 199 ? row % 2 : NaN, BigInt(row % 2)])).toEqual([]);
    expect(
      leaks(binary, fields, (row) => [row < 250 ? row % 2 : NaN, BigInt(row < 250 ? row % 2 : 9)]),
    ).toEqual(['copy']);
  });
});

test('a quantity is given away by what follows it, by any rule, and by words', () => {
  const fields: readonly Field[] = [
    { name: 'noise', type: 'float' },
    { name: 'taxed', type: 'float' },
    { name: 'log', type: 'float' },
    { name: 'rough', type: 'float' },
    { name: 'place', type: 'string' },
  ];
  const found = leaks(regression, fields, (row, next) => {
    const price = 1 + (row % 50);
    // R² of a rough copy: 1 − 12² / (12² + 208), since the variance of 1 … 50 is 208.
    return [
      price,
      next(),
      price * 1.19 + next() * 0.001,
      Math.log(price) + next() * 1e-6,
      price + 24 * next(),
      `p${price}`,
    ];
  });
  expect(found).toEqual(['taxed', 'log', 'place']);
});
