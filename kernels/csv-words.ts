import { Column, KnownWord, OpenWord, Run } from './csv-run';

/** Words and their codes, in AssemblyScript, for `csv.ts`. */

const ones: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
], 16);

/** Of a word of at most 16 bytes: its bucket. */
// @ts-ignore: a decorator of AssemblyScript
@inline function bucketOf(column: Column, low: u64, high: u64, size: i32): usize {
  const hash = ((low + <u64>size) * 0x9e3779b97f4a7c15) ^ (high * 0xc2b2ae3d27d4eb4f);
  return column.known + (<usize>((hash * 0x9e3779b97f4a7c15) >> column.shift)) * (2 * offsetof<KnownWord>());
}

// @ts-ignore: a decorator of AssemblyScript
@inline function wordAt(from: usize, size: i32): v128 {
  return v128.and(v128.load(from), v128.load(ones + 16 - <usize>size));
}

export function word(run: Run, column: Column, from: usize, to: usize, row: i32, doubled: i32): void {
  const out = column.values + ((<usize>row) << 2);
  const size = <i32>(to - from);
  if (size <= 16 && doubled == 0) {
    const bytes = wordAt(from, size);
    const low = <u64>i64x2.extract_lane(bytes, 0), high = <u64>i64x2.extract_lane(bytes, 1);
    const at = bucketOf(column, low, high, size);
    const first = changetype<KnownWord>(at), second = changetype<KnownWord>(at + offsetof<KnownWord>());
    if (first.low == low && first.high == high && first.size == size + 1) {
      store<i32>(out, first.code);
      return;
    }
    if (second.low == low && second.high == high && second.size == size + 1) {
      store<i32>(out, second.code);
      return;
    }
  }
  const open = changetype<OpenWord>(run.open + <usize>run.words * offsetof<OpenWord>());
  open.row = row;
  open.column = <i32>((changetype<usize>(column) - run.columns) / offsetof<Column>()) * 2 + doubled;
  open.from = from;
  open.to = to;
  run.words++;
}

/** From now on the word in [from, to), of at most 16 bytes, is known by its code. */
export function learn(column: Column, from: usize, to: usize, code: i32): void {
  const size = <i32>(to - from);
  const bytes = wordAt(from, size);
  const low = <u64>i64x2.extract_lane(bytes, 0), high = <u64>i64x2.extract_lane(bytes, 1);
  const at = bucketOf(column, low, high, size);
  const first = changetype<KnownWord>(at), second = changetype<KnownWord>(at + offsetof<KnownWord>());
  if (first.low == low && first.high == high && first.size == size + 1) return;
  memory.copy(changetype<usize>(second), changetype<usize>(first), offsetof<KnownWord>());
  first.low = low;
  first.high = high;
  first.size = size + 1;
  first.code = code;
}
