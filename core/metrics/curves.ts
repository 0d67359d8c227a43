import type { ScoreCounts } from './score-counts.ts';

/** Points of a curve, x and y. */
export type CurvePoint = readonly [x: number, y: number];

/** Two neighbours of a curve that is drawn are no further from each other, or there is nothing between them. */
const closest = 1 / 150;

/** The ROC curve: false positive rate and true positive rate, from the strictest threshold to the laxest. None of one label alone. */
export function rocCurve({ positives, negatives }: ScoreCounts): readonly CurvePoint[] {
  const [all, none] = [sum(positives), sum(negatives)];
  if (all === 0 || none === 0) return [];
  const points: CurvePoint[] = [[0, 0]];
  let [right, wrong] = [0, 0];
  for (let at = positives.length - 1; at >= 0; at--) {
    right += positives[at]!;
    wrong += negatives[at]!;
    points.push([wrong / none, right / all]);
  }
  return thinned(points);
}

/** Recall and precision, from the strictest threshold to the laxest. None without a positive row. */
export function precisionRecall({ positives, negatives }: ScoreCounts): readonly CurvePoint[] {
  const all = sum(positives);
  if (all === 0) return [];
  const points: CurvePoint[] = [];
  let [right, taken] = [0, 0];
  for (let at = positives.length - 1; at >= 0; at--) {
    right += positives[at]!;
    taken += positives[at]! + negatives[at]!;
    if (taken > 0) points.push([right / all, right / taken]);
  }
  return thinned(points);
}

/** Without those that lie next to the last one that was kept, but for the ends. */
function thinned(points: readonly CurvePoint[]): readonly CurvePoint[] {
  const kept: CurvePoint[] = [];
  for (const [at, point] of points.entries()) {
    const [x, y] = kept.at(-1) ?? [Infinity, Infinity];
    const next = points[at + 1];
    // The point before a jump is kept, or the line would cut the corner.
    const jumps = next !== undefined && distance(point, next) >= closest;
    if (next === undefined || distance(point, [x, y]) >= closest || (jumps && distance(point, [x, y]) > 0))
      kept.push(point);
  }
  return kept;
}

const distance = (a: CurvePoint, b: CurvePoint): number =>
  Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]));

/** A part of a range, from `from` up to `to`, and what its rows weigh. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** So many bars of equal width over all scores, by the weight of their rows of any label. None without rows. */
export function histogram({ scores, positives, negatives }: ScoreCounts, bars: number): readonly Bar[] {
  if (scores.length === 0) return [];
  const [low, high] = [scores[0]!, scores.at(-1)!];
  const width = (high - low) / bars || 1;
  const weights = new Float64Array(high > low ? bars : 1);
  for (let at = 0; at < scores.length; at++) {
    const bar = Math.min(weights.length - 1, Math.floor((scores[at]! - low) / width));
    weights[bar]! += positives[at]! + negatives[at]!;
  }
  return [...weights].map((weight, bar) => ({
    from: low + bar * width,
    to: low + (bar + 1) * width,
    weight,
  }));
}

/** Predictions beside what was: `positives` is the weight of the rows of each prediction, `negatives` the weighed sum of their labels. */
export function meansByPrediction(
  { scores, positives, negatives }: ScoreCounts,
  groups: number,
): readonly { readonly predicted: number; readonly actual: number; readonly weight: number }[] {
  const each = sum(positives) / groups;
  const means: { predicted: number; actual: number; weight: number }[] = [];
  let [weight, predicted, actual] = [0, 0, 0];
  for (let at = 0; at < scores.length; at++) {
    weight += positives[at]!;
    predicted += positives[at]! * scores[at]!;
    actual += negatives[at]!;
    const isLast = at === scores.length - 1;
    // What rounding leaves open is settled in favour of a group that is full.
    if (weight > 0 && (weight >= each * (1 - 1e-9) || isLast)) {
      means.push({ predicted: predicted / weight, actual: actual / weight, weight });
      [weight, predicted, actual] = [0, 0, 0];
    }
  }
  return means;
}

const sum = (counts: Float64Array): number => counts.reduce((all, count) => all + count, 0);
