import { clear, count, Entry, entrySize, Growth, none, Open } from './forest-count';

/**
 * The best split of a node of a forest's tree, in AssemblyScript, for `forest.ts`. What a split is worth is what it takes
 * from the impurity, less what is the same for all: for two classes least Gini impurity is least variance.
 */

/** Categories with fewer rows in a node stay right; as much is added to a category's weight where they are ordered. */
const fewest: u32 = 10;
const smoothing: f64 = 10;
/** The most categories that are listed. */
const maxListed: i32 = 32;
/** Of several classes, categories are ordered by the share of each, of at most so many. */
const maxOrders: i32 = 8;

/** The node's sums; of several classes each class's stand in `totals`. */
let weight: f64 = 0, weighted: f64 = 0, squares: f64 = 0;
/** Left of what is tried, and of several classes the squares of the classes' sums on both sides. */
let leftWeight: f64 = 0, leftWeighted: f64 = 0, leftRows: i32 = 0, leftSquares: f64 = 0, rightSquares: f64 = 0;
/** What the best split so far is worth, and the rows left of the one that was found last. */
let best: f64 = 0, winnerRows: i32 = 0;

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

/**
 * Finds the best split of the node that `sum` saw last, among `maxFeatures` drawn ones, and further ones while these have
 * one value each; answers whether there is any.
 */
export function findSplit(g: Growth, node: Open): bool {
  best = -Infinity;
  let tried = 0;
  for (let k = 0; k < g.features && (k < g.maxFeatures || tried == 0); k++) {
    const feature = draw(g, k);
    const before = best;
    const bins = count(g, node, g.columns + <usize>feature * g.pitch);
    if (bins > 1) {
      tried++;
      const kind = load<u32>(g.kinds + ((<usize>feature) << 2));
      if (kind == none) tryCategories(g, node, bins);
      else tryEdges(g, node, bins, kind);
    }
    clear(g, bins);
    if (best > before) node.feature = feature;
  }
  if (best == -Infinity) return false;
  startAt(g);
  node.gain = best - worth(g);
  return true;
}

/** The k-th of the features in a new order: those before it stay. */
function draw(g: Growth, k: i32): u32 {
  const place = g.order + ((<usize>k) << 2);
  const other = place + ((<usize>below(g, g.features - k)) << 2);
  const feature = load<u32>(other);
  store<u32>(other, load<u32>(place));
  store<u32>(place, feature);
  return feature;
}

/** The next number of the tree's stream, below `limit`: Murmur3's finaliser of a counter. */
function below(g: Growth, limit: u32): u32 {
  g.chance += 0x9e3779b9;
  let x = g.chance;
  x = (x ^ (x >>> 16)) * 0x85ebca6b;
  x = (x ^ (x >>> 13)) * 0xc2b2ae35;
  x ^= x >>> 16;
  return <u32>((<u64>x * <u64>limit) >> 32);
}

// @ts-ignore: a decorator of AssemblyScript
@inline function listed(g: Growth, place: i32): u32 {
  return load<u32>(g.list + ((<usize>place) << 2));
}

/** Every edge with the missing right, then left. */
function tryEdges(g: Growth, node: Open, bins: i32, missing: u32): void {
  const hasMissing = listed(g, bins - 1) == missing;
  scanEdges(g, node, bins, missing, false, !hasMissing);
  if (hasMissing && bins > 2) scanEdges(g, node, bins - 1, missing, true, false);
}

/** `isFree`: the node has no missing values, and such go where more rows go. */
function scanEdges(g: Growth, node: Open, bins: i32, missing: u32, missingLeft: bool, isFree: bool): void {
  const winner = g.classes == 0 ? scanPairs(g, node, bins, missing, missingLeft) : scanClasses(g, node, bins, missing, missingLeft);
  if (winner < 0) return;
  const low = listed(g, winner - 1), high = listed(g, winner);
  node.bin = high == missing ? missing - 1 : (low + high) >> 1;
  node.missing = missingLeft || (isFree && 2 * winnerRows > node.end - node.start) ? missing : none;
  node.isSet = 0;
}

/** The place among the listed bins of the first that goes right in the best division by an edge; -1 if none is better. */
function scanPairs(g: Growth, node: Open, bins: i32, missing: u32, missingLeft: bool): i32 {
  const cells = g.cells, counts = g.counts, minLeaf = g.minLeaf, isEntropy = g.isEntropy;
  const rows = node.end - node.start;
  const allWeight = weight, allWeighted = weighted;
  let most = best;
  let w: f64 = 0, y: f64 = 0, n = 0;
  if (missingLeft) {
    w = load<f64>(cells + ((<usize>missing) << 4));
    y = load<f64>(cells + ((<usize>missing) << 4), 8);
    n = load<u32>(counts + ((<usize>missing) << 2));
  }
  let winner = -1;
  for (let i = 0; i < bins; i++) {
    const bin = listed(g, i);
    if (i > 0 && n >= minLeaf) {
      if (rows - n < minLeaf) break;
      const rest = allWeight - w, restWeighted = allWeighted - y;
      const value = isEntropy
        ? order2(w, y) + order2(rest, restWeighted)
        : (y * y * rest + restWeighted * restWeighted * w) / (w * rest);
      if (value > most) {
        most = value;
        winner = i;
        winnerRows = n;
      }
    }
    w += load<f64>(cells + ((<usize>bin) << 4));
    y += load<f64>(cells + ((<usize>bin) << 4), 8);
    n += load<u32>(counts + ((<usize>bin) << 2));
  }
  best = most;
  return winner;
}

