import { describe, expect, test } from 'vitest';
import type { Spec } from '../../../core/contracts/spec.ts';
import type { Field } from '../../../core/tables/batch.ts';
import { profileOf } from '../../../core/tables/profile.ts';
import { describeColumns, featuresOf, type Named } from '../../../core/training/column-roles.ts';
import { batchOf, type Value } from '../../support/tables.ts';

const rows = 200;
const fields: readonly Field[] = [
  { name: 'order_id', type: 'integer' },
  { name: 'amount', type: 'integer' },
  { name: 'uuid', type: 'string' },
  { name: 'note', type: 'string' },
  { name: 'street', type: 'string' },
  { name: 'city', type: 'string' },
  { name: 'country', type: 'string' },
  { name: 'flag', type: 'boolean' },
  { name: 'empty', type: 'float' },
  { name: 'ratio', type: 'float' },
  { name: 'at', type: 'timestamp' },
  { name: 'y', type: 'boolean' },
];
const rowOf = (row: number): Value[] => [
  BigInt(row + 7),
  BigInt((row * 37) % 1009),
  `u${row}`,
  row < 195 ? `note ${row}` : null,
  `street ${row % 120}`,
  `c${row % 5}`,
  'CH',
  row % 4 === 0 ? null : true,
  null,
  row === 3 ? Infinity : row / 8,
  Date.UTC(2026, 0, 1 + row),
  row % 2 === 0,
];
const profile = profileOf(
  batchOf(
    fields,
    Array.from({ length: rows }, (_, row) => rowOf(row)),
  ),
);

const target = { kind: 'column', column: 'y' } as const;
const described = (named: Named) =>
  new Map(describeColumns(profile, named).map((column) => [column.name, column] as const));
const none: Spec['columns'] = { ignore: [] };

describe('what columns are without a word of the specification', () => {
  const columns = described({ target, columns: none });
  const roleOf = (name: string) => [columns.get(name)?.role, columns.get(name)?.why];

  test('ids are called so, and differ; whole numbers that differ are none for that', () => {
    expect(roleOf('order_id')).toEqual(['id', 'it is called so, and 200 of 200 values differ']);
    expect(roleOf('uuid')[0]).toBe('id');
    expect(roleOf('amount')[0]).toBe('feature');
  });

  test('what nothing can be learned from is left out, with a warning', () => {
    expect(roleOf('country')).toEqual(['ignore', 'it has one value in every row']);
    expect(roleOf('empty')).toEqual(['ignore', 'it has no value']);
    expect(roleOf('note')).toEqual([
      'ignore',
      '195 of 195 values differ: a category that does not come again says nothing',
    ]);
    expect(columns.get('empty')?.warnings).toEqual(['left out: it has no value']);
  });

  test('all others are features: a value that is there or not, infinite numbers and rare words with a warning', () => {
    for (const name of ['city', 'flag', 'ratio', 'at']) expect(columns.get(name)?.role).toBe('feature');
    expect(columns.get('ratio')?.warnings).toEqual(['1 values are infinite']);
    expect(columns.get('street')).toMatchObject({
      role: 'feature',
      warnings: ['120 different words in 200 rows: most are seen once or twice'],
    });
    expect(roleOf('y')).toEqual(['target', 'target']);
  });

  test('what they hold is told with them', () => {
    expect(columns.get('amount')).toMatchObject({
      ...{ type: 'integer', missing: 0, distinct: { count: 200, exact: true }, top: [] },
      range: [0, Math.max(...Array.from({ length: rows }, (_, row) => (row * 37) % 1009))],
    });
    expect(columns.get('flag')).toMatchObject({ missing: 0.25, distinct: { count: 1, exact: true } });
    expect(columns.get('city')).toMatchObject({
      top: [
        ['c0', 40],
        ['c1', 40],
        ['c2', 40],
      ],
    });
    expect(columns.get('at')?.range).toEqual([Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 200)]);
  });
});

test('the specification has the last word', () => {
  const columns = { id: 'amount', weight: 'ratio', group: 'city', time: 'at', ignore: ['street'] };
  const roles = [...described({ target, columns }).values()].flatMap(({ name, role, why }) =>
    why.startsWith('columns.') ? [[name, role]] : [],
  );
  expect(roles).toEqual([
    ['amount', 'id'],
    ['street', 'ignore'],
    ['city', 'group'],
    ['ratio', 'weight'],
    ['at', 'time'],
  ]);
  const inputs = ['order_id', 'at', 'empty'];
  const named = describeColumns(profile, { target, columns, inputs });
  expect(featuresOf(named)).toEqual(['order_id', 'empty', 'at']);
  expect(named.find(({ name }) => name === 'empty')?.warnings).toEqual(['it has no value']);
  expect(named.find(({ name }) => name === 'note')).toMatchObject({ role: 'ignore', why: 'not in inputs' });
});

test.each(['id', 'ID', 'orderId', 'customer key', 'row-number', 'guid'])('%s is called an id', (name) => {
  const ids = batchOf(
    [{ name, type: 'integer' }],
    Array.from({ length: 60 }, (_, row) => [BigInt(row)]),
  );
  expect(describeColumns(profileOf(ids), {})[0]?.role).toBe('id');
});

test.each(['paid', 'monkey', 'humid', 'casino', 'keys_held'])('%s is not called an id', (name) => {
  const ids = batchOf(
    [{ name, type: 'integer' }],
    Array.from({ length: 60 }, (_, row) => [BigInt(row)]),
  );
  expect(describeColumns(profileOf(ids), {})[0]?.role).toBe('feature');
});

test('of few rows nothing is left out for being different', () => {
  const few = batchOf(
    [{ name: 'id', type: 'string' }],
    Array.from({ length: 49 }, (_, row) => [`${row}`]),
  );
  expect(describeColumns(profileOf(few), {})[0]?.role).toBe('feature');
});
