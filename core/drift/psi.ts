import type { DriftLevel } from '../contracts/drift.ts';

/**
 * What an empty bin counts as, so that its logarithm is finite: a share of 0.0001 on either side, as Evidently has it
 * (`get_binned_data`, `feel_zeroes`).
 */
const floor = 0.0001;

/**
 * The population stability index of counts by bin: the sum of (a − e) ln(a / e) over the shares of the bins, of which those
 * that are empty on both sides add nothing. Where the rows are of one population it is about (bins − 1) (1/n + 1/m).
 */
export function psiOf(expected: readonly number[], actual: readonly number[]): number {
  const [all, now] = [sum(expected), sum(actual)];
  return expected.reduce((total, count, bin) => {
    const e = Math.max(floor, count / all);
    const a = Math.max(floor, actual[bin]! / now);
    return total + (a - e) * Math.log(a / e);
  }, 0);
}

/** The standard normal's quantile at 0.999. */
const z = 3.0902;

/**
 * What the index of rows of the very same population exceeds once in a thousand: it is distributed as (1/n + 1/m) times chi
 * square with bins − 1 degrees of freedom (Yurdakul and Naranjo, "Statistical properties of the population stability
 * index", Journal of Risk Model Validation 14(4), 2020); its quantile is Wilson and Hilferty's.
 */
export function noiseOf(expected: readonly number[], actual: readonly number[]): number {
  const free = expected.filter((count, bin) => count + actual[bin]! > 0).length - 1;
  if (free < 1) return 0;
  const part = 2 / (9 * free);
  return free * (1 - part + z * Math.sqrt(part)) ** 3 * (1 / sum(expected) + 1 / sum(actual));
}

/**
 * By the convention of credit scoring (Lewis 1994; Siddiqi 2006): below 0.1 stable, from 0.25 on major. What a sample of
 * that size may come to by chance is stable.
 */
export function levelOf(psi: number, noise: number): DriftLevel {
  if (psi < 0.1 || psi <= noise) return 'stable';
  return psi < 0.25 ? 'moderate' : 'major';
}

export const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
