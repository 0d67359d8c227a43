import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hypervolumeOf, widestOf } from '../../../core/search/hypervolume.ts';
import { frontsOf, type Losses } from '../../../core/search/pareto.ts';
import cases from '../../fixtures/search/fronts.json' with { type: 'json' };

describe('a hypervolume', () => {
  test("is Optuna 5's, in two, three and four dimensions, with and without twins", () => {
    const dimensions = new Set<number>();
    for (const { losses, reference, hypervolume } of cases) {
      if (!reference) continue;
      expect(hypervolumeOf(losses, reference) / hypervolume!).toBeCloseTo(1, 9);
      dimensions.add(reference.length);
    }
    expect([...dimensions]).toEqual([2, 3, 4]);
  });

  test('of one objective is how far the best is from the reference; none is nothing, and so is one that is not below it', () => {
    expect(hypervolumeOf([[3], [1], [9]], [5])).toBe(4);
    expect(hypervolumeOf([], [5, 5])).toBe(0);
    expect(hypervolumeOf([[0, 5]], [5, 5])).toBe(0);
  });
});

describe('the widest of trials', () => {
  test('are whole fronts first, and of the last one those that together dominate most', () => {
    // The line from (0, 8) to (8, 0), each objective as a share of its width. By hand, up to 1.1: the middle adds 0.6 · 0.6;
    // then (2, 6) and (6, 2) 0.25 · 0.35 each, the earlier first, and the ends no more than 0.1 · 0.5 and 0.1 · 0.25.
    const line = [0, 2, 4, 6, 8].map((x): Losses => [x, 8 - x]);
    const behind: Losses = [9, 9];
    expect(widestOf([behind, ...line], 1)).toEqual([3]);
    expect(widestOf([behind, ...line], 2)).toEqual([2, 3]);
    expect(widestOf([behind, ...line], 3)).toEqual([2, 3, 4]);
    expect(widestOf([behind, ...line], 5)).toEqual([1, 2, 3, 4, 5]);
    expect(widestOf([behind, ...line], 6)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('of one objective are the best, the earlier of two alike', () => {
    expect(widestOf([[3], [1], [2], [1], [1]], 2)).toEqual([1, 3]);
  });

  test('are as many as were asked for, none behind one that is left', () => {
    const point = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.nat({ max: 9 }));
    fc.assert(
      fc.property(fc.array(point, { maxLength: 25 }), fc.nat({ max: 30 }), (losses, count) => {
        const chosen = widestOf(losses, count);
        expect(new Set(chosen).size).toBe(Math.min(count, losses.length));
        const rank = (place: number) => frontsOf(losses).findIndex((front) => front.includes(place));
        const left = losses.map((_, place) => place).filter((place) => !chosen.includes(place));
        for (const place of left)
          for (const other of chosen) expect(rank(place)).toBeGreaterThanOrEqual(rank(other));
      }),
    );
  });
});
