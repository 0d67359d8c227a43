import { below, clear, count, Growth, listed, none, Open } from './forest-count';
import { tryCategories } from './forest-categories';
import { add, leftRows, order2, startAt, weight, weighted, worth } from './forest-worth';

/** The best split of a node of a forest's tree, in AssemblyScript, for `forest.ts`. */

/** The rows left of the split that was found last. */
let winnerRows: i32 = 0;

/**
 * Finds the best split of the node that `sum` saw last, among `maxFeatures` drawn ones, and further ones while these have
 * one value each; answers whether there is any.
 */
export function findSplit(g: Growth, node: Open): bool {
  g.best = -Infinity;
  let tried = 0;
  for (let k = 0; k < g.features && (k < g.maxFeatures || tried == 0); k++) {
    const feature = draw(g, k);
    const before = g.best;
    const bins = count(g, node, g.columns + <usize>feature * g.pitch);
    if (bins > 1) {
      tried++;
      const kind = load<u32>(g.kinds + ((<usize>feature) << 2));
      if (kind == none) tryCategories(g, node, bins);
      else tryEdges(g, node, bins, kind);
    }
    clear(g, bins);
    if (g.best > before) node.feature = feature;
  }
  if (g.best == -Infinity) return false;
  startAt(g);
  node.gain = g.best - worth(g);
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
  let most = g.best;
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
  g.best = most;
  return winner;
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
      if (value > g.best) {
        g.best = value;
        winner = i;
        winnerRows = leftRows;
      }
    }
    add(g, listed(g, i));
  }
  return winner;
}
