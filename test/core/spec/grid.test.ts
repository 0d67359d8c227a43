import { describe, expect, test } from 'vitest';
import { readSpec } from '../../../core/spec/read.ts';
import { refusal } from '../../support/refusal.ts';

/** A specification whose sampler is on line 5, and whose space begins on line 7. */
const withGrid = (sampler: string, space: readonly string[], ...more: readonly string[]): string =>
  [
    'name: flights',
    'table: a.parquet',
    'target: late',
    'tune:',
    `  sampler: ${sampler}`,
    '  space:',
    ...space.map((each) => `    ${each}`),
    ...more,
  ].join('\n');

describe('a grid', () => {
  const space = ['rate: { low: 0.01, high: 0.5, log: true }', 'leaves: { low: 7, high: 255, integer: true }'];

  test('is tried as a whole where no number of trials is given', () => {
    expect(readSpec(withGrid('{ kind: grid, points: 3 }', space), 'a.yaml').tune.trials).toBe(100_000);
    expect(readSpec(withGrid('grid', ['leaves: [1, 2]'], '  trials: 3'), 'a.yaml').tune.trials).toBe(3);
  });

  test('needs values of each float', () => {
    expect(refusal(withGrid('grid', space))).toMatch(
      /^flights.yaml:7:\d+: tune.space.rate: a float has no end of values for a grid: give it a step, or the sampler points/,
    );
  });

  test('of a million combinations is refused, counted by parameter', () => {
    const million = [...space, 'l2: { low: 0, high: 10, step: 0.25 }'];
    expect(refusal(withGrid('{ kind: grid, points: 1000 }', million))).toMatch(
      // 1,000 rates, 249 leaves, 41 of l2.
      /^flights.yaml:5:\d+: tune.sampler: a grid of 10,209,000 combinations, and at most 100,000 are tried: .*\(values: rate 1000 · leaves 249 · l2 41\)$/,
    );
  });

  test('of which constraints allow nothing is refused', () => {
    const text = withGrid(
      '{ kind: grid, points: 3 }',
      space,
      '  constraints:',
      '    - 0.2 < rate and rate < 0.4',
    );
    // 0.01, 0.07 and 0.5: the space has such rates, and the grid none.
    expect(refusal(text)).toMatch(
      /^flights.yaml:\d+:\d+: tune.constraints: none of the 9 combinations of the grid satisfies them$/,
    );
  });
});
