import { describe, expect, test } from 'vitest';
import type { FieldType } from '../../../core/tables/batch.ts';
import { folderRows, foldersOf } from '../../../core/tables/folders.ts';
import { batchOf, rowsOf, type Value } from '../../support/tables.ts';

const table = (type: FieldType, values: readonly Value[]) =>
  batchOf(
    [
      { name: 'a', type },
      { name: 'row', type: 'integer' },
    ],
    values.map((value, row) => [value, BigInt(row)]),
  );

test('the rows of each value, in their order, and without its column, are a folder', () => {
  const batch = table('string', ['eu', 'us', null, 'eu', 'us']);
  const folders = foldersOf(batch, 'a');
  expect(folders.map(({ name, value, rows }) => [name, value, [...rows]])).toEqual([
    ['a=eu', 'eu', [0, 3]],
    ['a=us', 'us', [1, 4]],
    ['a=__HIVE_DEFAULT_PARTITION__', null, [2]],
  ]);
  const us = folderRows(batch, 'a', folders[1]!.rows);
  expect(us.fields).toEqual([{ name: 'row', type: 'integer' }]);
  expect(rowsOf(us)).toEqual([[1n], [4n]]);
});

describe('a folder is named so that its value can be read from it:', () => {
  test.each<[FieldType, Value, string]>([
    ['string', '', 'a='],
    ['string', 'a/b=c d', 'a=a%2Fb%3Dc%20d'],
    ['string', '100%', 'a=100%25'],
    ['string', "ü'*(~)!", 'a=%C3%BC%27%2A%28%7E%29%21'],
    ['string', '..', 'a=..'],
    ['string', '__HIVE_DEFAULT_PARTITION__', 'a=%5F_HIVE_DEFAULT_PARTITION__'],
    ['integer', 2n ** 53n + 1n, 'a=9007199254740993'],
    ['float', 1.5, 'a=1.5'],
    ['boolean', true, 'a=true'],
    ['timestamp', Date.UTC(2024, 0, 2), 'a=2024-01-02'],
    ['timestamp', Date.UTC(2024, 0, 2, 3, 4, 5), 'a=2024-01-02T03%3A04%3A05Z'],
  ])('%s %s', (type, value, name) => {
    const [folder] = foldersOf(table(type, [value]), 'a');
    expect(folder!.name).toBe(name);
    expect(folder!.name).toMatch(/^[A-Za-z0-9._=%-]+$/);
    if (type === 'string') expect(decodeURIComponent(name.slice(2))).toBe(value);
  });
});

test('words of a dictionary that a folder does not use are not in it', () => {
  const batch = table(
    'string',
    Array.from({ length: 100 }, (_, row) => `w${row}`),
  );
  const rows = Int32Array.of(7, 99);
  const [column] = folderRows(batch, 'row', rows).columns;
  expect(column).toMatchObject({ dictionary: ['w7', 'w99'], codes: Int32Array.of(0, 1) });
});

describe('a column is refused', () => {
  test('that has more than 1,000 values', () => {
    const values = Array.from({ length: 1001 }, (_, row) => `w${row}`);
    expect(foldersOf(table('string', values.slice(1)), 'a')).toHaveLength(1000);
    expect(() => foldersOf(table('string', values), 'a')).toThrow(
      'predict.partition_by: column a has more than 1000 values ("w0", "w1", "w2" …)',
    );
  });

  test('whose value is too long for the name of a folder', () => {
    expect(() => foldersOf(table('string', ['ü'.repeat(40)]), 'a')).toThrow('is too long for a folder');
  });

  test('that the output does not have, or that it has alone', () => {
    expect(() => foldersOf(table('string', ['x']), 'b')).toThrow(
      'the output has no column "b"; did you mean a?',
    );
    const alone = batchOf([{ name: 'a', type: 'string' }], [['x']]);
    expect(() => foldersOf(alone, 'a')).toThrow('nothing would be in them');
  });
});
