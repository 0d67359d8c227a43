import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partsOf, partsText, ranksOf } from '../../../core/tables/split-parts.ts';

const usual = { by: 'hash', train: 0.7, validation: 0.15, test: 0.15 } as const;
const folded = { ...usual, train: 0.85, validation: 0 } as const;

describe('the parts of a split', () => {
  test('are its sides or, in place of a validation side, folds of what is not for the test', () => {
    expect(partsOf(usual).map(({ side }) => side)).toEqual(['train', 'validation', 'test']);
    expect(partsOf({ ...folded, folds: 2 })).toEqual([
      { side: 'train', fold: 0, share: 0.425 },
      { side: 'train', fold: 1, share: 0.425 },
      { side: 'test', share: 0.15 },
    ]);
    expect(partsOf({ ...usual, train: 0.85, test: 0 }).map(({ side }) => side)).toEqual([
      'train',
      'validation',
    ]);
  });

  test('by time begin with rows of no fold, which the first fold learns from', () => {
    const parts = partsOf({ ...folded, by: 'time', folds: 4 });
    expect(parts.map(({ side, fold }) => [side, fold])).toEqual([
      ['train', undefined],
      ...[0, 1, 2, 3].map((fold) => ['train', fold]),
      ['test', undefined],
    ]);
    for (const { share } of parts.slice(0, -1)) expect(share).toBeCloseTo(0.17, 12);
  });

  test('are named in errors', () => {
    expect(partsText(partsOf(usual))).toBe('train, validation and test');
    expect(partsText(partsOf({ ...folded, folds: 5 }))).toBe('5 folds and test');
    expect(partsText(partsOf({ ...usual, train: 1, validation: 0, test: 0, folds: 3 }))).toBe('3 folds');
  });
});

describe('the ranks at which parts end', () => {
  test('are the nearest whole numbers', () => {
    // 70 %: 70, 85 % of 100; of 10 rows 7 and 8.5, which is 9.
    expect(ranksOf(100, partsOf(usual))).toEqual([70, 85]);
    expect(ranksOf(10, partsOf(usual))).toEqual([7, 9]);
  });

  test('leave a row to each part where there are enough', () => {
    expect(ranksOf(3, partsOf(usual))).toEqual([1, 2]);
    expect(ranksOf(4, partsOf(usual))).toEqual([2, 3]);
    expect(ranksOf(2, partsOf(usual))).toEqual([1, 2]);
    expect(ranksOf(0, partsOf(usual))).toEqual([0, 0]);
  });

  test('are within a row of the shares, but for parts of a single row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 100_000 }), fc.integer({ min: 2, max: 20 }), (rows, folds) => {
        const ends = ranksOf(rows, partsOf({ ...folded, folds }));
        const sizes = ends.map((end, at) => end - (ends[at - 1] ?? 0));
        for (const size of sizes) {
          expect(size).toBeGreaterThanOrEqual(1);
          expect(Math.abs(size - (0.85 * rows) / folds)).toBeLessThan(1.001);
        }
      }),
    );
  });
});
