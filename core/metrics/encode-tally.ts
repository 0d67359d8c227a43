import { joinBytes } from '../bytes.ts';
import { FanfareError } from '../errors.ts';
import { decodeJson, encodeJson } from '../store.ts';
import { decodeScoreCounts, encodeScoreCounts } from './encode-counts.ts';
import type { Tally } from './tally.ts';
import { WideSums } from './wide-sums.ts';

const format = 'tally-1';

interface Head {
  readonly format: string;
  /** 0: it is of numbers. */
  readonly classes: number;
  readonly sums: number;
  /** Bytes of the score counts: of each class that is ranked, or of errors and predictions. */
  readonly ranks: readonly number[];
}

/** The length of the head as u32, the head as JSON, the sums' high parts and low ones as f64, then score counts; little endian. */
export function encodeTally(tally: Tally): Uint8Array {
  const ranks = tally.ranks.map(encodeScoreCounts);
  const { highs, lows } = tally.sums;
  const classes = tally.kind === 'classes' ? tally.classes : 0;
  const head: Head = { format, classes, sums: highs.length, ranks: ranks.map(({ length }) => length) };
  const text = encodeJson(head);
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, text.length, true);
  return joinBytes([size, text, bytesOf(highs), bytesOf(lows), ...ranks]);
}

const bytesOf = (values: Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** `BadTable` if the bytes are cut off or are something else. */
export function decodeTally(bytes: Uint8Array): Tally {
  const { head, start } = headOf(bytes);
  const sumsEnd = start + head.sums * 16;
  const ends = head.ranks.map((_, at) =>
    head.ranks.slice(0, at + 1).reduce((sum, size) => sum + size, sumsEnd),
  );
  if ((ends.at(-1) ?? sumsEnd) !== bytes.length) throw notOne(bytes);
  const [highs, lows] = [0, 1].map(
    (part) =>
      new Float64Array(bytes.slice(start + part * head.sums * 8, start + (part + 1) * head.sums * 8).buffer),
  );
  const sums = new WideSums(head.sums, highs!, lows!);
  const ranks = ends.map((end, at) => decodeScoreCounts(bytes.subarray(end - head.ranks[at]!, end)));
  if (head.classes === 0) return { kind: 'numbers', sums, ranks };
  return { kind: 'classes', classes: head.classes, sums, ranks };
}

function headOf(bytes: Uint8Array): { readonly head: Head; readonly start: number } {
  if (bytes.length < 4) throw notOne(bytes);
  const start = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  try {
    const head = decodeJson(bytes.subarray(4, start)) as Head;
    if (start <= bytes.length && head.format === format) return { head, start };
  } catch (error) {
    throw notOne(bytes, error);
  }
  throw notOne(bytes);
}

const notOne = ({ length }: Uint8Array, cause?: unknown): FanfareError =>
  new FanfareError(
    'BadTable',
    `${length} bytes are no ${format}: they were cut off, or are of another version`,
    { cause },
  );
