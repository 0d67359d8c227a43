import type { ScoreCounts } from './score-counts.ts';

/** A metric's value, or why there is none. */
export type Metric =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'undefined'; readonly reason: string };

/**
 * The area under the ROC curve: the share of (positive, negative) pairs in which the positive scores higher, ties as
 * half (Mann and Whitney, 1947). Exact up to 2^53 pairs.
 */
export function auc({ positives, negatives }: ScoreCounts): Metric {
  const pairs = sum(positives) * sum(negatives);
  if (pairs === 0) return oneClass('AUC', positives, negatives);
  let won = 0;
  let below = 0;
  for (let i = 0; i < positives.length; i++) {
    won += positives[i]! * (below + negatives[i]! / 2);
    below += negatives[i]!;
  }
  return { kind: 'value', value: won / pairs };
}

/** What scikit-learn keeps float32 probabilities from 0 and 1 by. */
const epsilon = 2 ** -23;

/** The mean of −ln of the probability that was given to the row's label. Scores are probabilities. */
export function logLoss({ dropped, scores, positives, negatives }: ScoreCounts): Metric {
  const rows = sum(positives) + sum(negatives);
  if (rows === 0) return { kind: 'undefined', reason: 'log loss needs at least one row' };
  // A score whose last bits were dropped stands for the middle of its bucket.
  const middle = dropped === 0 ? 1 : 1 + 2 ** (dropped - 25);
  let loss = 0;
  for (let i = 0; i < scores.length; i++) {
    const probability = Math.min(1 - epsilon, Math.max(epsilon, scores[i]! * middle));
    loss -= positives[i]! * Math.log(probability) + negatives[i]! * Math.log1p(-probability);
  }
  return { kind: 'value', value: loss / rows };
}

const sum = (counts: Float64Array): number => counts.reduce((all, count) => all + count, 0);

function oneClass(metric: string, positives: Float64Array, negatives: Float64Array): Metric {
  const given = `${sum(positives)} positive and ${sum(negatives)} negative rows`;
  return { kind: 'undefined', reason: `${metric} needs rows of both labels, there are ${given}` };
}
