import type { Batch } from '../../tables/batch.ts';
import { numbersOf } from '../../tables/slice.ts';
import { datePart } from '../date-parts.ts';
import { columnNamed, wordsNamed } from '../features.ts';
import { type DenseCategory, type DenseNumber, type DensePlan, waveTable } from './plan.ts';

/** A batch's rows by a plan. */
export interface DenseRows {
  readonly rows: number;
  /** A column a number of the plan. The exported graph gives the same, bit for bit. */
  readonly numbers: readonly Float64Array[];
  /** A code a row, for each category of the plan. */
  readonly codes: readonly Int32Array[];
}

/** `into`: where the columns of numbers are to be written; anew where it is not given. */
export function encodeDense(
  plan: DensePlan,
  batch: Batch,
  into: readonly Float64Array[] = plan.numbers.map(() => new Float64Array(batch.rows)),
): DenseRows {
  for (const [at, number] of plan.numbers.entries()) writeNumber(number, batch, into[at]!);
  const codes = plan.categories.map((category) => codesIn(category, batch));
  return { rows: batch.rows, numbers: into, codes };
}

/** One column of numbers. */
export function writeNumber(
  { from, fill, mean, scale }: DenseNumber,
  batch: Batch,
  into: Float64Array,
): void {
  const raw = numbersOf(columnNamed(batch, from.column));
  if (from.kind === 'missing') {
    for (let row = 0; row < raw.length; row++) into[row] = Math.abs(raw[row]!) < Infinity ? 0 : 1;
    return;
  }
  const filled = (fill - mean) * scale;
  if (from.kind === 'number') {
    for (let row = 0; row < raw.length; row++) {
      const value = raw[row]!;
      into[row] = Math.abs(value) < Infinity ? (value - mean) * scale : filled;
    }
    return;
  }
  const table = waveTable(from.part, from.wave).map((value) => (value - mean) * scale);
  const parts = datePart(from.part, raw);
  for (let row = 0; row < parts.length; row++) into[row] = table[parts[row]!] ?? filled;
}

/** A code a row. */
export function codesIn({ column, words, other, missing }: DenseCategory, batch: Batch): Int32Array {
  const { codes, dictionary, valid } = wordsNamed(batch, column);
  const places = new Map(words.map((word, at) => [word, at + 1]));
  const codeOf = Int32Array.from(dictionary, (word) => (word === '' ? missing : (places.get(word) ?? other)));
  const out = new Int32Array(codes.length);
  for (let row = 0; row < out.length; row++)
    out[row] = valid && valid[row] === 0 ? missing : codeOf[codes[row]!]!;
  return out;
}
