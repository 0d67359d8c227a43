import { FanfareError } from '../errors.ts';

/**
 * How many positive and negative rows have each score: all that the metrics need, and it merges over shards. Scores
 * ascend and are unique; −0 counts as 0.
 *
 * Memory is bounded: beyond `mostScores` different ones the last `dropped` bits of each float32 are zero, so that a
 * score stands for those within 2^(dropped − 23) of its size; `dropped` is the least with which they fit. What it holds
 * depends on the rows alone, not on their order, nor on how they were divided. Rows within a bucket count as ties, by
 * which an AUC moves by at most half the share of (positive, negative) pairs that fall into one bucket.
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

/** Labels as a byte each, 255 where there is none. */
export function binaryLabels(labels: Float64Array): Uint8Array {
  const bytes = new Uint8Array(labels.length);
  for (let row = 0; row < labels.length; row++) bytes[row] = Number.isNaN(labels[row]!) ? 255 : labels[row]!;
  return bytes;
}

/** Counts the scores of rows whose label is 1 or 0; others are left out. `BadTable` if a score is NaN or the lengths differ. */
export function countScores(scores: Float32Array, labels: Uint8Array, most = mostScores): ScoreCounts {
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
    const end = start + mostScores;
    counts = mergeScoreCounts(
      counts,
      countBlock(scores.subarray(start, end), labels.subarray(start, end)),
      most,
    );
  }
  return counts;
}

function countBlock(scores: Float32Array, labels: Uint8Array): ScoreCounts {
  const keys = new Uint32Array(scores.length);
  const floats = new Float32Array(keys.buffer);
  // Minus zero plus zero is zero.
  for (let row = 0; row < keys.length; row++) floats[row] = scores[row]! + 0;
  turn(keys);
  const sorted = sortByKey(keys, labels);
  turnBack(sorted.keys);
  const values = new Float32Array(sorted.keys.buffer);
  const into = room(values.length);
  let size = 0;
  for (let row = 0; row < values.length; row++) {
    const label = sorted.labels[row]!;
    if (label > 1) continue;
    if (size === 0 || into.scores[size - 1] !== values[row]) into.scores[size++] = values[row]!;
    if (label === 1) into.positives[size - 1]! += 1;
    else into.negatives[size - 1]! += 1;
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

interface Keyed {
  readonly keys: Uint32Array;
  readonly labels: Uint8Array;
}

/** By three digits of 11 bits, the lowest first: several times as fast as a sort that compares. */
function sortByKey(keys: Uint32Array, labels: Uint8Array) {
  let from: Keyed = { keys, labels };
  let to: Keyed = { keys: new Uint32Array(keys.length), labels: new Uint8Array(keys.length) };
  for (let shift = 0; shift < 32; shift += 11) {
    const starts = new Uint32Array(2049);
    for (let i = 0; i < keys.length; i++) starts[((from.keys[i]! >>> shift) & 2047) + 1]! += 1;
    for (let digit = 0; digit < 2048; digit++) starts[digit + 1]! += starts[digit]!;
    for (let i = 0; i < keys.length; i++) {
      const place = starts[(from.keys[i]! >>> shift) & 2047]!++;
      to.keys[place] = from.keys[i]!;
      to.labels[place] = from.labels[i]!;
    }
    // The caller's labels are never written to.
    const spare = shift === 0 ? { keys: from.keys, labels: new Uint8Array(keys.length) } : from;
    from = to;
    to = spare;
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

/** What the last 8 bytes hold of a size, beside the dropped bits. */
const sizes = 2 ** 32;

/**
 * Little endian: scores as f32, padded to a multiple of 8 bytes; positives, then negatives as f64; their number, plus
 * 2^32 times the bits that were dropped, as f64.
 */
export function encodeScoreCounts({ dropped, scores, positives, negatives }: ScoreCounts): Uint8Array {
  const bytes = new Uint8Array(encodedSize(scores.length));
  const padded = Math.ceil(scores.length / 2) * 8;
  bytes.set(bytesOf(scores), 0);
  bytes.set(bytesOf(positives), padded);
  bytes.set(bytesOf(negatives), padded + positives.byteLength);
  new DataView(bytes.buffer).setFloat64(bytes.length - 8, dropped * sizes + scores.length, true);
  return bytes;
}

/** `BadTable` if the bytes are cut off or are something else. */
export function decodeScoreCounts(bytes: Uint8Array): ScoreCounts {
  const copy = bytes.slice();
  const last = copy.length < 8 ? Number.NaN : new DataView(copy.buffer).getFloat64(copy.length - 8, true);
  const size = last % sizes;
  if (encodedSize(size) !== copy.length) {
    throw new FanfareError(
      'BadTable',
      `${copy.length} bytes of score counts are not what their last 8 bytes say`,
    );
  }
  const padded = Math.ceil(size / 2) * 8;
  return {
    dropped: Math.floor(last / sizes),
    scores: new Float32Array(copy.buffer, 0, size),
    positives: new Float64Array(copy.buffer, padded, size),
    negatives: new Float64Array(copy.buffer, padded + size * 8, size),
  };
}

const encodedSize = (size: number): number => Math.ceil(size / 2) * 8 + size * 16 + 8;

const bytesOf = (values: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
