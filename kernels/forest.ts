import { Entry, entrySize, Growth, Open, openSize } from './forest-count';
import { findSplit } from './forest-split';
import { sum, writeLeaf } from './forest-worth';

/**
 * Trees of a forest, in AssemblyScript; `scripts/build-kernels.mjs` compiles it. Every pointer is a byte offset in the one
 * imported memory; nothing here allocates. WebAssembly's arithmetic is the same on every machine, so that the same
 * arguments give the same trees.
 */

/** A child ≥ 0 is a node, a negative one the leaf ~child. */
@unmanaged class Node {
  feature: u16;
  /** The last bin that goes left. */
  bin: u16;
  left: i32;
  right: i32;
  /** The bin that goes left against that, or none; or, with `isSet`, the number of the set of those that go left. */
  other: u32;
}

const isSet: u32 = 0x80000000;
const nodeSize: usize = 16, setSize: usize = 32;

/** Nodes and leaves of the tree, sets of categories, nodes that may be divided. */
let nodes = 0, leaves = 0, sets = 0, open = 0;

/** Draws so many of `rows` rows, with replacement: how often each was drawn, a byte a row. */
export function bootstrap(counts: usize, rows: i32, draws: i32, seed: u32): void {
  memory.fill(counts, 0, rows);
  let state = seed;
  for (let k = 0; k < draws; k++) {
    state += 0x9e3779b9;
    let x = state;
    x = (x ^ (x >>> 16)) * 0x85ebca6b;
    x = (x ^ (x >>> 13)) * 0xc2b2ae35;
    x ^= x >>> 16;
    const place = counts + <usize>((<u64>x * <u64>rows) >> 32);
    store<u8>(place, load<u8>(place) + 1);
  }
}

/**
 * Writes an entry for each row that was drawn and weighs something; answers how many. `counts` may be 0: each row once;
 * `weights` too: 1 each. Targets are f32, or u32 where the leaves speak of classes.
 */
export function enter(counts: usize, targets: usize, weights: usize, rows: i32, isClass: bool, entries: usize): i32 {
  let at = entries;
  for (let row: usize = 0; row < <usize>rows; row++) {
    const count: f32 = counts ? <f32>load<u8>(counts + row) : 1;
    const weight = weights ? count * load<f32>(weights + (row << 2)) : count;
    const entry = changetype<Entry>(at);
    entry.row = <u32>row;
    entry.target = load<u32>(targets + (row << 2));
    entry.weight = weight;
    entry.weighted = isClass ? 0 : weight * load<f32>(targets + (row << 2));
    at += (<usize>(weight > 0)) * entrySize;
  }
  return <i32>((at - entries) / entrySize);
}

/** The rows that were not drawn, ascending; answers how many. */
export function leftOut(counts: usize, rows: i32, list: usize): i32 {
  let at = list;
  for (let row: usize = 0; row < <usize>rows; row++) {
    store<u32>(at, <u32>row);
    at += (<usize>(load<u8>(counts + row) == 0)) << 2;
  }
  return <i32>((at - list) >> 2);
}

/** Grows a tree over the first so many entries; answers its nodes, one less than its leaves. */
export function grow(at: usize, rows: i32): i32 {
  const g = changetype<Growth>(at);
  nodes = leaves = sets = open = 0;
  for (let k = 0; k < g.features; k++) store<u32>(g.order + ((<usize>k) << 2), k);
  judge(g, 0, rows, 0, -1);
  while (open > 0) {
    const node = changetype<Open>(g.frontier + (<usize>--open) * openSize);
    if (g.maxLeaves > 0 && nodes + 1 == g.maxLeaves) close(g, node);
    else divide(g, node);
  }
  return nodes;
}

/** How many sets the tree of last has. */
export function setCount(): i32 {
  return sets;
}

/** Keeps the rows as a node that may be divided, or makes a leaf of them. */
function judge(g: Growth, start: i32, end: i32, depth: i32, link: i32): void {
  const rows = end - start;
  const node = changetype<Open>(g.frontier + (<usize>open) * openSize);
  const isPure = sum(g, start, end);
  node.start = start;
  node.end = end;
  node.depth = depth;
  node.link = link;
  if (!isPure && rows >= g.minSplit && rows >= 2 * g.minLeaf && depth < g.maxDepth && findSplit(g, node)) queue(g);
  else addLeaf(g, link);
}

/** Moves the node at the end of the frontier to its place: by gain, the most last, where leaves are bounded. */
function queue(g: Growth): void {
  open++;
  if (g.maxLeaves == 0) return;
  let place = g.frontier + (<usize>(open - 1)) * openSize;
  while (place > g.frontier && changetype<Open>(place - openSize).gain >= changetype<Open>(place).gain) {
    swap(place - openSize, place);
    place -= openSize;
  }
}