/** Σ w log(w / Σ w) of two classes; the more, the less entropy. */
function order2(w: f64, y: f64): f64 {
  return xLog(y, w) + xLog(w - y, w);
}

function xLog(part: f64, whole: f64): f64 {
  return part > 0 ? part * Math.log(part / whole) : 0;
}

function scanClasses(g: Growth, node: Open, bins: i32, missing: u32, missingLeft: bool): i32 {
  const rows = node.end - node.start;
  startAt(g);
  if (missingLeft) add(g, missing);
  let winner = -1;
  for (let i = 0; i < bins; i++) {
    if (i > 0 && leftRows >= g.minLeaf) {
      if (rows - leftRows < g.minLeaf) break;
      const value = worth(g);
      if (value > best) {
        best = value;
        winner = i;
        winnerRows = leftRows;
      }
    }
    add(g, listed(g, i));
  }
  return winner;
}

/** Nothing is left of what is tried. */
function startAt(g: Growth): void {
  leftWeight = 0;
  leftWeighted = 0;
  leftRows = 0;
  leftSquares = 0;
  rightSquares = squares;
  memory.fill(g.left, 0, (<usize>g.classes) << 3);
}

/** Moves a bin to the left. */
function add(g: Growth, bin: u32): void {
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
function worth(g: Growth): f64 {
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

/** Categories in the order of what they are worth: prefixes from either end. Missing and rare ones stay right. */
function tryCategories(g: Growth, node: Open, bins: i32): void {
  if (g.classes == 0) {
    tryRanked(g, node, rank(g, bins, 0));
    return;
  }
  const first = <i32>below(g, g.classes);
  let orders = 0;
  for (let k = 0; k < g.classes && orders < maxOrders; k++) {
    const one = (<usize>(first + k < g.classes ? first + k : first + k - g.classes)) << 3;
    if (load<f64>(g.totals + one) == 0) continue;
    orders++;
    tryRanked(g, node, rank(g, bins, one));
  }
}

/** Orders the categories by the mean, or by the share of the class at `one`, each drawn to the node's; answers how many. */
function rank(g: Growth, bins: i32, one: usize): i32 {
  const mean = (g.classes == 0 ? weighted : load<f64>(g.totals + one)) / weight;
  let count = 0;
  for (let i = 0; i < bins; i++) {
    const bin = listed(g, i);
    if (bin == 0 || load<u32>(g.counts + ((<usize>bin) << 2)) < fewest) continue;
    const steepness = excess(g, bin, one, mean);
    let place = count++;
    for (; place > 0 && load<f64>(g.steepness + ((<usize>place - 1) << 3)) > steepness; place--) {
      store<f64>(g.steepness + ((<usize>place) << 3), load<f64>(g.steepness + ((<usize>place - 1) << 3)));
      store<u32>(g.ranked + ((<usize>place) << 2), load<u32>(g.ranked + ((<usize>place - 1) << 2)));
    }
    store<f64>(g.steepness + ((<usize>place) << 3), steepness);
    store<u32>(g.ranked + ((<usize>place) << 2), bin);
  }
  return count;
}

function excess(g: Growth, bin: u32, one: usize, mean: f64): f64 {
  if (g.classes == 0) {
    const own = load<f64>(g.cells + ((<usize>bin) << 4));
    return (load<f64>(g.cells + ((<usize>bin) << 4), 8) - own * mean) / (own + smoothing);
  }
  const size = (<usize>g.classes) << 3;
  const cell = g.cells + <usize>bin * size;
  let own: f64 = 0;
  for (let k: usize = 0; k < size; k += 8) own += load<f64>(cell + k);
  return (load<f64>(cell + one) - own * mean) / (own + smoothing);
}

function tryRanked(g: Growth, node: Open, count: i32): void {
  tryPrefixes(g, node, count, 0, 1);
  tryPrefixes(g, node, count, count - 1, -1);
}

function tryPrefixes(g: Growth, node: Open, count: i32, first: i32, step: i32): void {
  const rows = node.end - node.start;
  const most = min(maxListed, (count + 1) >> 1);
  startAt(g);
  let winner = -1;
  for (let i = 0; i < most; i++) {
    add(g, load<u32>(g.ranked + ((<usize>(first + i * step)) << 2)));
    if (leftRows < g.minLeaf) continue;
    if (rows - leftRows < max(g.minLeaf, 1)) break;
    const value = worth(g);
    if (value <= best) continue;
    best = value;
    winner = i;
  }
  if (winner < 0) return;
  node.isSet = 1;
  node.bin = 0;
  node.set0 = node.set1 = node.set2 = node.set3 = 0;
  for (let i = 0; i <= winner; i++) include(node, load<u32>(g.ranked + ((<usize>(first + i * step)) << 2)));
}

function include(node: Open, bin: u32): void {
  const bit: u64 = (<u64>1) << (<u64>bin & 63);
  const word = bin >> 6;
  if (word == 0) node.set0 |= bit;
  else if (word == 1) node.set1 |= bit;
  else if (word == 2) node.set2 |= bit;
  else node.set3 |= bit;
}
