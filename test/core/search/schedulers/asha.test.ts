import { describe, expect, test } from 'vitest';
import { asha, ashaRungs, promotable } from '../../../../core/search/schedulers/asha.ts';
import type { Bracket } from '../../../../core/search/schedulers/scheduler.ts';
import { bracketOf, rungOf } from '../../../support/brackets.ts';

describe('the rungs of ASHA', () => {
  test('grow by eta from min, and end at max', () => {
    expect(ashaRungs(1, 9, 3)).toEqual([1, 3, 9]);
    expect(ashaRungs(10, 270, 3)).toEqual([10, 30, 90, 270]);
  });

  test('have no rung so close below max that it would hardly differ', () => {
    expect(ashaRungs(10, 100, 3)).toEqual([10, 30, 100]);
  });

  test('are max alone where min is already there', () => {
    expect(ashaRungs(50, 50, 3)).toEqual([50]);
  });
});

describe('a promotion', () => {
  test('is owed to one in eta, the best first', () => {
    const losses = [0.5, 0.1, 0.3, 0.4, 0.2, 0.6];
    expect(promotable(rungOf(losses), 3, false)).toBe(1);
    expect(promotable(rungOf(losses, { risen: [1] }), 3, false)).toBe(4);
    expect(promotable(rungOf(losses, { risen: [1, 4] }), 3, false)).toBeUndefined();
  });

  test('is owed to nobody before eta trials have finished', () => {
    expect(promotable(rungOf([0.1, 0.2]), 3, false)).toBeUndefined();
  });

  test('is owed to as many where some of the worse ones were stopped on the way', () => {
    const losses = [0.5, 0.1];
    expect(promotable(rungOf(losses, { worse: 4 }), 3, false)).toBe(1);
    expect(promotable(rungOf(losses, { worse: 4, risen: [1] }), 3, false)).toBe(0);
    expect(promotable(rungOf(losses, { worse: 3, risen: [1] }), 3, false)).toBeUndefined();
  });

  test('is owed to the best of a rung that nobody will join any more', () => {
    expect(promotable(rungOf([0.2, 0.1]), 3, true)).toBe(1);
  });

  test('goes to the lower number where two are equal', () => {
    expect(promotable(rungOf([0.1, 0.1, 0.1]), 3, false)).toBe(0);
  });

  test('of several objectives goes to the first front, to its ends before what is crowded between them', () => {
    // (1,9), (4,5), (5,4) and (9,1) are the first front; (5,9) and (9,9) are behind it.
    const losses = [
      [9, 9],
      [4, 5],
      [1, 9],
      [5, 9],
      [9, 1],
      [5, 4],
    ] as const;
    const finished = losses.map((each, trial) => ({ trial, losses: each, seen: 0 }));
    const promoted = new Set<number>();
    for (;;) {
      const trial = promotable({ finished, worse: 0, risen: promoted }, 1.2, false);
      if (trial === undefined) break;
      promoted.add(trial);
    }
    // One in 1.2 of six are five. The room of 4,5 and of 5,4 is the same: the lower number is first.
    expect([...promoted]).toEqual([2, 4, 1, 5, 3]);
    const turned = { finished: finished.toReversed(), worse: 0, risen: new Set<number>() };
    expect(promotable(turned, 3, false)).toBe(2);
  });
});

describe('a bracket', () => {
  const owed = (eta: number, bracket: Bracket) => asha(eta)(bracket).owed;

  test('promotes from its highest rung first', () => {
    const rungs = [rungOf([1, 2, 3, 0.5], { risen: [0] }), rungOf([1]), rungOf([])];
    expect(owed(1, bracketOf(rungs))).toEqual([{ trial: 0, rung: 1 }]);
    expect(owed(5, bracketOf(rungs))).toEqual([]);
    expect(owed(2, bracketOf(rungs))).toEqual([{ trial: 3, rung: 0 }]);
  });

  test('that nobody will join any more sends the best of its highest rung on', () => {
    const rungs = [rungOf([1, 2], { risen: [0] }), rungOf([1]), rungOf([])];
    expect(owed(3, bracketOf(rungs))).toEqual([]);
    expect(owed(3, bracketOf(rungs, { settled: true }))).toEqual([{ trial: 0, rung: 1 }]);
  });

  test('says of a trial that is owed nothing which place it has', () => {
    const { why } = asha(3)(
      bracketOf([rungOf([0.5, 0.1, 0.3, 0.4, 0.2, 0.6], { risen: [1, 4], worse: 3 }), rungOf([])]),
    );
    expect(why({ trial: 3, rung: 0 })).toEqual({
      text: 'place 4 of 9 after 10 rounds, of which 3 go on',
      final: false,
    });
  });
});
