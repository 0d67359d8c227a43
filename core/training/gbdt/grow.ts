import { setBytes } from '../bins/bin-set.ts';
import type { Arena } from './arena.ts';
import { type Bounds, boundedValue, type Sums, unbounded } from './gain.ts';
import { countInto, gathered, type NodeRows, partition, restore } from './node-rows.ts';
import type { GbdtParams } from './params.ts';
import { findSplit, type Split } from './split.ts';
import type { Tree } from './tree.ts';

/** What a tree is grown from: the rows that the arena's `index[0..rows)` names. */
export interface Growth {
  readonly arena: Arena;
  readonly params: GbdtParams;
  /** The features that this tree may use, ascending. */
  readonly features: readonly number[];
  readonly rows: number;
  /** The places among them that a node may use (all: undefined): the root is node 0, the k-th split makes 2k + 1 and 2k + 2. */
  readonly placesOf: ((node: number) => readonly number[]) | undefined;
  /** For each feature of the plan whether values may only rise (1) or fall (-1) with it; undefined where none is constrained. */
  readonly directions: Int8Array | undefined;
  /** Where the histograms begin: one of `histogramBytes` for each leaf. */
  readonly histograms: number;
}

/** A grown tree, and the rows of each leaf as ranges of the arena's index. */
export interface Grown {
  readonly tree: Tree;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

interface Leaf extends Sums, NodeRows {
  readonly depth: number;
  /** Which child of which node it is; -1 for the root. */
  readonly parent: number;
  readonly isLeft: boolean;
  /** The l2 of the split that made it. */
  readonly l2: number;
  /** Its number for `placesOf`. */
  readonly id: number;
  readonly bounds: Bounds;
  /** The places of the features that no split above has shown to be futile. */
  readonly places: readonly number[];
  readonly slot: number;
  readonly split: Split | undefined;
}

export const histogramBytes = (arena: Arena, features: number): number => features * arena.histogramBins * 16;

/**
 * Grows leaf by leaf, the leaf of most gain first; of two children the smaller is counted, the other is the parent's
 * histogram less that. The gradients stand in the arena's records.
 */
export function growTree(growth: Growth): Grown {
  const { params } = growth;
  const nodes = emptyNodes(params.leaves);
  const leaves: Leaf[] = [rootOf(growth)];
  while (leaves.length < params.leaves) {
    const at = bestLeaf(leaves);
    if (at < 0) break;
    const [left, right] = divide(growth, leaves[at]!, nodes, leaves.length);
    leaves[at] = left;
    leaves.push(right);
  }
  leaves.forEach((leaf, k) => {
    link(nodes, leaf, ~k);
    nodes.values[k] = leaves.length > 1 ? outputOf(leaf, params) * params.learning_rate : 0;
  });
  restore(growth.arena, leaves);
  return { tree: cut(nodes), ranges: leaves.map(({ start, end }) => ({ start, end })) };
}

type Nodes = { -readonly [key in keyof Tree]: Tree[key] };

const emptyNodes = (leaves: number): Nodes => ({
  nodes: 0,
  feature: new Uint16Array(leaves - 1),
  sets: new Uint8Array((leaves - 1) * setBytes),
  left: new Int32Array(leaves - 1),
  right: new Int32Array(leaves - 1),
  gains: new Float32Array(leaves - 1),
  values: new Float32Array(leaves),
});

const cut = ({ nodes, feature, sets, left, right, gains, values }: Nodes): Tree => ({
  nodes,
  feature: feature.slice(0, nodes),
  sets: sets.slice(0, nodes * setBytes),
  left: left.slice(0, nodes),
  right: right.slice(0, nodes),
  gains: gains.slice(0, nodes),
  values: values.slice(0, nodes + 1),
});

function rootOf(growth: Growth): Leaf {
  const { arena, rows } = growth;
  const all = { start: 0, end: rows, copied: false };
  countInto(slotAt(growth, 0), growth, all);
  const first = slotView(growth, 0);
  let gradient = 0;
  let hessian = 0;
  for (let bin = 0; bin < arena.histogramBins; bin++) {
    gradient += first[2 * bin]!;
    hessian += first[2 * bin + 1]!;
  }
  const { l2 } = growth.params;
  const root = { ...all, gradient, hessian, rows, depth: 0, parent: -1, isLeft: false, l2, id: 0 };
  const places = growth.features.map((_, place) => place);
  return judge(growth, { ...root, bounds: unbounded, places }, 0);
}

const outputOf = (
  { gradient, hessian, l2, bounds }: Omit<Leaf, 'slot' | 'split'>,
  { l1 }: GbdtParams,
): number => boundedValue(gradient, hessian, l1, l2, bounds);

function bestLeaf(leaves: readonly Leaf[]): number {
  let best = -1;
  leaves.forEach((leaf, at) => {
    if (leaf.split && (best < 0 || leaf.split.gain > leaves[best]!.split!.gain)) best = at;
  });
  return best;
}

function divide(growth: Growth, leaf: Leaf, nodes: Nodes, freeSlot: number): [Leaf, Leaf] {
  const { arena } = growth;
  const split = leaf.split!;
  const node = nodes.nodes++;
  nodes.feature[node] = split.feature;
  nodes.sets.set(split.set, node * setBytes);
  link(nodes, leaf, node);
  nodes.gains[node] = split.gain;
  const middle = partition(growth, split, leaf);
  const [left, right] = halves(growth, leaf, split, node, middle);
  if (!maySplit(growth, left) && !maySplit(growth, right)) {
    return [
      { ...left, slot: leaf.slot, split: undefined },
      { ...right, slot: freeSlot, split: undefined },
    ];
  }
  const leftIsSmall = left.rows <= right.rows;
  const small = gathered(growth, leftIsSmall ? left : right);
  countInto(slotAt(growth, freeSlot), growth, small);
  arena.kernel.subtract(slotAt(growth, leaf.slot), slotAt(growth, freeSlot), bytesOf(growth));
  return leftIsSmall
    ? [judge(growth, small, freeSlot), judge(growth, right, leaf.slot)]
    : [judge(growth, left, leaf.slot), judge(growth, small, freeSlot)];
}

/** The two sides of a leaf: what stays left of `middle` in the index, and what stands behind. */
function halves(growth: Growth, leaf: Leaf, split: Split, parent: number, middle: number) {
  const { bounds, places, copied, start, end } = leaf;
  const { gradient, hessian } = split.left;
  const common = { depth: leaf.depth + 1, parent, copied, l2: split.l2, bounds, places };
  const left = {
    ...common,
    ...{ isLeft: true, id: 2 * parent + 1, gradient, hessian },
    ...{ rows: middle - start, start, end: middle },
  };
  const right = {
    ...common,
    ...{
      isLeft: false,
      id: 2 * parent + 2,
      gradient: leaf.gradient - gradient,
      hessian: leaf.hessian - hessian,
    },
    ...{ rows: end - middle, start: middle, end },
  };
  const direction = growth.directions?.[split.feature] ?? 0;
  if (direction === 0) return [left, right] as const;
  const between = (outputOf(left, growth.params) + outputOf(right, growth.params)) / 2;
  const below = { ...bounds, high: between };
  const above = { ...bounds, low: between };
  return [
    { ...left, bounds: direction > 0 ? below : above },
    { ...right, bounds: direction > 0 ? above : below },
  ] as const;
}

function link(nodes: Nodes, { parent, isLeft }: Leaf, child: number): void {
  if (parent >= 0) (isLeft ? nodes.left : nodes.right)[parent] = child;
}

function maySplit({ params }: Growth, leaf: { rows: number; depth: number }): boolean {
  return leaf.rows >= 2 * params.min_data && leaf.depth < (params.max_depth ?? Number.POSITIVE_INFINITY);
}

/** The leaf with its best split, from its histogram. */
function judge(growth: Growth, leaf: Omit<Leaf, 'slot' | 'split'>, slot: number): Leaf {
  if (!maySplit(growth, leaf)) return { ...leaf, slot, split: undefined };
  const { arena, features, params, placesOf, directions } = growth;
  const candidates = {
    histogram: {
      kernel: arena.kernel,
      memory: arena.memory,
      start: slotAt(growth, slot),
      found: arena.found,
    },
    bins: arena.histogramBins,
    plan: arena.manifest.plan.features,
    features,
    places: placesOf ? placesOf(leaf.id).filter((place) => leaf.places.includes(place)) : leaf.places,
    sums: leaf,
    constraint: directions && { bounds: leaf.bounds, directions },
  };
  const { split, futile } = findSplit(candidates, params);
  const places = futile.length > 0 ? leaf.places.filter((place) => !futile.includes(place)) : leaf.places;
  return { ...leaf, slot, split, places };
}

const bytesOf = ({ arena, features }: Growth): number => histogramBytes(arena, features.length);

const slotAt = (growth: Growth, slot: number): number => growth.histograms + slot * bytesOf(growth);

function slotView(growth: Growth, slot: number): Float64Array {
  const { arena } = growth;
  return new Float64Array(arena.memory.buffer, slotAt(growth, slot), bytesOf(growth) / 8);
}
