import { describe, expect, test } from 'vitest';
import { patience } from '../../../../core/search/schedulers/patience.ts';
import { bracketOf, rungOf } from '../../../support/brackets.ts';

/** One trial with these losses, of a study with one rung more. */
const judged = (losses: readonly number[], { patience: rungs = 2, min_delta = 0 } = {}) =>
  patience({ kind: 'patience', patience: rungs, min_delta, rungs: [] })(
    bracketOf([
      ...losses.map((loss, at) => rungOf([loss], { risen: at < losses.length - 1 ? [0] : [] })),
      rungOf([]),
    ]),
  );
const goesOn = (...of: Parameters<typeof judged>) => judged(...of).owed.length > 0;

describe('a trial that is to become better', () => {
  test('goes on while it does, and for less than its patience after', () => {
    expect(goesOn([0.5])).toBe(true);
    expect(goesOn([0.5, 0.4, 0.3])).toBe(true);
    expect(goesOn([0.5, 0.6])).toBe(true);
    expect(goesOn([0.5, 0.6, 0.55])).toBe(false);
    expect(goesOn([0.5, 0.6, 0.4, 0.6])).toBe(true);
  });

  test('stops where it is only as good as it was', () => {
    expect(goesOn([0.5, 0.5, 0.5])).toBe(false);
  });

  test('is no better for less than min_delta, though many such steps come to more', () => {
    expect(goesOn([0.5, 0.45, 0.42], { min_delta: 0.06 })).toBe(true);
    expect(goesOn([0.5, 0.46, 0.45], { min_delta: 0.06 })).toBe(false);
  });

  test('is told what it was measured by', () => {
    expect(judged([0.5, 0.6, 0.55], { min_delta: 0.01 }).why({ trial: 0, rung: 2 })).toEqual({
      text: 'no better than 0.5 by more than 0.01 for 2 rungs, by 10 rounds',
      final: true,
    });
  });
});
