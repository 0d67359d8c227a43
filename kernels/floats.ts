/**
 * Looks for not-a-numbers, in AssemblyScript; `scripts/build-kernels.mjs` compiles it. Every pointer is a byte offset in the one
 * imported memory; nothing here allocates.
 */

/** Whether one of the `count` floats at `at` is not-a-number. */
export function hasNaN32(at: usize, count: i32): bool {
  const end = at + ((<usize>count) << 2);
  let same = i32x4.splat(-1);
  for (; at + 64 <= end; at += 64) {
    const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48);
    const ab = v128.and(f32x4.eq(a, a), f32x4.eq(b, b));
    const cd = v128.and(f32x4.eq(c, c), f32x4.eq(d, d));
    same = v128.and(same, v128.and(ab, cd));
  }
  if (!i32x4.all_true(same)) return true;
  for (; at < end; at += 4) {
    const value = load<f32>(at);
    if (value != value) return true;
  }
  return false;
}

/** As `hasNaN32`, of doubles. */
export function hasNaN64(at: usize, count: i32): bool {
  const end = at + ((<usize>count) << 3);
  let same = i32x4.splat(-1);
  for (; at + 64 <= end; at += 64) {
    const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48);
    const ab = v128.and(f64x2.eq(a, a), f64x2.eq(b, b));
    const cd = v128.and(f64x2.eq(c, c), f64x2.eq(d, d));
    same = v128.and(same, v128.and(ab, cd));
  }
  if (!i32x4.all_true(same)) return true;
  for (; at < end; at += 8) {
    const value = load<f64>(at);
    if (value != value) return true;
  }
  return false;
}
