import { describe, expect, test } from 'vitest';
import { hyperbandBracket, hyperbandSizes } from '../../../../core/search/schedulers/hyperband.ts';
import { rungsOf } from '../../../../core/search/schedulers/rungs.ts';

const scheduler = { kind: 'hyperband' as const, eta: 3, rungs: [1, 3, 9, 27, 81] };

describe('the brackets of Hyperband', () => {
  test('have the sizes of the Table 1 of its paper, and its first rungs', () => {
    expect(hyperbandSizes(5, 3)).toEqual([81, 34, 15, 8, 5]);
    const first = new Map<number, number>();
    for (let trial = 0; trial < 143; trial++)
      first.set(hyperbandBracket(5, 3)(trial), rungsOf(scheduler, trial)[0]!);
    expect([...first].sort(([a], [b]) => a - b)).toEqual([
      [0, 1],
      [1, 3],
      [2, 9],
      [3, 27],
      [4, 81],
    ]);
  });

  test('have their shares of any first trials to within one, and exactly of a whole round', () => {
    const sizes = hyperbandSizes(5, 3);
    const counts = sizes.map(() => 0);
    for (let trial = 0; trial < 286; trial++) {
      counts[hyperbandBracket(5, 3)(trial)]! += 1;
      for (const [bracket, size] of sizes.entries())
        expect(Math.abs(counts[bracket]! - ((trial + 1) * size) / 143)).toBeLessThan(1.5);
    }
    expect(counts).toEqual(sizes.map((size) => 2 * size));
  });

  test('are one where there is one rung', () => {
    expect(hyperbandSizes(1, 3)).toEqual([1]);
    expect(hyperbandBracket(1, 3)(7)).toBe(0);
  });
});
