import { expect, test } from 'vitest';
import { type Cell, compareCells, filterOf } from '../../report/filter.ts';

const cells: readonly Cell[] = [0.05, 0.5, 3, -2, 'gbdt', 'dart 0.5', true, null];
const kept = (asked: string) => cells.filter(filterOf(asked));

test.each([
  ['> 0.1', [0.5, 3]],
  ['>=0.5', [0.5, 3]],
  ['<0', [-2]],
  ['<= -2', [-2]],
  ['= 3', [3]],
  ['0.05 .. 0.5', [0.05, 0.5]],
  ['-2..0.05', [0.05, -2]],
  ['1e-2..1e0', [0.05, 0.5]],
  ['0.5', [0.5, 'dart 0.5']],
  ['  GB ', ['gbdt']],
  ['true', [true]],
  ['nothing', []],
  ['> x', []],
  ['', cells],
])('%s keeps %j', (asked, expected) => {
  expect(kept(asked)).toEqual(expected);
});

test('numbers go by size, texts after them, what is missing last either way', () => {
  const sorted = (descending: boolean) => [...cells].sort((a, b) => compareCells(a, b, descending));
  expect(sorted(false)).toEqual([-2, 0.05, 0.5, 3, 'dart 0.5', 'gbdt', true, null]);
  expect(sorted(true)).toEqual([true, 'gbdt', 'dart 0.5', 3, 0.5, 0.05, -2, null]);
});
