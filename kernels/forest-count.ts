/**
 * A node's rows by the bins of a feature, in AssemblyScript, for `forest-split.ts`. Bins are counted into cells, and those
 * that occur are listed in ascending order; all that follows looks at these alone, so that a node costs what its rows cost.
 * Leaves that hold one number (the share of the second class, or a mean) need Σ weight and Σ weight × target a bin, those
 * of several classes Σ weight a class and bin.
 */

/** What trees are grown from and into; `core/training/forest/growth.ts` writes it: byte offsets and counts. */
@unmanaged export class Growth {
  /** A u16 a row, `pitch` bytes a feature. */
  columns: usize;
  pitch: usize;
  features: i32;
  /** A u32 a feature: its bin of missing values, or `none`. */
  kinds: usize;
  /** Of a leaf that speaks of each; 0 where it holds one number. */
  classes: i32;
  isEntropy: i32;
  maxFeatures: i32;
  maxDepth: i32;
  minSplit: i32;
  minLeaf: i32;
  /** Not bounded where 0; otherwise leaves of most gain are divided first. */
  maxLeaves: i32;
  /** The rows of the tree, each an `Entry`. */
  entries: usize;
  /** Room for as many. */
  spare: usize;
  /** f64: of one number (weight, weight × target) a bin, otherwise a weight a bin and class. Zero between nodes. */
  cells: usize;
  /** A u32 a bin: rows. Zero between nodes. */
  counts: usize;
  /** A bit a bin, `mostBins` of them: the bins that occur. Zero between nodes. */
  occurring: usize;
  /** A u32 a place: the bins that occur, ascending. */
  list: usize;
  /** A u32 a place: categories in the order of `steepness`, an f64 a place. */
  ranked: usize;
  steepness: usize;
  /** f64: the node's sums, as a cell has them. */
  totals: usize;
  /** f64 a class: the sums left of a split that is tried. */
  left: usize;
  /** A u32 each: the features, in the order of the last draw. */
  order: usize;
  /** `Open` nodes. */
  frontier: usize;
  nodes: usize;
  sets: usize;
  /** f32: a number a leaf, or one a class. */
  values: usize;
  /** f64 a feature. */
  gains: usize;
  /** u32 a feature. */
  splits: usize;
  chance: u32;
  /** Added to a leaf's mean. */
  base: f32;
  /** What the node's best split so far is worth. */
  best: f64;
}

/** What a tree knows of a row. */
@unmanaged export class Entry {
  row: u32;
  /** The target as f32, or the byte offset of the class in a cell. */
  target: u32;
  weight: f32;
  weighted: f32;
}

export const entrySize: usize = 16;

/** In place of the bin of missing values: the feature's bins are categories, or none goes left against the split. */
export const none: u32 = 0x10000;
/** Of a feature. */
const mostBins: u32 = 4096;

/** A node that may be divided, and how. */
@unmanaged export class Open {
  gain: f64;
  start: i32;
  end: i32;
  depth: i32;
  /** 2 × its parent + 1 on the right side; -1 for the root. */
  link: i32;
  feature: u32;
  /** The last bin that goes left. */
  bin: u32;
  /** The bin of missing values if they go left against that; `none` otherwise. */
  missing: u32;
  isSet: u32;
  /** The bins that go left where it is a set. */
  set0: u64;
  set1: u64;
  set2: u64;
  set3: u64;
}

export const openSize: usize = 72;

/** Nodes of at most so many rows note which bins occur; larger ones look at all counts. */
const fewRows: i32 = 4096;

