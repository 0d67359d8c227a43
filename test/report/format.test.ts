import { expect, test } from 'vitest';
import { cell, duration, number, percent, plural, time } from '../../report/format.ts';

test('numbers are short, and large ones grouped', () => {
  expect([0.93617234, 0.1 + 0.2, 12_345, 1e-7, 123_456.789, -4.5e9, 1e300].map(number)).toEqual([
    ...['0.93617', '0.3', '12,345', '1.000e-7', '123460', '-4,500,000,000', '1.000e+300'],
  ]);
  expect(number(Number.NaN)).toBe('NaN');
  expect([null, undefined, true, 'x', 2.5].map(cell)).toEqual(['–', '–', 'true', 'x', '2.5']);
});

test('times have two units at most', () => {
  expect([0, 340, 4200, 200_000, 7_500_000, 273_600_000, 3_600_000].map(duration)).toEqual([
    ...['0', '340 ms', '4.2 s', '3 min 20 s', '2 h 5 min', '3 d 4 h', '1 h'],
  ]);
  expect(time(0)).toBe('1970-01-01 00:00:00 UTC');
});

test('shares and counts', () => {
  expect([0, 0.0372, 0.5, 1].map(percent)).toEqual(['0 %', '3.7 %', '50 %', '100 %']);
  expect([plural(1, 'trial'), plural(1200, 'trial'), plural(2, 'loss', 'losses')]).toEqual([
    ...['1 trial', '1,200 trials', '2 losses'],
  ]);
});
