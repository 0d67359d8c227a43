import { describe, expect, test } from 'vitest';
import { improvement } from '../../../../core/search/gp/gain.ts';
import { condition, type Places } from '../../../../core/search/gp/gaussian-process.ts';

const places: Places = {
  rows: Float64Array.of(0.1, 0.2, 0.4, 0.9, 0.8, 0.3, 0.6, 0.6),
  ...{ count: 4, width: 2, numbers: 2 },
};
const values = Float64Array.of(-1.2, 0.3, 1.1, -0.2);
const processOf = (noise: number) =>
  condition(places, values, { inverse: Float64Array.of(4, 0.25), scale: 1.7, noise }, 0);

describe('the gain of a place', () => {
  test.each([0.01, 0.5])('has the slope that differences say, with noise %d', (noise) => {
    const gain = improvement(processOf(noise), -1, noise);
    for (const at of [Float64Array.of(0.35, 0.55), Float64Array.of(0.11, 0.2), Float64Array.of(0.95, 0.05)]) {
      const slope = new Float64Array(2);
      gain(at, slope);
      for (const k of [0, 1]) {
        const [less, more] = [-1e-6, 1e-6].map((by) =>
          gain(at.map((value, j) => value + (j === k ? by : 0))),
        );
        expect(slope[k]! / ((more! - less!) / 2e-6)).toBeCloseTo(1, 3);
      }
    }
  });

  test('is the expected improvement times what another noisy value tells: by SciPy, at the mean -.5, variance .3, noise .2', () => {
    const belief = {
      mean: -0.5,
      variance: 0.3,
      meanSlope: new Float64Array(0),
      varianceSlope: new Float64Array(0),
    };
    const process = { at: () => belief, means: new Float64Array(0) };
    expect(improvement(process, -0.7, 0.2)(new Float64Array(0))).toBeCloseTo(-3.0189393242652134, 6);
    expect(improvement(process, -0.7, 0)(new Float64Array(0))).toBeCloseTo(-2.018028357884814, 6);
  });
});
