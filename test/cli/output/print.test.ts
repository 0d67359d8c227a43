import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { table } from '../../../cli/output/print.ts';

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
