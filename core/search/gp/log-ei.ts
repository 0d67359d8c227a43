import { halfLogTwoPi, normalCdf } from '../normal.ts';

/** Below it 1 − |z| Φ(z)/φ(z) is taken from its series: the difference would lose its digits. */
const far = -6;

/**
 * ln(φ(z) + z Φ(z)), the logarithm of a standard normal's expected improvement, with what its slope is made of: Φ and φ over
 * that sum. It falls like −z²/2 where the improvement itself would be 0 to a computer, so that a search is led on (Ament et
 * al., "Unexpected Improvements to Expected Improvement for Bayesian Optimization", NeurIPS 2023, section 4).
 */
export function logImprovement(z: number): {
  readonly log: number;
  readonly cdf: number;
  readonly pdf: number;
} {
  const logPdf = -0.5 * z * z - halfLogTwoPi;
  if (z > far) {
    const [pdf, cdf] = [Math.exp(logPdf), normalCdf(z)];
    const sum = pdf + z * cdf;
    return { log: Math.log(sum), cdf: cdf / sum, pdf: pdf / sum };
  }
  const inverse = 1 / (z * z);
  // 1 − |z| M(z), by Mills' ratio M (Abramowitz and Stegun 26.2.12).
  const rest = inverse * (1 - inverse * (3 - inverse * (15 - inverse * 105)));
  return { log: logPdf + Math.log(rest), cdf: (1 - rest) / (-z * rest), pdf: 1 / rest };
}
