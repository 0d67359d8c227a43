import { Entry, entrySize, Growth } from './forest-count';

/**
 * What a division of a node is worth, in AssemblyScript, for `forest-split.ts`: what it takes from the impurity, less what is
 * the same for all. For two classes least Gini impurity is least variance.
 */

/** The node's sums; of several classes each class's stand in `totals`. */
export let weight: f64 = 0, weighted: f64 = 0, squares: f64 = 0;
/** Left of what is tried, and of several classes the squares of the classes' sums on both sides. */
export let leftWeight: f64 = 0, leftWeighted: f64 = 0, leftRows: i32 = 0, leftSquares: f64 = 0, rightSquares: f64 = 0;

/** Sums up the node; answers whether all its rows have one target. */
export function sum(g: Growth, start: i32, end: i32): bool {
  const from = g.entries + (<usize>start) * entrySize;
  const to = g.entries + (<usize>end) * entrySize;
  const first = changetype<Entry>(from).target;
  let differ: u32 = 0;
  if (g.classes == 0) {
    let pair = f64x2.splat(0);
    for (let at = from; at < to; at += entrySize) {
      differ |= changetype<Entry>(at).target ^ first;
      pair = f64x2.add(pair, f64x2.promote_low_f32x4(v128.load64_zero(at, 8)));
    }
    weight = f64x2.extract_lane(pair, 0);
    weighted = f64x2.extract_lane(pair, 1);
    return differ == 0;
  }
  memory.fill(g.totals, 0, (<usize>g.classes) << 3);
  for (let at = from; at < to; at += entrySize) {
    const entry = changetype<Entry>(at);
    differ |= entry.target ^ first;
    const total = g.totals + <usize>entry.target;
    store<f64>(total, load<f64>(total) + <f64>entry.weight);
  }
  weight = 0;
  squares = 0;
  for (let k = 0; k < g.classes; k++) {
    const total = load<f64>(g.totals + ((<usize>k) << 3));
    weight += total;
    squares += total * total;
  }
  return differ == 0;
}

/** Writes the leaf's values, the mean or the share of each class, of the node that `sum` saw last. */
export function writeLeaf(g: Growth, leaf: i32): void {
  if (g.classes == 0) {
    store<f32>(g.values + ((<usize>leaf) << 2), <f32>(weighted / weight + g.base));
    return;
  }
  const at = g.values + ((<usize>(leaf * g.classes)) << 2);
  for (let k: usize = 0; k < <usize>g.classes; k++) {
    store<f32>(at + (k << 2), <f32>(load<f64>(g.totals + (k << 3)) / weight));
  }
}

/** Nothing is left of what is tried. */
export function startAt(g: Growth): void {
  leftWeight = 0;
  leftWeighted = 0;
  leftRows = 0;
  leftSquares = 0;
  rightSquares = squares;
  memory.fill(g.left, 0, (<usize>g.classes) << 3);
}

/** Moves a bin to the left. */
export function add(g: Growth, bin: u32): void {
  leftRows += load<u32>(g.counts + ((<usize>bin) << 2));
  if (g.classes == 0) {
    leftWeight += load<f64>(g.cells + ((<usize>bin) << 4));
    leftWeighted += load<f64>(g.cells + ((<usize>bin) << 4), 8);
    return;
  }
  const size = (<usize>g.classes) << 3;
  const cell = g.cells + <usize>bin * size;
  const left = g.left, totals = g.totals;
  let moved: f64 = 0, more: f64 = 0, less: f64 = 0;
  for (let k: usize = 0; k < size; k += 8) {
    const here = load<f64>(cell + k);
    const before = load<f64>(left + k);
    store<f64>(left + k, before + here);
    moved += here;
    more += here * (before + before + here);
    less += here * (here - 2 * (load<f64>(totals + k) - before));
  }
  leftWeight += moved;
  leftSquares += more;
  rightSquares += less;
}

/** What the division is worth. */
export function worth(g: Growth): f64 {
  const rest = weight - leftWeight;
  if (g.isEntropy) return orderOf(g);
  if (g.classes == 0) return perWeight(leftWeighted * leftWeighted, leftWeight) + perWeight((weighted - leftWeighted) * (weighted - leftWeighted), rest);
  return perWeight(leftSquares, leftWeight) + perWeight(rightSquares, rest);
}

function perWeight(part: f64, whole: f64): f64 {
  return whole > 0 ? part / whole : 0;
}

function orderOf(g: Growth): f64 {
  const rest = weight - leftWeight;
  if (g.classes == 0) return order2(leftWeight, leftWeighted) + order2(rest, weighted - leftWeighted);
  let total: f64 = 0;
  for (let k: usize = 0; k < (<usize>g.classes) << 3; k += 8) {
    const left = load<f64>(g.left + k);
    total += xLog(left, leftWeight) + xLog(load<f64>(g.totals + k) - left, rest);
  }
  return total;
}

/** Σ w log(w / Σ w) of two classes; the more, the less entropy. */
export function order2(w: f64, y: f64): f64 {
  return xLog(y, w) + xLog(w - y, w);
}

function xLog(part: f64, whole: f64): f64 {
  return part > 0 ? part * Math.log(part / whole) : 0;
}
