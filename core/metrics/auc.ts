import { FanfareError } from '../errors.ts';

/**
 * How many positive and negative rows have each score: all that these metrics need, and it merges over shards.
 * Scores ascend and are unique; −0 counts as 0.
 */
export interface ScoreCounts {
  readonly scores: Float32Array;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/** A metric's value, or why there is none. */
export type Metric =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'undefined'; readonly reason: string };

/** Counts the scores of rows whose label is 1 or 0. `BadTable` if a score is NaN or the lengths differ. */
export function countScores(scores: Float32Array, labels: Uint8Array): ScoreCounts {
  if (scores.length !== labels.length) {
    throw new FanfareError(
      'BadTable',
      `${scores.length} scores and ${labels.length} labels do not belong together`,
    );
  }
  const nan = scores.findIndex(Number.isNaN);
  if (nan >= 0)
    throw new FanfareError('BadTable', `score ${nan} of ${scores.length} is NaN; a number is expected`);
  const of = (label: number): Float32Array => scores.filter((_, row) => labels[row] === label).sort();
  const [positives, negatives] = [tally(of(1)), tally(of(0))];
  return mergeScoreCounts(
    { ...positives, positives: positives.counts, negatives: new Float64Array(positives.counts.length) },
    { ...negatives, positives: new Float64Array(negatives.counts.length), negatives: negatives.counts },
  );
}

export const noScores: ScoreCounts = {
  scores: new Float32Array(0),
  positives: new Float64Array(0),
  negatives: new Float64Array(0),
};

/** The counts of both shards' rows together. */
export function mergeScoreCounts(a: ScoreCounts, b: ScoreCounts): ScoreCounts {
  const most = a.scores.length + b.scores.length;
  const scores = new Float32Array(most);
  const positives = new Float64Array(most);
  const negatives = new Float64Array(most);
  let size = 0;
  for (let i = 0, j = 0; i < a.scores.length || j < b.scores.length; size++) {
    const score = Math.min(a.scores[i] ?? Number.POSITIVE_INFINITY, b.scores[j] ?? Number.POSITIVE_INFINITY);
    scores[size] = score;
    if (a.scores[i] === score) {
      positives[size]! += a.positives[i]!;
      negatives[size]! += a.negatives[i++]!;
    }
    if (b.scores[j] === score) {
      positives[size]! += b.positives[j]!;
      negatives[size]! += b.negatives[j++]!;
    }
  }
  return {
    scores: scores.slice(0, size),
    positives: positives.slice(0, size),
    negatives: negatives.slice(0, size),
  };
}

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
export function logLoss({ scores, positives, negatives }: ScoreCounts): Metric {
  const rows = sum(positives) + sum(negatives);
  if (rows === 0) return { kind: 'undefined', reason: 'log loss needs at least one row' };
  let loss = 0;
  for (let i = 0; i < scores.length; i++) {
    const probability = Math.min(1 - epsilon, Math.max(epsilon, scores[i]!));
    loss -= positives[i]! * Math.log(probability) + negatives[i]! * Math.log1p(-probability);
  }
  return { kind: 'value', value: loss / rows };
}

/** Little endian: scores as f32, padded to a multiple of 8 bytes; positives, then negatives as f64; their number as f64. */
export function encodeScoreCounts({ scores, positives, negatives }: ScoreCounts): Uint8Array {
  const bytes = new Uint8Array(encodedSize(scores.length));
  const padded = Math.ceil(scores.length / 2) * 8;
  bytes.set(bytesOf(scores), 0);
  bytes.set(bytesOf(positives), padded);
  bytes.set(bytesOf(negatives), padded + positives.byteLength);
  new DataView(bytes.buffer).setFloat64(bytes.length - 8, scores.length, true);
  return bytes;
}

/** `BadTable` if the bytes are cut off or are something else. */
export function decodeScoreCounts(bytes: Uint8Array): ScoreCounts {
  const copy = bytes.slice();
  const size = copy.length < 8 ? Number.NaN : new DataView(copy.buffer).getFloat64(copy.length - 8, true);
  if (encodedSize(size) !== copy.length) {
    throw new FanfareError(
      'BadTable',
      `${copy.length} bytes of score counts are not what their last 8 bytes say`,
    );
  }
  const padded = Math.ceil(size / 2) * 8;
  return {
    scores: new Float32Array(copy.buffer, 0, size),
    positives: new Float64Array(copy.buffer, padded, size),
    negatives: new Float64Array(copy.buffer, padded + size * 8, size),
  };
}

const encodedSize = (size: number): number => Math.ceil(size / 2) * 8 + size * 16 + 8;

const bytesOf = (values: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function tally(sorted: Float32Array): { readonly scores: Float32Array; readonly counts: Float64Array } {
  const scores = new Float32Array(sorted.length);
  const counts = new Float64Array(sorted.length);
  let size = 0;
  for (const score of sorted) {
    if (size === 0 || scores[size - 1] !== score) scores[size++] = score;
    counts[size - 1]! += 1;
  }
  return { scores: scores.slice(0, size), counts: counts.slice(0, size) };
}

const sum = (counts: Float64Array): number => counts.reduce((all, count) => all + count, 0);

function oneClass(metric: string, positives: Float64Array, negatives: Float64Array): Metric {
  const given = `${sum(positives)} positive and ${sum(negatives)} negative rows`;
  return { kind: 'undefined', reason: `${metric} needs rows of both labels, there are ${given}` };
}
