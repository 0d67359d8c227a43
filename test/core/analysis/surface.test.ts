import { expect, test } from 'vitest';
import { surface } from '../../../core/analysis/surface.ts';

test('between equal values it is flat, and says nothing far from all points', () => {
  const cells = surface(
    [
      [0.1, 0.1, 3],
      [0.2, 0.1, 3],
    ],
    10,
  );
  expect(cells).toHaveLength(100);
  expect(cells[0]).toBeCloseTo(3, 12);
  // 0.95 and 0.95 are further than a quarter from both.
  expect(cells[99]).toBeNull();
});

test('the middle of two points is their mean, and each end is its own', () => {
  const cells = surface(
    [
      [0.1, 0.5, 1],
      [0.5, 0.5, 3],
    ],
    5,
  );
  const row = cells.slice(10, 15);
  // The cells' middles are 0.1, 0.3, 0.5, 0.7 and 0.9.
  expect(row[1]).toBeCloseTo(2, 12);
  expect(row[0]).toBeGreaterThanOrEqual(1);
  expect(row[0]).toBeLessThan(2);
  expect(row[2]).toBeGreaterThan(2);
  expect(row[4]).toBeNull();
});

test('without points nothing is said', () => {
  expect(surface([], 2)).toEqual([null, null, null, null]);
});
