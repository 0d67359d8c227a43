import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { decimals, table } from '../../../cli/output/print.ts';

const rows = [
  ['rows', '3,000,000'],
  ['best', 'trial 19: feature_fraction 1 · l2 0.3321 · leaves 255'],
] as const;

describe('a table of what a job came to', () => {
  test('stands in two columns', () => {
    expect(table(rows, {})).toEqual(['rows  3,000,000', `best  ${rows[1][1]}`]);
  });

  test('is broken at words on a narrow terminal, values below each other', () => {
    expect(table(rows, { isTTY: true, columns: 30 }).map((line) => stripVTControlCharacters(line))).toEqual([
      'rows  3,000,000',
      'best  trial 19:',
      '      feature_fraction 1 · l2',
      '      0.3321 · leaves 255',
    ]);
  });

  test('keeps a path whole: it is there to be copied', () => {
    const path = '/tmp/a/very/long/folder/of/someone/store/studies/late-0123456789ab/';
    expect(table([['study', path]], { isTTY: true, columns: 30 }).join('\n')).toContain(path);
  });

  test('has names of letters of two columns', () => {
    expect(
      table(
        [
          ['名前', 'a'],
          ['b', 'c'],
        ],
        {},
      ),
    ).toEqual(['名前  a', 'b     c']);
  });
});

test.each([
  [0.84123, '0.8412'],
  [0, '0.0000'],
  [1, '1.0000'],
  [4942, '4,942'],
  [12.34567, '12.3457'],
  [0.00000123456, '0.0000012346'],
  [1234567.8, '1234600'],
  [NaN, 'NaN'],
])('%d is shown as %s', (value, shown) => {
  expect(decimals(value)).toBe(shown);
});
