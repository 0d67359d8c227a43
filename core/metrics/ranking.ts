import type { Metric } from './metric.ts';
import type { ScoreCounts } from './score-counts.ts';

/**
 * The area under the ROC curve: the share of (positive, negative) pairs in which the positive scores higher, ties as
 * half (Mann and Whitney, 1947). Exact up to 2^53 pairs.
 */
export function auc({ positives, negatives }: ScoreCounts): Metric {
  const pairs = sum(positives) * sum(negatives);
  if (pairs === 0) return oneClass(positives, negatives);
  let won = 0;
  let below = 0;
  for (let i = 0; i < positives.length; i++) {
    won += positives[i]! * (below + negatives[i]! / 2);
    below += negatives[i]!;
  }
  return { kind: 'value', value: won / pairs };
}

/** The mean precision at the positives, each with all that score as high or higher: no line between points is drawn. */
export function averagePrecision({ positives, negatives }: ScoreCounts): Metric {
  const all = sum(positives);
  if (all === 0) return { kind: 'undefined', reason: 'it needs a positive row, there is none' };
  let found = 0;
  let taken = 0;
  let area = 0;
  for (let i = positives.length - 1; i >= 0; i--) {
    found += positives[i]!;
    taken += positives[i]! + negatives[i]!;
    if (positives[i]! > 0) area += positives[i]! * (found / taken);
  }
  return { kind: 'value', value: area / all };
}

export const weightOf = ({ positives }: ScoreCounts): number => sum(positives);

const sum = (counts: Float64Array): number => counts.reduce((all, count) => all + count, 0);

function oneClass(positives: Float64Array, negatives: Float64Array): Metric {
  const given = `${sum(positives)} positive and ${sum(negatives)} negative rows`;
  return { kind: 'undefined', reason: `it needs rows of both labels, there are ${given}` };
}
