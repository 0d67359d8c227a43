import { expect, test } from 'vitest';
import { percentile } from '../../../../core/training/gbdt/percentile.ts';

const squares = Float32Array.from({ length: 10 }, (_, k) => (k + 1) ** 2);
const weights = Float32Array.of(1, 2, 3, 1, 1, 1, 1, 4, 0.5, 0.2);

// By numpy.quantile, and by LightGBM's first scores of these labels.
test.each([
  [0.5, 30.5],
  [0.9, 82.9],
  [0.25, 10.75],
  [0.05, 2.35],
])('the %d-th part of equal rows lies below', (share, value) => {
  expect(percentile(squares, share)).toBeCloseTo(value, 5);
});

// By LightGBM's.
test.each([
  [0.5, 19.15],
  [0.9, 61.1125],
  [0.25, 5.125],
  [0.05, 1],
  [0.95, 63.86875],
])('the %d-th part of the weight lies below', (share, value) => {
  expect(percentile(squares, share, weights)).toBeCloseTo(value, 4);
});

test('one row is every percentile of itself', () => {
  expect([
    percentile(Float32Array.of(3), 0.9),
    percentile(Float32Array.of(3), 0.9, Float32Array.of(2)),
  ]).toEqual([3, 3]);
});
