import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stream } from '../../../../core/chance.ts';
import { factorOf, inverseBy, solveBy } from '../../../../core/search/gp/cholesky.ts';
import {
  condition,
  fitFrom,
  hyperOf,
  implausibility,
  type Places,
  startsOf,
} from '../../../../core/search/gp/gaussian-process.ts';
import { logImprovement } from '../../../../core/search/gp/log-ei.ts';
import { minimise } from '../../../../core/search/gp/minimise.ts';

const places: Places = {
  rows: Float64Array.of(0.1, 0.2, 0.4, 0.9, 0.8, 0.3, 0.6, 0.6),
  ...{ count: 4, width: 2, numbers: 2 },
};
const values = Float64Array.of(-1.2, 0.3, 1.1, -0.2);
const hyper = { inverse: Float64Array.of(1 / 0.5 ** 2, 1 / 2 ** 2), scale: 1.7, noise: 0.01 };

describe('a Gaussian process', () => {
  test('believes what scikit-learn believes: GaussianProcessRegressor(1.7 * Matern([.5, 2], nu=2.5), alpha=.01)', () => {
    const process = condition(places, values, hyper, 0);
    const beliefs = [process.at(Float64Array.of(0.3, 0.5)), process.at(Float64Array.of(0.9, 0.1))];
    const [first, second] = beliefs;
    expect(first!.mean).toBeCloseTo(-0.31343754682949987, 10);
    expect(first!.variance).toBeCloseTo(0.06839850310172114, 10);
    expect(second!.mean).toBeCloseTo(1.6001334408240284, 10);
    expect(second!.variance).toBeCloseTo(0.08120845733497584, 10);
  });

  test('tells how its belief changes along the axes: as differences say', () => {
    const process = condition(places, values, hyper, 0);
    const at = Float64Array.of(0.35, 0.55);
    const { meanSlope, varianceSlope } = process.at(at);
    for (const k of [0, 1]) {
      const [less, more] = [-1e-6, 1e-6].map((by) =>
        process.at(at.map((value, j) => value + (j === k ? by : 0))),
      );
      expect(meanSlope[k]).toBeCloseTo((more!.mean - less!.mean) / 2e-6, 5);
      expect(varianceSlope[k]).toBeCloseTo((more!.variance - less!.variance) / 2e-6, 5);
    }
  });

  test('has the slope of its evidence: as differences say, with codes among the columns', () => {
    const coded: Places = {
      rows: Float64Array.of(0.1, 0, 0.4, 1, 0.8, 0, 0.6, 2),
      count: 4,
      width: 2,
      numbers: 1,
    };
    for (const given of [places, coded]) {
      const loss = implausibility(given, values);
      const theta = Float64Array.of(0.3, -0.8, 0.2, -4);
      const slope = new Float64Array(4);
      loss(theta, slope);
      for (let k = 0; k < 4; k++) {
        const [less, more] = [-1e-5, 1e-5].map((by) =>
          loss(
            theta.map((value, j) => value + (j === k ? by : 0)),
            new Float64Array(4),
          ),
        );
        expect(slope[k]).toBeCloseTo((more! - less!) / 2e-5, 5);
      }
    }
  });

  test('takes running trials for what it believes of them: no belief moves, but it is surer there', () => {
    const alone = condition(places, values, hyper, 0);
    const rows = Float64Array.of(...places.rows, 0.95, 0.9);
    const beside = condition({ ...places, rows, count: 5 }, values, hyper, 1);
    const at = Float64Array.of(0.9, 0.85);
    expect(beside.at(at).mean).toBeCloseTo(alone.at(at).mean, 8);
    expect(beside.at(at).variance).toBeLessThan(alone.at(at).variance / 2);
  });

  test('finds that one axis of two matters', () => {
    const next = stream('matters');
    const count = 30;
    const rows = Float64Array.from({ length: 2 * count }, () => next());
    const seen = Float64Array.from({ length: count }, (_, i) => Math.sin(7 * rows[2 * i]!));
    const of = implausibility({ rows, count, width: 2, numbers: 2 }, seen);
    const { inverse, noise } = hyperOf(fitFrom(of, startsOf(2)[0]!, 40).theta);
    expect(inverse[0]! / inverse[1]!).toBeGreaterThan(100);
    expect(noise).toBeLessThan(1e-3);
  });
});

// Of 60 digits, by mpmath: z, ln(φ + zΦ), Φ and φ over φ + zΦ.
test.each([
  [3, 1.098739665327, 0.332840968451, 0.001477094644],
  [0.5, -0.359827683745, 0.990922718004, 0.504538640997],
  [-1, -2.485121025712, 1.904271233329, 2.904271233329],
  [-5, -16.74430116266, 5.361816241288, 27.80908120644],
  [-5.99, -22.515828734689, 6.300290927518, 38.738742655835],
  [-6.01, -22.64202555424, 6.319391844827, 38.97954498741],
  [-20, -206.917838509425, 20.099262811101, 402.985256222026],
  [-100, -5010.129578800249, 100.019994004196, 10002.9994004196],
])('the logarithm of the improvement at %d keeps its digits', (z, log, cdf, pdf) => {
  const found = logImprovement(z);
  expect(Math.abs(found.log - log)).toBeLessThan(2e-3);
  expect(Math.abs(found.cdf / cdf - 1)).toBeLessThan(2e-3);
  expect(Math.abs(found.pdf / pdf - 1)).toBeLessThan(2e-3);
});

test('L-BFGS goes down the valley of Rosenbrock, and stops at a bound', () => {
  const valley = (x: Float64Array, slope: Float64Array) => {
    const [a, b] = [x[0]!, x[1]!];
    slope.set([-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)]);
    return 100 * (b - a * a) ** 2 + (1 - a) ** 2;
  };
  const wide = { low: new Float64Array(2).fill(-2), high: new Float64Array(2).fill(2) };
  const free = minimise(valley, Float64Array.of(-1.2, 1), wide, 200);
  expect(free.value).toBeLessThan(1e-8);
  const bound = minimise(valley, Float64Array.of(-1.2, 1), { ...wide, high: Float64Array.of(0.5, 2) }, 200);
  // At a = .5 the least is at b = .25, where it is (1 − .5)².
  expect(bound.x[0]).toBe(0.5);
  expect(bound.value).toBeCloseTo(0.25, 6);
});

test('the factor of a positive definite matrix solves and inverts it; another matrix has none', () => {
  const size = 5;
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 25, maxLength: 25 }),
      (entries) => {
        const matrix = Float64Array.from({ length: 25 }, (_, at) => {
          const [i, j] = [Math.floor(at / size), at % size];
          let sum = i === j ? 0.5 : 0;
          for (let k = 0; k < size; k++) sum += entries[i * size + k]! * entries[j * size + k]!;
          return sum;
        });
        const factor = factorOf(matrix, size)!;
        const b = Float64Array.from(entries.slice(0, size));
        const [x, inverse] = [solveBy(factor, b), inverseBy(factor, size)];
        for (let i = 0; i < size; i++) {
          const row = (of: Float64Array, with_: (j: number) => number) =>
            Array.from({ length: size }, (_, j) => of[i * size + j]! * with_(j)).reduce((a, c) => a + c, 0);
          expect(row(matrix, (j) => x[j]!)).toBeCloseTo(b[i]!, 9);
          expect(row(matrix, (j) => inverse[j * size + i]!)).toBeCloseTo(1, 9);
        }
      },
    ),
  );
  expect(factorOf(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined();
});
