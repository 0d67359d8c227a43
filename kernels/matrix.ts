/**
 * Columns into the rows of a float32 matrix, in AssemblyScript; `scripts/build-kernels.mjs` compiles it. Every pointer is a
 * byte offset in the one imported memory; nothing here allocates.
 */

/** Rows whose values stay in the first cache while four columns after four are written between them. */
const blockRows: i32 = 128;

/** `count` doubles at `from` as the nearest floats at `to`, which may be the same place; `count` is a multiple of 4. */
export function narrow(from: usize, to: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; i += 4) {
    v128.store(to + (i << 2), demoted(from + (i << 3)));
  }
}

/**
 * The columns of floats whose places are the `width` numbers of 32 bits at `columns`, into `out`, [rows, width]. `rows` is a
 * multiple of 4: what the columns have behind their last row is written too.
 */
export function interleave(columns: usize, width: i32, rows: i32, out: usize): void {
  interleaved<f32>(columns, width, rows, out);
}

/** As `interleave`, of doubles, each as the nearest float. */
export function interleaveDoubles(columns: usize, width: i32, rows: i32, out: usize): void {
  interleaved<f64>(columns, width, rows, out);
}

// @ts-ignore: a decorator of AssemblyScript
@inline function interleaved<T>(columns: usize, width: i32, rows: i32, out: usize): void {
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
        const at = <usize>row * sizeof<T>();
        const a = fourOf<T>(one + at), b = fourOf<T>(two + at);
        const c = fourOf<T>(three + at), d = fourOf<T>(four + at);
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
        store<f32>(to, <f32>load<T>(place + <usize>row * sizeof<T>()));
        to += step;
      }
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline function fourOf<T>(from: usize): v128 {
  return sizeof<T>() == 4 ? v128.load(from) : demoted(from);
}

/** Four doubles as the nearest floats. */
// @ts-ignore: a decorator of AssemblyScript
@inline function demoted(from: usize): v128 {
  const low = f32x4.demote_f64x2_zero(v128.load(from)), high = f32x4.demote_f64x2_zero(v128.load(from, 16));
  return i64x2.shuffle(low, high, 0, 2);
}
