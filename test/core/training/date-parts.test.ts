import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { datePart } from '../../../core/training/date-parts.ts';

const part = (name: 'month' | 'weekday' | 'minute', time: number): number | undefined =>
  datePart(name, Float64Array.of(time))[0];

describe('datePart', () => {
  test('agrees with the calendar of JavaScript for every time between 1800 and 2200', () => {
    const span = { min: Date.UTC(1800, 0, 1), max: Date.UTC(2200, 0, 1) };
    fc.assert(
      fc.property(fc.integer(span), (time) => {
        const date = new Date(time);
        expect(part('month', time)).toBe(date.getUTCMonth() + 1);
        expect(part('weekday', time)).toBe((date.getUTCDay() + 6) % 7);
        expect(part('minute', time)).toBe(date.getUTCHours() * 60 + date.getUTCMinutes());
      }),
      { numRuns: 3000 },
    );
  });

  test('knows leap days, ends of months and the moment before 1970', () => {
    expect(part('month', Date.UTC(1900, 1, 28, 23, 59))).toBe(2);
    expect(part('month', Date.UTC(1900, 2, 1))).toBe(3);
    expect(part('month', Date.UTC(2000, 1, 29))).toBe(2);
    expect(part('month', Date.UTC(2100, 11, 31, 23, 59, 59, 999))).toBe(12);
    expect([part('weekday', 0), part('weekday', -1)]).toEqual([3, 2]);
    expect([part('minute', -1), part('minute', -60_001)]).toEqual([1439, 1438]);
    expect(part('minute', Number.NaN)).toBeNaN();
  });
});