/** Counts the node's rows by a feature's bins; lists the bins that occur, and answers how many. */
export function count(g: Growth, node: Open, column: usize): i32 {
  const from = g.entries + (<usize>node.start) * entrySize;
  const to = g.entries + (<usize>node.end) * entrySize;
  const cells = g.cells, counts = g.counts, occurring = g.occurring;
  const size = (<usize>g.classes) << 3;
  if (node.end - node.start > fewRows) {
    if (size == 0) for (let at = from; at < to; at += entrySize) countPair(at, column, cells, counts);
    else for (let at = from; at < to; at += entrySize) countClass(at, column, cells, counts, size);
    return listCounted(counts, g.list);
  }
  let words: u64 = 0;
  if (size == 0) for (let at = from; at < to; at += entrySize) words |= note(occurring, countPair(at, column, cells, counts));
  else for (let at = from; at < to; at += entrySize) words |= note(occurring, countClass(at, column, cells, counts, size));
  return listNoted(occurring, words, g.list);
}

// @ts-ignore: a decorator of AssemblyScript
@inline function countPair(at: usize, column: usize, cells: usize, counts: usize): usize {
  const bin = <usize>load<u16>(column + ((<usize>load<u32>(at)) << 1));
  const cell = cells + (bin << 4);
  v128.store(cell, f64x2.add(v128.load(cell), f64x2.promote_low_f32x4(v128.load64_zero(at, offsetof<Entry>('weight')))));
  store<u32>(counts + (bin << 2), load<u32>(counts + (bin << 2)) + 1);
  return bin;
}

// @ts-ignore: a decorator of AssemblyScript
@inline function countClass(at: usize, column: usize, cells: usize, counts: usize, size: usize): usize {
  const entry = changetype<Entry>(at);
  const bin = <usize>load<u16>(column + ((<usize>entry.row) << 1));
  const cell = cells + bin * size + <usize>entry.target;
  store<f64>(cell, load<f64>(cell) + <f64>entry.weight);
  store<u32>(counts + (bin << 2), load<u32>(counts + (bin << 2)) + 1);
  return bin;
}

/** Notes that a bin occurs; answers the bit of its word. */
// @ts-ignore: a decorator of AssemblyScript
@inline function note(occurring: usize, bin: usize): u64 {
  const word = occurring + ((bin >> 6) << 3);
  store<u64>(word, load<u64>(word) | ((<u64>1) << (<u64>bin & 63)));
  return (<u64>1) << (<u64>bin >> 6);
}

function listNoted(occurring: usize, words: u64, list: usize): i32 {
  let to = list;
  for (; words != 0; words &= words - 1) {
    const word = <u32>ctz(words);
    const place = occurring + ((<usize>word) << 3);
    let bits = load<u64>(place);
    store<u64>(place, 0);
    while (bits != 0) {
      store<u32>(to, (word << 6) + <u32>ctz(bits));
      to += 4;
      bits &= bits - 1;
    }
  }
  return <i32>((to - list) >> 2);
}

function listCounted(counts: usize, list: usize): i32 {
  let to = list;
  for (let bin: u32 = 0; bin < mostBins; bin++) {
    store<u32>(to, bin);
    to += (<usize>(load<u32>(counts + ((<usize>bin) << 2)) != 0)) << 2;
  }
  return <i32>((to - list) >> 2);
}

/** Makes the cells and counts of the listed bins zero. */
export function clear(g: Growth, bins: i32): void {
  const size = (<usize>g.classes) << 3;
  for (let i = 0; i < bins; i++) {
    const bin = <usize>load<u32>(g.list + ((<usize>i) << 2));
    store<u32>(g.counts + (bin << 2), 0);
    if (g.classes == 0) v128.store(g.cells + (bin << 4), f64x2.splat(0));
    else memory.fill(g.cells + bin * size, 0, size);
  }
}

/** The bin at a place of the list. */
// @ts-ignore: a decorator of AssemblyScript
@inline export function listed(g: Growth, place: i32): u32 {
  return load<u32>(g.list + ((<usize>place) << 2));
}

/** The next number of the tree's stream, below `limit`: Murmur3's finaliser of a counter. */
export function below(g: Growth, limit: u32): u32 {
  g.chance += 0x9e3779b9;
  let x = g.chance;
  x = (x ^ (x >>> 16)) * 0x85ebca6b;
  x = (x ^ (x >>> 13)) * 0xc2b2ae35;
  x ^= x >>> 16;
  return <u32>((<u64>x * <u64>limit) >> 32);
}
