import { describe, expect, test } from 'vitest';
import { levelOf, noiseOf, psiOf } from '../../../core/drift/psi.ts';

describe('the population stability index', () => {
  test.each([
    // (0.6 − 0.5) ln 1.2 + (0.4 − 0.5) ln 0.8
    [[50, 50], [60, 40], 0.0405465],
    // 0.5 ln 2 + (0.0001 − 0.5) ln 0.0002
    [[50, 50], [100, 0], 4.6043185],
    // By numpy 2.4.6; what training never had stands at 0.0001.
    [[10, 20, 30, 40, 0], [5, 25, 30, 30, 10], 0.7646675],
    [[3, 0, 7], [300, 0, 700], 0],
  ])('of %j and %j', (expected, actual, psi) => {
    expect(psiOf(expected, actual)).toBeCloseTo(psi, 6);
  });

  test('is the same whichever of the two is training', () => {
    expect(psiOf([10, 20, 70], [30, 30, 40])).toBeCloseTo(psiOf([30, 30, 40], [10, 20, 70]), 12);
  });
});

describe('what sampling alone may come to', () => {
  // chi2.ppf(0.999, bins − 1) of scipy 1.17.1.
  test.each([
    [2, 10.8276],
    [3, 13.8155],
    [6, 20.515],
    [10, 27.8772],
    [21, 45.3147],
  ])('of %i bins is that quantile of chi square, to 4 %', (bins, quantile) => {
    const expected = Array.from({ length: bins }, () => 100);
    const actual = Array.from({ length: bins }, () => 7);
    const parts = 1 / (100 * bins) + 1 / (7 * bins);
    const noise = noiseOf(expected, actual) / parts / quantile;
    expect(Math.abs(noise - 1)).toBeLessThan(0.04);
  });

  test('counts the bins that hold rows', () => {
    expect(noiseOf([50, 50, 0], [60, 40, 0])).toBe(noiseOf([50, 50], [60, 40]));
    expect(noiseOf([100, 0], [100, 0])).toBe(0);
  });
});

test.each([
  [0.0999, 0, 'stable'],
  [0.1, 0.05, 'moderate'],
  [0.2499, 0.05, 'moderate'],
  [0.25, 0.05, 'major'],
  [0.25, 0.3, 'stable'],
] as const)('an index of %d, where %d may be chance, is %s', (psi, noise, level) => {
  expect(levelOf(psi, noise)).toBe(level);
});
