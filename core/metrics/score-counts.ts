import { FanfareError } from '../errors.ts';

/**
 * How many positive and negative rows have each score, or what these rows weigh: all that metrics of ranking need, and it
 * merges over shards. Scores ascend and are unique; −0 counts as 0.
 *
 * Memory is bounded: beyond `mostScores` different ones the last `dropped` bits of each float32 are zero, so that a
 * score stands for those within 2^(dropped − 23) of its size; `dropped` is the least with which they fit. What it holds
 * depends on the rows alone, not on their order, nor on how they were divided; sums of weights do, in their last digits.
 * Rows within a bucket count as ties, by which an AUC moves by at most half the share of (positive, negative) pairs that
 * fall into one bucket.
 */
export interface ScoreCounts {
  readonly dropped: number;
  readonly scores: Float32Array;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/** 20 bytes each. */
export const mostScores = 2 ** 20;

export const noScores: ScoreCounts = {
  dropped: 0,
  scores: new Float32Array(0),
  positives: new Float64Array(0),
  negatives: new Float64Array(0),
};

/** The rows of one class against all others. */
export interface ScoredRows {
  readonly scores: Float32Array;
  /** 1 or 0; rows of any other label are left out. */
  readonly labels: Uint8Array;
  /** What each counts; 1 where they are left out. */
  readonly weights?: Float64Array | undefined;
}

/** `BadTable` if a score is NaN or the lengths differ. */
export function countScores({ scores, labels, weights }: ScoredRows, most = mostScores): ScoreCounts {
  if (scores.length !== labels.length) {
    throw new FanfareError(
      'BadTable',
      `${scores.length} scores and ${labels.length} labels do not belong together`,
    );
  }
  const nan = scores.findIndex(Number.isNaN);
  if (nan >= 0)
    throw new FanfareError('BadTable', `score ${nan} of ${scores.length} is NaN; a number is expected`);
  let counts = noScores;
  // A block at a time: what is needed for it does not grow with the rows.
  for (let start = 0; start < scores.length; start += mostScores) {
    const block = <T extends Float32Array | Uint8Array | Float64Array>(values: T) =>
      values.subarray(start, start + mostScores) as T;
    const part = { scores: block(scores), labels: block(labels), weights: weights && block(weights) };
    counts = mergeScoreCounts(counts, countBlock(part), most);
  }
  return counts;
}

function countBlock({ scores, labels, weights }: ScoredRows): ScoreCounts {
  const keys = new Uint32Array(scores.length);
  const floats = new Float32Array(keys.buffer);
  // Minus zero plus zero is zero.
  for (let row = 0; row < keys.length; row++) floats[row] = scores[row]! + 0;
  turn(keys);
  // What goes along with the scores is all there is of a row: its label or, where rows have weights, its number.
  const sorted = sortByKey(keys, weights ? Uint32Array.from(keys, (_, row) => row) : labels);
  turnBack(sorted.keys);
  const values = new Float32Array(sorted.keys.buffer);
  const into = room(values.length);
  let size = 0;
  for (let at = 0; at < values.length; at++) {
    const row = sorted.carried[at]!;
    const label = weights ? labels[row]! : row;
    if (label > 1) continue;
    if (size === 0 || into.scores[size - 1] !== values[at]) into.scores[size++] = values[at]!;
    const weight = weights ? weights[row]! : 1;
    if (label === 1) into.positives[size - 1]! += weight;
    else into.negatives[size - 1]! += weight;
  }
  return cut(into, size, 0);
}

/** Makes a float's bits ascend as unsigned integers do: negative numbers by all bits, others by the sign. */
function turn(keys: Uint32Array): void {
  for (let i = 0; i < keys.length; i++) keys[i]! ^= keys[i]! >>> 31 === 1 ? -1 : 0x80000000;
}

function turnBack(keys: Uint32Array): void {
  for (let i = 0; i < keys.length; i++) keys[i]! ^= keys[i]! >>> 31 === 1 ? 0x80000000 : -1;
}

interface Keyed<Carried extends Uint8Array | Uint32Array> {
  readonly keys: Uint32Array;
  readonly carried: Carried;
}

/** By three digits of 11 bits, the lowest first: several times as fast as a sort that compares. */
function sortByKey<Carried extends Uint8Array | Uint32Array>(keys: Uint32Array, carried: Carried) {
  const spare = () => new (carried.constructor as new (length: number) => Carried)(keys.length);
  let from: Keyed<Carried> = { keys, carried };
  let to: Keyed<Carried> = { keys: new Uint32Array(keys.length), carried: spare() };
  for (let shift = 0; shift < 32; shift += 11) {
    const starts = new Uint32Array(2049);
    for (let i = 0; i < keys.length; i++) starts[((from.keys[i]! >>> shift) & 2047) + 1]! += 1;
    for (let digit = 0; digit < 2048; digit++) starts[digit + 1]! += starts[digit]!;
    for (let i = 0; i < keys.length; i++) {
      const place = starts[(from.keys[i]! >>> shift) & 2047]!++;
      to.keys[place] = from.keys[i]!;
      to.carried[place] = from.carried[i]!;
    }
    // What the caller gave is never written to.
    const next = shift === 0 ? { keys: from.keys, carried: spare() } : from;
    from = to;
    to = next;
  }
  return from;
}

/** The counts of both shards' rows together. */
export function mergeScoreCounts(a: ScoreCounts, b: ScoreCounts, most = mostScores): ScoreCounts {
  if (a.dropped !== b.dropped) {
    const dropped = Math.max(a.dropped, b.dropped);
    return mergeScoreCounts(coarser(a, dropped), coarser(b, dropped), most);
  }
  let merged = a.scores.length === 0 ? b : b.scores.length === 0 ? a : merge(a, b);
  while (merged.scores.length > most) merged = coarser(merged, merged.dropped + 1);
  return merged;
}

function merge(a: ScoreCounts, b: ScoreCounts): ScoreCounts {
  const into = room(a.scores.length + b.scores.length);
  let size = 0;
  for (let i = 0, j = 0; i < a.scores.length || j < b.scores.length; size++) {
    const left = i < a.scores.length ? a.scores[i]! : Number.POSITIVE_INFINITY;
    const right = j < b.scores.length ? b.scores[j]! : Number.POSITIVE_INFINITY;
    into.scores[size] = left < right ? left : right;
    if (i < a.scores.length && left <= right) {
      into.positives[size] = a.positives[i]!;
      into.negatives[size] = a.negatives[i++]!;
    }
    if (j < b.scores.length && right <= left) {
      into.positives[size]! += b.positives[j]!;
      into.negatives[size]! += b.negatives[j++]!;
    }
  }
  return cut(into, size, a.dropped);
}

/** The same rows with that many bits dropped: towards zero, which keeps the order. */
function coarser(counts: ScoreCounts, dropped: number): ScoreCounts {
  if (dropped === counts.dropped) return counts;
  const { length } = counts.scores;
  const rounded = counts.scores.slice();
  const words = new Uint32Array(rounded.buffer);
  const mask = -1 << dropped;
  for (let i = 0; i < length; i++) words[i]! &= mask;
  const into = room(length);
  let size = 0;
  for (let i = 0; i < length; i++) {
    if (size === 0 || into.scores[size - 1] !== rounded[i]) into.scores[size++] = rounded[i]! + 0;
    into.positives[size - 1]! += counts.positives[i]!;
    into.negatives[size - 1]! += counts.negatives[i]!;
  }
  return cut(into, size, dropped);
}

type Room = Omit<ScoreCounts, 'dropped'>;

const room = (size: number): Room => ({
  scores: new Float32Array(size),
  positives: new Float64Array(size),
  negatives: new Float64Array(size),
});

const cut = ({ scores, positives, negatives }: Room, size: number, dropped: number): ScoreCounts => ({
  dropped,
  scores: scores.slice(0, size),
  positives: positives.slice(0, size),
  negatives: negatives.slice(0, size),
});
