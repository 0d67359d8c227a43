import { describe, expect, test } from 'vitest';
import { noisePrior, realPartOf } from '../../../../core/search/gp/noise.ts';

describe('what is believed of noise', () => {
  // SciPy: logsumexp([norm.logpdf(t, -13, 2), norm.logpdf(t, -4, 2)]) + log(2π) / 2, and its central difference.
  test.each([
    [-15, -1.1931467354747944, 0.5],
    [-9, -2.4119970443116308, -0.44855872],
    [-8.5, -2.53125, 0],
    [-3, -0.8181429577175845, -0.2500095],
  ])('at the logarithm %d is what SciPy says', (theta, log, slope) => {
    expect(noisePrior(theta).log).toBeCloseTo(log, 9);
    expect(noisePrior(theta).slope).toBeCloseTo(slope, 5);
  });

  // SciPy: the second normal's share of the density, times the noise.
  test.each([
    [-15, 4.450850519411503e-7],
    [-9, 0.24508501313237185],
    [-3, 0.9999957771665553],
  ])('at the logarithm %d is heeded by the share of it that is real', (theta, share) => {
    expect(realPartOf(Math.exp(theta)) / Math.exp(theta)).toBeCloseTo(share, 9);
  });
});
