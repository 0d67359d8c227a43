import { FanfareError } from '../errors.ts';
import type { ScoreCounts } from './score-counts.ts';

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
