import { describe, expect, test } from 'vitest';
import { stream } from '../../../core/chance.ts';
import type { Dimension } from '../../../core/contracts/space.ts';
import { normalCdf } from '../../../core/search/normal.ts';
import { agedWeights, bellsOf, parzen } from '../../../core/search/parzen.ts';

const dimensions: Record<string, Dimension> = {
  float: { kind: 'float', low: 0, high: 10, log: false },
  logFloat: { kind: 'float', low: 0.001, high: 1, log: true },
  int: { kind: 'int', low: 1, high: 9, log: false },
  logInt: { kind: 'int', low: 2, high: 200, log: true },
  choice: { kind: 'choice', options: ['a', 'b', 'c'] },
};

const observed: Record<string, readonly number[]> = {
  float: [2, 3, 7],
  logFloat: [0.01, 0.5, 0.02],
  int: [3, 3, 8],
  logInt: [4, 100, 30],
  choice: [0, 2, 2],
};

function densityOf(names: readonly string[]) {
  return parzen(
    names.map((name) => dimensions[name]!),
    [0, 1, 2].map((at) => names.map((name) => observed[name]![at]!)),
  );
}

describe('the density of a Parzen estimator', () => {
  // optuna 5.0.0, _ParzenEstimator(prior_weight 1, magic clip, no endpoints).log_pdf.
  test.each([
    ['float', 2.5, -2.0062675762796136, 9.9, -2.865637137070327],
    ['logFloat', 0.015, -1.69206095907148, 0.9, -2.2064169028923324],
    ['int', 4, -1.9722490425211605, 1, -2.2690862408659287],
    ['logInt', 5, -3.349174283028867, 150, -6.526695882545116],
    ['choice', 2, -0.7419373447293772, 1, -1.6582280766035324],
  ])("is Optuna's along an axis of kind %s", (name, near, logNear, far, logFar) => {
    const density = densityOf([name]);
    expect(density.logAt([near])).toBeCloseTo(logNear, 10);
    expect(density.logAt([far])).toBeCloseTo(logFar, 10);
  });

  test("is Optuna's over all of them together, where kernels are products", () => {
    const density = densityOf(Object.keys(dimensions));
    expect(density.logAt([2.5, 0.015, 4, 5, 2])).toBeCloseTo(-10.005928607803451, 10);
    expect(density.logAt([9.9, 0.9, 1, 150, 1])).toBeCloseTo(-15.211081318410956, 10);
  });

  test('without a point is the prior alone: a bell of the width of the axis, cut off at its ends', () => {
    // φ(0.25) / 10 over Φ(0.5) - Φ(-0.5) = 0.03866681 / 0.38292492 = 0.10097753.
    expect(parzen([dimensions.float!], []).logAt([2.5])).toBeCloseTo(Math.log(0.10097753), 6);
    // Options of which none was seen are equally likely.
    expect(parzen([dimensions.choice!], []).logAt([1])).toBeCloseTo(Math.log(1 / 3), 12);
  });

  test('sums to one over the integers, and over the options', () => {
    const total = (name: string, codes: readonly number[]) =>
      codes.reduce((sum, code) => sum + Math.exp(densityOf([name]).logAt([code])), 0);
    expect(total('int', [1, 2, 3, 4, 5, 6, 7, 8, 9])).toBeCloseTo(1, 12);
    expect(total('choice', [0, 1, 2])).toBeCloseTo(1, 12);
    expect(
      total(
        'logInt',
        Array.from({ length: 199 }, (_, at) => at + 2),
      ),
    ).toBeCloseTo(1, 12);
  });
});

test('draws are as frequent as the density says: each integer of 4,000, within 5 standard deviations', () => {
  const density = densityOf(['int']);
  const next = stream('draws');
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 4000; draw++) counts[density.draw(next)[0]!]! += 1;
  for (let code = 1; code <= 9; code++) {
    const share = Math.exp(density.logAt([code]));
    expect(Math.abs(counts[code]! - 4000 * share)).toBeLessThan(5 * Math.sqrt(4000 * share * (1 - share)));
  }
});

test('a bell is as wide as the longer way to a neighbour, but no less than its part of the axis', () => {
  const deviations = (means: readonly number[]) => bellsOf(means, 0, 10).map(({ deviation }) => deviation);
  // The outermost look inwards; 10 / (3 + 2) is the least of three.
  expect(deviations([2, 3, 7])).toEqual([2, 4, 4, 10]);
  // A single one looks to the ends of the axis.
  expect(deviations([2])).toEqual([8, 10]);
});

test('the latest 25 points count in full, and older ones less the older they are', () => {
  expect(agedWeights(25)).toEqual(new Array(25).fill(1));
  expect(agedWeights(26).slice(0, 2)).toEqual([1 / 26, 1]);
  const weights = agedWeights(28);
  expect(weights.slice(0, 4)).toEqual([1 / 28, expect.closeTo((1 + 1 / 28) / 2, 12), 1, 1]);
});

test('the normal distribution has the mass of its tables', () => {
  expect(normalCdf(0)).toBe(0.5);
  expect(normalCdf(1)).toBeCloseTo(0.8413447460685429, 14);
  expect(normalCdf(-3)).toBeCloseTo(0.0013498980316301, 14);
  expect(normalCdf(9) - normalCdf(-9)).toBe(1);
});