function swap(a: usize, b: usize): void {
  for (let at: usize = 0; at < openSize; at += 8) {
    const kept = load<u64>(a + at);
    store<u64>(a + at, load<u64>(b + at));
    store<u64>(b + at, kept);
  }
}

function addLeaf(g: Growth, link: i32): void {
  writeLeaf(g, leaves);
  connect(g, link, ~leaves);
  leaves++;
}

/** An open node becomes a leaf. */
function close(g: Growth, node: Open): void {
  sum(g, node.start, node.end);
  addLeaf(g, node.link);
}

function connect(g: Growth, link: i32, child: i32): void {
  if (link < 0) return;
  const parent = changetype<Node>(g.nodes + (<usize>(link >> 1)) * nodeSize);
  if (link & 1) parent.right = child;
  else parent.left = child;
}

function divide(g: Growth, open: Open): void {
  const node = changetype<Node>(g.nodes + (<usize>nodes) * nodeSize);
  node.feature = <u16>open.feature;
  node.bin = <u16>open.bin;
  node.other = open.missing;
  if (open.isSet) {
    memory.copy(g.sets + (<usize>sets) * setSize, changetype<usize>(open) + offsetof<Open>('set0'), setSize);
    node.other = isSet | sets++;
  }
  connect(g, open.link, nodes);
  store<f64>(g.gains + ((<usize>open.feature) << 3), load<f64>(g.gains + ((<usize>open.feature) << 3)) + open.gain);
  store<u32>(g.splits + ((<usize>open.feature) << 2), load<u32>(g.splits + ((<usize>open.feature) << 2)) + 1);
  const start = open.start, end = open.end, depth = open.depth + 1, link = 2 * nodes++;
  const middle = part(g, node, start, end);
  // The smaller side is divided first, so that few nodes are open at a time.
  if (middle - start <= end - middle) {
    judge(g, middle, end, depth, link + 1);
    judge(g, start, middle, depth, link);
  } else {
    judge(g, start, middle, depth, link);
    judge(g, middle, end, depth, link + 1);
  }
}

/** Orders the entries of a node, those that go left first, each side in its old order; answers where the others begin. */
function part(g: Growth, node: Node, start: i32, end: i32): i32 {
  const column = g.columns + <usize>node.feature * g.pitch;
  const to = g.entries + (<usize>end) * entrySize;
  const last = <u32>node.bin, other = node.other;
  let a = g.entries + (<usize>start) * entrySize;
  let c = g.spare;
  for (let at = a; at < to; at += entrySize) {
    const entry = v128.load(at);
    const bin = <u32>load<u16>(column + ((<usize>i32x4.extract_lane(entry, 0)) << 1));
    const goes = <usize>goesLeft(bin, last, other, g.sets);
    v128.store(a, entry);
    v128.store(c, entry);
    a += goes * entrySize;
    c += (1 - goes) * entrySize;
  }
  memory.copy(a, g.spare, c - g.spare);
  return <i32>((a - g.entries) / entrySize);
}

// @ts-ignore: a decorator of AssemblyScript
@inline function goesLeft(bin: u32, last: u32, other: u32, sets: usize): u32 {
  if (!(other & isSet)) return <u32>(bin <= last) | <u32>(bin == other);
  return (<u32>load<u8>(sets + <usize>(other ^ isSet) * setSize + <usize>(bin >> 3)) >> (bin & 7)) & 1;
}

/**
 * Adds what a tree's leaves say of rows to their sums, `width` f32 each. `list`: the rows, or 0 for all of the columns';
 * of a tree without nodes leaf 0 is said.
 */
export function addTree(
  tree: usize, treeNodes: i32, sets: usize, values: usize, width: i32,
  columns: usize, pitch: usize, list: usize, rows: i32, sums: usize,
): void {
  const size = (<usize>width) << 2;
  for (let k: usize = 0; k < <usize>rows; k++) {
    const row = list ? <usize>load<u32>(list + (k << 2)) : k;
    let child = treeNodes > 0 ? 0 : ~0;
    while (child >= 0) {
      const node = changetype<Node>(tree + (<usize>child) * nodeSize);
      const bin = <u32>load<u16>(columns + <usize>node.feature * pitch + (row << 1));
      child = goesLeft(bin, node.bin, node.other, sets) ? node.left : node.right;
    }
    let from = values + <usize>(~child) * size;
    const to = sums + row * size;
    for (let at: usize = 0; at < size; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at));
  }
}
