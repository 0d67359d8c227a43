import { FanfareError } from '../../errors.ts';
import type { Objective } from './objective.ts';
import { percentile } from './percentile.ts';

/**
 * A row's scores before any tree, float32: the best ones for all rows alike (LightGBM's boost_from_average).
 * `TrainableFailed` where the labels do not go with the objective.
 */
export function baseScores(
  objective: Objective,
  labels: Float32Array,
  weights: Float32Array | undefined,
): Float32Array {
  switch (objective.kind) {
    case 'logistic': {
      const share = Math.min(1 - tiny, Math.max(tiny, meanOf(labels, weights)));
      return Float32Array.of(Math.log(share / (1 - share)));
    }
    case 'softmax':
      return sharesOf(objective.classes, labels, weights).map((share) => Math.log(Math.max(tiny, share)));
    case 'squared':
      return Float32Array.of(meanOf(labels, weights));
    case 'absolute':
    case 'quantile':
      return Float32Array.of(percentile(labels, objective.share, weights));
    case 'poisson':
      return Float32Array.of(Math.log(meanCount(labels, weights)));
  }
}

/** A share is kept so far from 0 and 1. */
const tiny = 1e-15;

function meanOf(labels: Float32Array, weights: Float32Array | undefined): number {
  let sum = 0;
  let whole = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights ? weights[row]! : 1;
    sum += labels[row]! * weight;
    whole += weight;
  }
  return sum / whole;
}

function sharesOf(classes: number, labels: Float32Array, weights: Float32Array | undefined): Float32Array {
  const sums = new Float64Array(classes);
  for (let row = 0; row < labels.length; row++) sums[labels[row]!]! += weights ? weights[row]! : 1;
  const whole = sums.reduce((sum, each) => sum + each, 0);
  return Float32Array.from(sums, (sum) => sum / whole);
}

function meanCount(labels: Float32Array, weights: Float32Array | undefined): number {
  const least = labels.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const mean = meanOf(labels, weights);
  if (least >= 0 && mean > 0) return mean;
  const given = least < 0 ? `the target holds ${least}` : 'the target is 0 in every row';
  throw new FanfareError(
    'TrainableFailed',
    `gbdt: objective: poisson is for counts, of which some are above 0; ${given}`,
  );
}
