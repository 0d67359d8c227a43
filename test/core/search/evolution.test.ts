import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stream } from '../../../core/chance.ts';
import { begin, evolve, populationOf, strategyOf } from '../../../core/search/evolution.ts';

interface Generation {
  readonly places: readonly number[][];
  readonly mean: readonly number[];
  readonly sigma: number;
  readonly covariance: readonly number[];
}
const { cases }: { cases: { size: number; weights: number[]; generations: [Generation, Generation] }[] } =
  JSON.parse(readFileSync(new URL('../../fixtures/search/cmaes.json', import.meta.url), 'utf8'));

const close = (own: Iterable<number>, other: readonly number[]) => {
  const values = [...own];
  expect(values).toHaveLength(other.length);
  for (const [k, value] of values.entries()) expect(value).toBeCloseTo(other[k]!, 6);
};

test.each(cases)(
  'two generations of $size numbers are those of the package cmaes',
  ({ size, weights, generations }) => {
    const strategy = strategyOf(size, populationOf(size));
    close(strategy.weights, weights);
    const start = begin(new Float64Array(size).fill(0.5), 0.3);
    const [one, two] = generations;
    const first = evolve(
      strategy,
      start,
      one.places.map((place) => Float64Array.from(place)),
    )!;
    close(first.mean, one.mean);
    close(first.covariance, one.covariance);
    expect(first.sigma).toBeCloseTo(one.sigma, 6);
    const second = evolve(
      strategy,
      first,
      two.places.map((place) => Float64Array.from(place)),
    )!;
    close(second.mean, two.mean);
    close(second.covariance, two.covariance);
    // From here on the step size goes by another root of the covariance: the same on the average alone.
    expect(second.sigma).toBeGreaterThan(two.sigma * 0.8);
    expect(second.sigma).toBeLessThan(two.sigma * 1.25);
  },
);

test('a place that the distribution would never have drawn moves it no farther than draws do', () => {
  const strategy = strategyOf(2, 6);
  const start = begin(Float64Array.of(0, 0), 1);
  const next = stream('places');
  const near = Array.from({ length: 5 }, () => Float64Array.of(next() - 0.5, next() - 0.5));
  const { mean } = evolve(strategy, start, [Float64Array.of(1e9, 0), ...near])!;
  // The square root of 2 and 4/4 more; the best trial has less than the whole weight.
  expect(Math.abs(mean[0]!)).toBeLessThan(Math.SQRT2 + 1);
});
