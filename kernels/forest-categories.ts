import { below, Growth, listed, Open } from './forest-count';
import { add, leftRows, startAt, weight, weighted, worth } from './forest-worth';

/** Splits by sets of categories, in AssemblyScript, for `forest-split.ts`. */

/** Categories with fewer rows in a node stay right; as much is added to a category's weight where they are ordered. */
const fewest: u32 = 10;
const smoothing: f64 = 10;
/** The most categories that are listed. */
const maxListed: i32 = 32;
/** Of several classes, categories are ordered by the share of each, of at most so many. */
const maxOrders: i32 = 8;

/** Categories in the order of what they are worth: prefixes from either end. Missing and rare ones stay right. */
export function tryCategories(g: Growth, node: Open, bins: i32): void {
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
    if (value <= g.best) continue;
    g.best = value;
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
