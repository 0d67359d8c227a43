/**
 * Sums of products over the rows of a block, in AssemblyScript; `scripts/build-kernels.mjs` compiles it. A block is a matrix
 * of doubles, column after column, `stride` bytes apart; columns are of an even number of rows. Every pointer is a byte offset
 * in the one imported memory; nothing here allocates.
 */

// @ts-ignore: decorator
@inline
function sumOf(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
}

/**
 * Adds Σ left_i × right_j to `out`, [columns, columns] row by row, for j ≥ i (and some below the diagonal, which mean nothing).
 * `columns` is a multiple of four. Four columns by two are summed at once: that is what fits the registers.
 */
export function products(left: usize, right: usize, stride: usize, columns: i32, rows: i32, out: usize): void {
  const row = (<usize>columns) << 3;
  const end = (<usize>rows) << 3;
  for (let i = 0; i < columns; i += 4) {
    const a = left + (<usize>i) * stride, b = a + stride, c = b + stride, d = c + stride;
    for (let j = i; j < columns; j += 2) {
      const e = right + (<usize>j) * stride, f = e + stride;
      let ae = f64x2.splat(0), af = ae, be = ae, bf = ae, ce = ae, cf = ae, de = ae, df = ae;
      for (let r: usize = 0; r < end; r += 16) {
        const x = v128.load(e + r), y = v128.load(f + r);
        let l = v128.load(a + r);
        ae = f64x2.add(ae, f64x2.mul(l, x));
        af = f64x2.add(af, f64x2.mul(l, y));
        l = v128.load(b + r);
        be = f64x2.add(be, f64x2.mul(l, x));
        bf = f64x2.add(bf, f64x2.mul(l, y));
        l = v128.load(c + r);
        ce = f64x2.add(ce, f64x2.mul(l, x));
        cf = f64x2.add(cf, f64x2.mul(l, y));
        l = v128.load(d + r);
        de = f64x2.add(de, f64x2.mul(l, x));
        df = f64x2.add(df, f64x2.mul(l, y));
      }
      const at = out + (<usize>i) * row + ((<usize>j) << 3);
      addTo(at, sumOf(ae));
      addTo(at + 8, sumOf(af));
      addTo(at + row, sumOf(be));
      addTo(at + row + 8, sumOf(bf));
      addTo(at + 2 * row, sumOf(ce));
      addTo(at + 2 * row + 8, sumOf(cf));
      addTo(at + 3 * row, sumOf(de));
      addTo(at + 3 * row + 8, sumOf(df));
    }
  }
}

/** A column's numbers less the mean, by the scale; `filled` where one is not finite. Reads to the next even row. */
export function standardise(column: usize, rows: i32, mean: f64, scale: f64, filled: f64): void {
  const end = (<usize>rows) << 3;
  const by = f64x2.splat(scale), less = f64x2.splat(mean), other = f64x2.splat(filled), none = f64x2.splat(0);
  for (let r: usize = 0; r < end; r += 16) {
    const x = v128.load(column + r);
    // Neither NaN nor an infinity is 0 from itself.
    const isFinite = f64x2.eq(f64x2.sub(x, x), none);
    v128.store(column + r, v128.bitselect(f64x2.mul(f64x2.sub(x, less), by), other, isFinite));
  }
}

/** Each column times the weights, into another block of the same stride. */
export function weigh(from: usize, to: usize, stride: usize, columns: i32, rows: i32, weights: usize): void {
  const end = (<usize>rows) << 3;
  for (let i = 0; i < columns; i++) {
    for (let r: usize = 0; r < end; r += 16)
      v128.store(to + r, f64x2.mul(v128.load(from + r), v128.load(weights + r)));
    from += stride;
    to += stride;
  }
}

/** Adds Σ column_i × vector to `out`, a number a column. */
export function project(block: usize, stride: usize, columns: i32, rows: i32, vector: usize, out: usize): void {
  const end = (<usize>rows) << 3;
  for (let i = 0; i < columns; i++) {
    let a = f64x2.splat(0);
    for (let r: usize = 0; r < end; r += 16)
      a = f64x2.add(a, f64x2.mul(v128.load(block + r), v128.load(vector + r)));
    addTo(out, sumOf(a));
    out += 8;
    block += stride;
  }
}

/** Adds Σ coefficient_i × column_i to the vector, a row each. */
export function combine(block: usize, stride: usize, columns: i32, rows: i32, coefficients: usize, vector: usize): void {
  const end = (<usize>rows) << 3;
  for (let i = 0; i < columns; i++) {
    const by = v128.load64_splat(coefficients);
    for (let r: usize = 0; r < end; r += 16)
      v128.store(vector + r, f64x2.add(v128.load(vector + r), f64x2.mul(by, v128.load(block + r))));
    coefficients += 8;
    block += stride;
  }
}

/** Adds each column's values to `out`, [columns, slots], at the rows' codes (i32). */
export function scatter(block: usize, stride: usize, columns: i32, rows: i32, codes: usize, slots: i32, out: usize): void {
  for (let i = 0; i < columns; i++) {
    for (let r = 0; r < rows; r++) {
      const code = <usize>load<u32>(codes + ((<usize>r) << 2));
      addTo(out + (code << 3), load<f64>(block + ((<usize>r) << 3)));
    }
    out += (<usize>slots) << 3;
    block += stride;
  }
}

/** Adds each row's weight to `out`, [slots of a, slots of b], at its two codes. */
export function cross(a: usize, b: usize, rows: i32, slots: i32, weights: usize, out: usize): void {
  for (let r = 0; r < rows; r++) {
    const at = (load<u32>(a + ((<usize>r) << 2)) * <u32>slots + load<u32>(b + ((<usize>r) << 2)));
    addTo(out + ((<usize>at) << 3), load<f64>(weights + ((<usize>r) << 3)));
  }
}
