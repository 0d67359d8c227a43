import { describe, expect, test } from 'vitest';
import { ashaRungs, promotable } from '../../../core/search/asha.ts';

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
  const scored = (...losses: number[]) => ({
    finished: losses.map((loss, trial) => ({ trial, loss })),
    worse: 0,
  });

  test('is owed to one in eta, the best first', () => {
    const rung = scored(0.5, 0.1, 0.3, 0.4, 0.2, 0.6);
    expect(promotable(rung, new Set(), 3, false)).toBe(1);
    expect(promotable(rung, new Set([1]), 3, false)).toBe(4);
    expect(promotable(rung, new Set([1, 4]), 3, false)).toBeUndefined();
  });

  test('is owed to nobody before eta trials have finished', () => {
    expect(promotable(scored(0.1, 0.2), new Set(), 3, false)).toBeUndefined();
  });

  test('is owed to as many where some of the worse ones were stopped on the way', () => {
    const rung = { ...scored(0.5, 0.1), worse: 4 };
    expect(promotable(rung, new Set(), 3, false)).toBe(1);
    expect(promotable(rung, new Set([1]), 3, false)).toBe(0);
    expect(promotable({ ...rung, worse: 3 }, new Set([1]), 3, false)).toBeUndefined();
  });

  test('is owed to the best of a rung that nobody will join any more', () => {
    expect(promotable(scored(0.2, 0.1), new Set(), 3, true)).toBe(1);
  });

  test('goes to the lower number where two are equal', () => {
    expect(promotable(scored(0.1, 0.1, 0.1), new Set(), 3, false)).toBe(0);
  });
});
