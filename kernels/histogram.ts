/**
 * The inner loops of tree training, in AssemblyScript; `scripts/build-kernels.mjs` compiles it. Every pointer is a byte
 * offset in the one imported memory; nothing here allocates. WebAssembly's arithmetic is the same on every machine, so
 * that the same arguments give the same trees.
 *
 * A training row is a record: gradient f32, hessian f32, then a byte a feature, padded to a multiple of four. One cache
 * line then brings all that a histogram update needs. A histogram is [feature][bins] of (gradient, hessian) as f64x2.
 */

export * from './gradients';

/** Writes the bytes of four columns side by side into the records; `n` is padded to a multiple of 16. */
export function pack(a: usize, b: usize, c: usize, d: usize, n: i32, rows: usize, stride: usize): void {
  let row = rows;
  for (let i: usize = 0; i < <usize>n; i += 16) {
    const wa = v128.load(a + i);
    const wb = v128.load(b + i);
    const wc = v128.load(c + i);
    const wd = v128.load(d + i);
    const abLow = v128.shuffle<u8>(wa, wb, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const abHigh = v128.shuffle<u8>(wa, wb, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const cdLow = v128.shuffle<u8>(wc, wd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const cdHigh = v128.shuffle<u8>(wc, wd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    row = storeFour(row, stride, v128.shuffle<u16>(abLow, cdLow, 0, 8, 1, 9, 2, 10, 3, 11));
    row = storeFour(row, stride, v128.shuffle<u16>(abLow, cdLow, 4, 12, 5, 13, 6, 14, 7, 15));
    row = storeFour(row, stride, v128.shuffle<u16>(abHigh, cdHigh, 0, 8, 1, 9, 2, 10, 3, 11));
    row = storeFour(row, stride, v128.shuffle<u16>(abHigh, cdHigh, 4, 12, 5, 13, 6, 14, 7, 15));
  }
}

function storeFour(row: usize, stride: usize, words: v128): usize {
  v128.store32_lane(row, words, 0);
  v128.store32_lane(row + stride, words, 1);
  v128.store32_lane(row + 2 * stride, words, 2);
  v128.store32_lane(row + 3 * stride, words, 3);
  return row + 4 * stride;
}

function bump(slot: usize, v: v128): void {
  v128.store(slot, f64x2.add(v128.load(slot), v));
}

/** Adds one record to a histogram; `bytes` is what one feature's bins take in it. */
// @ts-ignore: what the compiler takes, editors do not know.
@inline
function addRow(row: usize, features: i32, bytes: usize, out: usize): void {
  const v = f64x2.promote_low_f32x4(v128.load64_zero(row));
  let at = row + 8;
  let h = out;
  let left = features;
  while (left >= 4) {
    const w = load<u32>(at);
    bump(h + ((<usize>w & 255) << 4), v);
    h += bytes;
    bump(h + (((<usize>w >>> 8) & 255) << 4), v);
    h += bytes;
    bump(h + (((<usize>w >>> 16) & 255) << 4), v);
    h += bytes;
    bump(h + ((<usize>w >>> 24) << 4), v);
    h += bytes;
    at += 4;
    left -= 4;
  }
  while (left > 0) {
    bump(h + ((<usize>load<u8>(at)) << 4), v);
    h += bytes;
    at += 1;
    left -= 1;
  }
}

/** The histogram of the records that `index[start..end)` names. */
export function histogram(
  rows: usize,
  stride: usize,
  index: usize,
  start: i32,
  end: i32,
  features: i32,
  bytes: usize,
  out: usize,
): void {
  const last = index + ((<usize>end) << 2);
  for (let at = index + ((<usize>start) << 2); at < last; at += 4) {
    addRow(rows + <usize>load<u32>(at) * stride, features, bytes, out);
  }
}

/** What was read ahead, so that no compiler leaves it out. */
let ahead: u32 = 0;

/** The same of rows that lie far apart: sixteen records are fetched at once, so that their ways from memory overlap. */
export function histogramSparse(
  rows: usize,
  stride: usize,
  index: usize,
  start: i32,
  end: i32,
  features: i32,
  bytes: usize,
  out: usize,
): void {
  const last = index + ((<usize>end) << 2);
  let at = index + ((<usize>start) << 2);
  while (at < last) {
    const stop = min(last, at + 64);
    for (let next = at; next < stop; next += 4) {
      const row = rows + <usize>load<u32>(next) * stride;
      ahead ^= load<u32>(row) ^ load<u32>(row + stride - 4);
    }
    for (; at < stop; at += 4) addRow(rows + <usize>load<u32>(at) * stride, features, bytes, out);
  }
}

/** a −= b over `bytes` bytes of f64 pairs. */
export function subtract(a: usize, b: usize, bytes: usize): void {
  for (let j: usize = 0; j < bytes; j += 16) v128.store(a + j, f64x2.sub(v128.load(a + j), v128.load(b + j)));
}

/** index[i] = i. */
export function iota(index: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<u32>(index + ((<usize>i) << 2), i);
}

/** The rows whose hash with the seed is below the limit, ascending; answers how many. Murmur3's finaliser. */
export function bag(index: usize, n: i32, seed: u32, limit: u32): i32 {
  let m = 0;
  for (let i = 0; i < n; i++) {
    let x: u32 = (<u32>i * 0x9e3779b9) ^ seed;
    x = (x ^ (x >>> 16)) * 0x85ebca6b;
    x = (x ^ (x >>> 13)) * 0xc2b2ae35;
    x ^= x >>> 16;
    store<u32>(index + ((<usize>m) << 2), i);
    m += <i32>(x < limit);
  }
  return m;
}

/**
 * Copies the records that `index[start..end)` names to places `start` to `end` of `copies`, keeps whose they are in
 * `origin`, and lets the index name the copies: the rows of a small node lie together then.
 */
export function gather(
  rows: usize,
  stride: usize,
  index: usize,
  start: i32,
  end: i32,
  copies: usize,
  origin: usize,
): void {
  for (let place = <usize>start; place < <usize>end; place++) {
    const row = load<u32>(index + (place << 2));
    const from = rows + <usize>row * stride;
    const to = copies + place * stride;
    for (let at: usize = 0; at < stride; at += 4) store<u32>(to + at, load<u32>(from + at));
    store<u32>(origin + (place << 2), row);
    store<u32>(index + (place << 2), <u32>place);
  }
}

/**
 * Reorders `index[start..end)`: first the rows whose byte of the column has a 1 in the table of 256 bytes, then the others,
 * each in their old order; answers where the others begin.
 */
export function partition(
  column: usize,
  stride: usize,
  table: usize,
  index: usize,
  spare: usize,
  start: i32,
  end: i32,
): i32 {
  let a = index + ((<usize>start) << 2);
  let c = spare;
  const last = index + ((<usize>end) << 2);
  for (let at = a; at < last; at += 4) {
    const row = load<u32>(at);
    const goes = <usize>load<u8>(table + <usize>load<u8>(column + <usize>row * stride));
    store<u32>(a, row);
    store<u32>(c, row);
    a += goes << 2;
    c += (1 - goes) << 2;
  }
  memory.copy(a, spare, c - spare);
  return <i32>((a - index) >>> 2);
}

/** Lets `index[start..end)`, which names copies, name rows again. */
export function restore(index: usize, start: i32, end: i32, origin: usize): void {
  const last = index + ((<usize>end) << 2);
  for (let at = index + ((<usize>start) << 2); at < last; at += 4) {
    store<u32>(at, load<u32>(origin + (<usize>load<u32>(at) << 2)));
  }
}

/** Adds a leaf's value to the scores of its rows. */
export function addLeaf(scores: usize, index: usize, start: i32, end: i32, value: f32): void {
  for (let k = start; k < end; k++) {
    const at = scores + ((<usize>load<u32>(index + ((<usize>k) << 2))) << 2);
    store<f32>(at, load<f32>(at) + value);
  }
}

/**
 * The edge of a feature's `edges` (its histogram begins at `at`) that splits a node best, among those that leave both sides
 * a hessian of `least`; -1 where none gains more than `gain`. `whole`: the node's gradient and hessian; `left`: what is left of
 * all edges; `parent`: what the node is worth undivided. `best` gets the gain and the left side's gradient and hessian.
 */
export function scan(
  at: usize,
  edges: i32,
  wholeGradient: f64,
  wholeHessian: f64,
  leftGradient: f64,
  leftHessian: f64,
  least: f64,
  l1: f64,
  l2: f64,
  parent: f64,
  gain: f64,
  best: usize,
): i32 {
  const whole = f64x2.replace_lane(f64x2.splat(wholeGradient), 1, wholeHessian);
  let left = f64x2.replace_lane(f64x2.splat(leftGradient), 1, leftHessian);
  const shrink = f64x2.splat(l1);
  const regular = f64x2.splat(l2);
  let winner = -1;
  for (let bin = 0; bin < edges; bin++) {
    const own = v128.load(at);
    at += 16;
    // What is the same as one bin before gains the same.
    if (!v128.any_true(own)) continue;
    left = f64x2.add(left, own);
    if (f64x2.extract_lane(left, 1) < least) continue;
    const right = f64x2.sub(whole, left);
    if (f64x2.extract_lane(right, 1) < least) break;
    let g = v128.shuffle<f64>(left, right, 0, 2);
    const h = f64x2.add(v128.shuffle<f64>(left, right, 1, 3), regular);
    if (l1 > 0) g = f64x2.max(f64x2.splat(0), f64x2.sub(f64x2.abs(g), shrink));
    const worth = f64x2.div(f64x2.mul(g, g), h);
    const here = f64x2.extract_lane(worth, 0) + f64x2.extract_lane(worth, 1) - parent;
    if (!(here > gain)) continue;
    gain = here;
    winner = bin;
    store<f64>(best, here);
    v128.store(best + 8, left);
  }
  return winner;
}

/**
 * The categories of a feature (its histogram begins at `at`) with at least `smooth` rows, ascending by gradient / (hessian +
 * smooth), then by their bins 1 to `categories`; answers how many. An entry is that number as f64 and the bin as u32, 16 bytes;
 * there is room for 256 of them at `entries` and at `spare`, and the sorted ones are at `entries`.
 */
export function orderCategories(
  at: usize,
  categories: i32,
  perHessian: f64,
  smooth: f64,
  entries: usize,
  spare: usize,
): i32 {
  let end = entries;
  for (let bin = 1; bin <= categories; bin++) {
    const slot = at + ((<usize>bin) << 4);
    const hessian = load<f64>(slot, 8);
    if (Math.floor(hessian * perHessian + 0.5) < smooth) continue;
    store<f64>(end, load<f64>(slot) / (hessian + smooth));
    store<u32>(end, bin, 8);
    end += 16;
  }
  const size = end - entries;
  let from = entries;
  let to = spare;
  for (let run: usize = 16; run < size; run <<= 1) {
    for (let start: usize = 0; start < size; start += run << 1) {
      merge(from + start, from + min(start + run, size), from + min(start + (run << 1), size), to + start);
    }
    const other = from;
    from = to;
    to = other;
  }
  if (from !== entries) memory.copy(entries, from, size);
  return <i32>(size >>> 4);
}

/** Merges the sorted entries from `a` to `b` and from `b` to `end`; of equal ones those of `a` come first, whose bins are lower. */
function merge(a: usize, b: usize, end: usize, to: usize): void {
  const middle = b;
  while (a < middle || b < end) {
    const first = b >= end || (a < middle && load<f64>(a) <= load<f64>(b));
    v128.store(to, v128.load(first ? a : b));
    if (first) a += 16;
    else b += 16;
    to += 16;
  }
}
