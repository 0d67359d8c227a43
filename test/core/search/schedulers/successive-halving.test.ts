import { describe, expect, test } from 'vitest';
import { halvingBracket, successiveHalving } from '../../../../core/search/schedulers/successive-halving.ts';
import { bracketOf, rungOf } from '../../../support/brackets.ts';

const size = { size: 9 };
const nine = [0.5, 0.1, 0.3, 0.4, 0.2, 0.6, 0.7, 0.8, 0.9];
const judged = (...rungs: readonly ReturnType<typeof rungOf>[]) =>
  successiveHalving(3)(bracketOf(rungs, size));

describe('a bracket that is halved', () => {
  test('sends its best third on once all have finished the rung, and nobody before', () => {
    expect(judged(rungOf(nine.slice(0, 8)), rungOf([]), rungOf([])).owed).toEqual([]);
    expect(judged(rungOf(nine.slice(0, 8), { pending: 1 }), rungOf([]), rungOf([])).owed).toEqual([]);
    expect(judged(rungOf(nine), rungOf([]), rungOf([])).owed.map(({ trial }) => trial)).toEqual([1, 4, 2]);
  });

  test('waits at the next rung for those that were sent there, and leaves one', () => {
    const first = rungOf(nine, { risen: [1, 4, 2] });
    expect(judged(first, rungOf({ 1: 0.3, 4: 0.2 }, { pending: 1 }), rungOf([])).owed).toEqual([]);
    expect(judged(first, rungOf({ 1: 0.3, 4: 0.2, 2: 0.1 }), rungOf([])).owed).toEqual([
      { trial: 2, rung: 1 },
    ]);
  });

  test('sends fewer on where some of its trials failed', () => {
    const failed = { ...rungOf({ 3: 0.4, 5: 0.1 }), begun: 9 };
    expect(judged(failed, rungOf([]), rungOf([])).owed.map(({ trial }) => trial)).toEqual([5, 3]);
  });

  test('is out for who was not among the best, whatever comes', () => {
    const { why } = judged(rungOf(nine), rungOf([]), rungOf([]));
    expect(why({ trial: 0, rung: 0 })).toEqual({
      text: 'place 5 of 9 after 10 rounds, of which 3 go on',
      final: true,
    });
    const undecided = judged(rungOf(nine, { pending: 1 }), rungOf([]), rungOf([]));
    expect(undecided.why({ trial: 0, rung: 0 }).final).toBe(false);
  });

  test('has so many trials that one is left at the last rung', () => {
    expect([
      halvingBracket(1, 3),
      halvingBracket(3, 3),
      halvingBracket(5, 3),
      halvingBracket(3, 2.5),
    ]).toEqual([2, 9, 81, 7]);
  });
});
