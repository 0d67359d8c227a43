/**
 * Columns into the rows of a float32 matrix, in AssemblyScript; `scripts/build-kernels.mjs` compiles it. Every pointer is a
 * byte offset in the one imported memory; nothing here allocates.
 */

/** Rows whose values stay in the first cache while four columns after four are written between them. */
const blockRows: i32 = 128;

/** `count` doubles at `from` as the nearest floats at `to`, which may be the same place; `count` is a multiple of 4. */
export function narrow(from: usize, to: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; i += 4) {
    const low = f32x4.demote_f64x2_zero(v128.load(from + (i << 3)));
    const high = f32x4.demote_f64x2_zero(v128.load(from + (i << 3), 16));
    v128.store(to + (i << 2), i64x2.shuffle(low, high, 0, 2));
  }
}

/**
 * The columns of floats whose places are the `width` numbers of 32 bits at `columns`, into `out`, [rows, width]. `rows` is a
 * multiple of 4: what the columns have behind their last row is written too.
 */
export function interleave(columns: usize, width: i32, rows: i32, out: usize): void {
  const step = (<usize>width) << 2;
  for (let start = 0; start < rows; start += blockRows) {
    const end = min(rows, start + blockRows);
    let column = 0;
    for (; column + 4 <= width; column += 4) {
      const places = columns + ((<usize>column) << 2);
      const one: usize = load<u32>(places), two: usize = load<u32>(places, 4);
      const three: usize = load<u32>(places, 8), four: usize = load<u32>(places, 12);
      let to = out + <usize>start * step + ((<usize>column) << 2);
      for (let row = start; row < end; row += 4) {
        const at = (<usize>row) << 2;
        const a = v128.load(one + at), b = v128.load(two + at);
        const c = v128.load(three + at), d = v128.load(four + at);
        const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
        const ef = i32x4.shuffle(a, b, 2, 6, 3, 7), gh = i32x4.shuffle(c, d, 2, 6, 3, 7);
        v128.store(to, i64x2.shuffle(ab, cd, 0, 2));
        v128.store(to + step, i64x2.shuffle(ab, cd, 1, 3));
        v128.store(to + 2 * step, i64x2.shuffle(ef, gh, 0, 2));
        v128.store(to + 3 * step, i64x2.shuffle(ef, gh, 1, 3));
        to += 4 * step;
      }
    }
    for (; column < width; column++) {
      const place: usize = load<u32>(columns + ((<usize>column) << 2));
      let to = out + <usize>start * step + ((<usize>column) << 2);
      for (let row = start; row < end; row++) {
        store<f32>(to, load<f32>(place + ((<usize>row) << 2)));
        to += step;
      }
    }
  }
}
