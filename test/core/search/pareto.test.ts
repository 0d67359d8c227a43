import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crowdingOf, dominates, frontsOf, type Losses, orderOf } from '../../../core/search/pareto.ts';
import cases from '../../fixtures/search/fronts.json' with { type: 'json' };

/** Some alike; all far from where numbers of the machine end. */
const lossesOf = (objectives: number) => {
  const loss = fc.oneof(fc.nat({ max: 3 }), fc.integer({ min: -1e9, max: 1e9 }));
  const all = fc.array(loss, { minLength: objectives, maxLength: objectives });
  return fc.array(
    all.map((each) => each as unknown as Losses),
    { maxLength: 30 },
  );
};
const anyLosses = fc.integer({ min: 1, max: 4 }).chain(lossesOf);

describe('points as Optuna 5 sorts them', () => {
  test('lie on the same fronts, and have the same room around them', () => {
    let compared = 0;
    for (const { losses, ranks, crowding } of cases) {
      const fronts = frontsOf(losses as unknown as Losses[]);
      const own = losses.map((_, place) => fronts.findIndex((front) => front.includes(place)));
      expect(own).toEqual(ranks);
      if (!crowding) continue;
      const room = crowdingOf(fronts[0]!.map((place) => losses[place] as unknown as Losses));
      expect(room.map((each) => (each === Infinity ? null : Number(each.toFixed(9))))).toEqual(
        crowding.map((each) => (each === null ? null : Number(each.toFixed(9)))),
      );
      compared += room.length;
    }
    expect(compared).toBeGreaterThan(50);
  });
});

test('a front is what nothing of it or of a later one dominates, and something of the front before does', () => {
  fc.assert(
    fc.property(anyLosses, (losses) => {
      const fronts = frontsOf(losses);
      expect(fronts.flat().toSorted((a, b) => a - b)).toEqual(losses.map((_, place) => place));
      for (const [rank, front] of fronts.entries()) {
        const rest = fronts.slice(rank).flat();
        for (const place of front) {
          const isUnder = (other: number) => dominates(losses[other]!, losses[place]!);
          expect(rest.some(isUnder)).toBe(false);
          if (rank > 0) expect(fronts[rank - 1]!.some(isUnder)).toBe(true);
        }
      }
    }),
  );
});

describe('the order of the best', () => {
  test('goes by fronts, then by the room on them: the ends first', () => {
    // (1,1) dominates (2,2).
    expect(
      orderOf([
        [2, 2],
        [1, 1],
        [0, 3],
        [3, 0],
      ]),
    ).toEqual([2, 3, 1, 0]);
    const line = [0, 1, 2, 4, 7, 8].map((x): Losses => [x, 8 - x]);
    // The gaps of 1, 2, 4 and 7 are 2, 3, 5 and 4 eighths in both objectives.
    expect(orderOf(line)).toEqual([0, 5, 3, 4, 2, 1]);
  });

  test('of one objective goes by the loss, and the earlier of two alike is first', () => {
    expect(orderOf([[3], [1], [2], [1]])).toEqual([1, 3, 2, 0]);
  });

  test('does not depend on the scale of an objective', () => {
    fc.assert(
      fc.property(lossesOf(2), (losses) => {
        const scaled = losses.map(([a, b]): Losses => [a * 1024, b! / 256]);
        expect(orderOf(scaled)).toEqual(orderOf(losses));
      }),
    );
  });
});
