/**
 * Gradients and hessians of the losses that trees are boosted by, and what leaves are renewed by; a part of
 * kernels/histogram.ts, whose records they write. Scores and labels are float32, and `n` is padded to a multiple of four.
 */

/** exp(x) for |x| ≤ 87, Cephes' expf: the argument is reduced by multiples of ln 2, then a polynomial of degree 6. */
function exp4(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(<f32>Math.LOG2E)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, scale);
}

/** Writes four rows' gradients and hessians into their records; answers where the fifth is. */
function storePairs(row: usize, stride: usize, g: v128, h: v128): usize {
  const low = v128.shuffle<f32>(g, h, 0, 4, 1, 5);
  const high = v128.shuffle<f32>(g, h, 2, 6, 3, 7);
  v128.store64_lane(row, low, 0);
  v128.store64_lane(row + stride, low, 1);
  v128.store64_lane(row + 2 * stride, high, 0);
  v128.store64_lane(row + 3 * stride, high, 1);
  return row + 4 * stride;
}

/** exp of four numbers, those beyond ±87 taken as that. */
function boundedExp4(x: v128): v128 {
  const limit = f32x4.splat(87);
  return exp4(f32x4.max(f32x4.neg(limit), f32x4.min(limit, x)));
}

/** The log loss's gradient and hessian, written into the records. */
export function logistic(scores: usize, labels: usize, n: i32, rows: usize, stride: usize): void {
  const one = f32x4.splat(1);
  let row = rows;
  for (let at: usize = 0; at < (<usize>n) << 2; at += 16) {
    const p = f32x4.div(one, f32x4.add(one, boundedExp4(f32x4.neg(v128.load(scores + at)))));
    const g = f32x4.sub(p, v128.load(labels + at));
    row = storePairs(row, stride, g, f32x4.mul(p, f32x4.sub(one, p)));
  }
}

/** Of each row the greatest of its classes' scores, which lie `pitch` bytes apart, and 1 / Σ exp(score − greatest). */
export function softmaxParts(scores: usize, pitch: usize, classes: i32, n: i32, most: usize, shares: usize): void {
  for (let at: usize = 0; at < (<usize>n) << 2; at += 16) {
    let m = v128.load(scores + at);
    let from = scores + at + pitch;
    for (let k = 1; k < classes; k++) {
      m = f32x4.max(m, v128.load(from));
      from += pitch;
    }
    let sum = f32x4.splat(0);
    from = scores + at;
    for (let k = 0; k < classes; k++) {
      sum = f32x4.add(sum, boundedExp4(f32x4.sub(v128.load(from), m)));
      from += pitch;
    }
    v128.store(most + at, m);
    v128.store(shares + at, f32x4.div(f32x4.splat(1), sum));
  }
}

/** The multinomial log loss's gradient and hessian for one class, of its scores; the hessian is `factor` × p (1 − p). */
export function softmax(
  scores: usize,
  most: usize,
  shares: usize,
  labels: usize,
  label: f32,
  factor: f32,
  n: i32,
  rows: usize,
  stride: usize,
): void {
  const one = f32x4.splat(1);
  let row = rows;
  for (let at: usize = 0; at < (<usize>n) << 2; at += 16) {
    const part = boundedExp4(f32x4.sub(v128.load(scores + at), v128.load(most + at)));
    const p = f32x4.mul(part, v128.load(shares + at));
    const isIt = v128.and(f32x4.eq(v128.load(labels + at), f32x4.splat(label)), one);
    const h = f32x4.mul(f32x4.splat(factor), f32x4.mul(p, f32x4.sub(one, p)));
    row = storePairs(row, stride, f32x4.sub(p, isIt), h);
  }
}

/** The squared error's gradient, score − label, and hessian, 1. */
export function squared(scores: usize, labels: usize, n: i32, rows: usize, stride: usize): void {
  let row = rows;
  for (let at: usize = 0; at < (<usize>n) << 2; at += 16) {
    const g = f32x4.sub(v128.load(scores + at), v128.load(labels + at));
    row = storePairs(row, stride, g, f32x4.splat(1));
  }
}

/** A gradient that knows of the score only whether it is below the label, equal to it or above; the hessian is 1. */
export function sided(
  scores: usize,
  labels: usize,
  below: f32,
  equal: f32,
  above: f32,
  n: i32,
  rows: usize,
  stride: usize,
): void {
  let row = rows;
  for (let at: usize = 0; at < (<usize>n) << 2; at += 16) {
    const s = v128.load(scores + at);
    const y = v128.load(labels + at);
    const other = v128.bitselect(f32x4.splat(below), f32x4.splat(equal), f32x4.lt(s, y));
    row = storePairs(row, stride, v128.bitselect(f32x4.splat(above), other, f32x4.gt(s, y)), f32x4.splat(1));
  }
}

/** Poisson's: exp(score) − label, and `factor` × exp(score). */
export function poisson(scores: usize, labels: usize, factor: f32, n: i32, rows: usize, stride: usize): void {
  let row = rows;
  for (let at: usize = 0; at < (<usize>n) << 2; at += 16) {
    const mean = boundedExp4(v128.load(scores + at));
    const g = f32x4.sub(mean, v128.load(labels + at));
    row = storePairs(row, stride, g, f32x4.mul(mean, f32x4.splat(factor)));
  }
}

/** Multiplies each row's gradient and hessian by its weight. */
export function weigh(weights: usize, n: i32, rows: usize, stride: usize): void {
  let row = rows;
  for (let at: usize = 0; at < (<usize>n) << 2; at += 4) {
    const weight = load<f32>(weights + at);
    store<f32>(row, load<f32>(row) * weight);
    store<f32>(row, load<f32>(row, 4) * weight, 4);
    row += stride;
  }
}

/** How far the labels of the rows `index[start..end)` are from their scores, into `out`. */
export function residuals(scores: usize, labels: usize, index: usize, start: i32, end: i32, out: usize): void {
  for (let k = start; k < end; k++) {
    const at = (<usize>load<u32>(index + ((<usize>k) << 2))) << 2;
    store<f32>(out, load<f32>(labels + at) - load<f32>(scores + at));
    out += 4;
  }
}

/** Brings the value of that place in ascending order there, smaller ones before it and larger ones behind it (Hoare's quickselect). */
export function select(values: usize, n: i32, place: i32): f32 {
  const goal = values + ((<usize>place) << 2);
  let low = values;
  let high = values + ((<usize>(n - 1)) << 2);
  while (low < high) {
    const a = load<f32>(low);
    const b = load<f32>(low + ((((high - low) >>> 3)) << 2));
    const c = load<f32>(high);
    const pivot = max(min(a, b), min(max(a, b), c));
    let i = low;
    let j = high;
    while (i <= j) {
      while (load<f32>(i) < pivot) i += 4;
      while (load<f32>(j) > pivot) j -= 4;
      if (i > j) break;
      const other = load<f32>(i);
      store<f32>(i, load<f32>(j));
      store<f32>(j, other);
      i += 4;
      j -= 4;
    }
    if (goal <= j) high = j;
    else if (goal >= i) low = i;
    else break;
  }
  return load<f32>(goal);
}

/** The least of the values from one place on, up to the end. */
export function leastFrom(values: usize, n: i32, place: i32): f32 {
  let least: f32 = Infinity;
  for (let k = place; k < n; k++) least = min(least, load<f32>(values + ((<usize>k) << 2)));
  return least;
}
