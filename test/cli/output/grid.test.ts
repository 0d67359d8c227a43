import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { grid } from '../../../cli/output/grid.ts';

const columns = [
  { head: 'study' },
  { head: 'trials', right: true },
  { head: 'best', flexible: true },
] as const;
const rows = [
  ['churn-0123456789ab', '4 of 20', 'auc 0.8385, trial 19'],
  ['名前-0123456789ab', '20 of 20', ''],
];

const shown = (width?: number) =>
  grid(columns, rows, width === undefined ? {} : { isTTY: true, columns: width }).map((line) =>
    stripVTControlCharacters(line),
  );

describe('a grid', () => {
  test('stands in columns, whatever the letters', () => {
    expect(shown()).toEqual([
      'study                 trials  best',
      'churn-0123456789ab   4 of 20  auc 0.8385, trial 19',
      '名前-0123456789ab   20 of 20',
    ]);
  });

  test('that is too wide for a terminal has its flexible cells cut', () => {
    expect(shown(45)).toEqual([
      'study                 trials  best',
      'churn-0123456789ab   4 of 20  auc 0.8385, tr…',
      '名前-0123456789ab   20 of 20',
    ]);
  });

  test('that is much too wide has a line for each cell, and no name is cut', () => {
    expect(shown(30)).toEqual([
      'churn-0123456789ab',
      '  trials  4 of 20',
      '  best    auc 0.8385, trial 19',
      '名前-0123456789ab',
      '  trials  20 of 20',
    ]);
  });
});
