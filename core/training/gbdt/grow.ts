import { setBytes } from '../bins/bin-set.ts';
import type { Arena } from './arena.ts';
import { countInto, gathered, type NodeRows, partition, restore } from './node-rows.ts';
import type { GbdtParams } from './params.ts';
import { findSplit, leafValue, type Split, type Sums } from './split.ts';
import type { Tree } from './tree.ts';

/** What a tree is grown from: the rows that the arena's `index[0..rows)` names. */
export interface Growth {
  readonly arena: Arena;
  readonly params: GbdtParams;
  /** The features that this tree may use, ascending. */
  readonly features: readonly number[];
  readonly rows: number;
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
    const value = leafValue(leaf.gradient, leaf.hessian, params.l1, leaf.l2) * params.learning_rate;
    nodes.values[k] = leaves.length > 1 ? value : 0;
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
  values: new Float32Array(leaves),
});

const cut = ({ nodes, feature, sets, left, right, values }: Nodes): Tree => ({
  nodes,
  feature: feature.slice(0, nodes),
  sets: sets.slice(0, nodes * setBytes),
  left: left.slice(0, nodes),
  right: right.slice(0, nodes),
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
  return judge(growth, { ...all, gradient, hessian, rows, depth: 0, parent: -1, isLeft: false, l2 }, 0);
}

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
  const middle = partition(growth, split, leaf);
  const common = { depth: leaf.depth + 1, parent: node, copied: leaf.copied, l2: split.l2 };
  const { gradient, hessian } = split.left;
  const left = {
    ...common,
    isLeft: true,
    gradient,
    hessian,
    rows: middle - leaf.start,
    start: leaf.start,
    end: middle,
  };
  const right = {
    ...common,
    isLeft: false,
    gradient: leaf.gradient - gradient,
    hessian: leaf.hessian - hessian,
    rows: leaf.end - middle,
    start: middle,
    end: leaf.end,
  };
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

function link(nodes: Nodes, { parent, isLeft }: Leaf, child: number): void {
  if (parent >= 0) (isLeft ? nodes.left : nodes.right)[parent] = child;
}

function maySplit({ params }: Growth, leaf: { rows: number; depth: number }): boolean {
  return leaf.rows >= 2 * params.min_data && leaf.depth < (params.max_depth ?? Number.POSITIVE_INFINITY);
}

/** The leaf with its best split, from its histogram. */
function judge(growth: Growth, leaf: Omit<Leaf, 'slot' | 'split'>, slot: number): Leaf {
  const { arena, features, params } = growth;
  const split = maySplit(growth, leaf)
    ? findSplit(
        slotView(growth, slot),
        arena.histogramBins,
        arena.manifest.plan.features,
        features,
        leaf,
        params,
      )
    : undefined;
  return { ...leaf, slot, split };
}

const bytesOf = ({ arena, features }: Growth): number => histogramBytes(arena, features.length);

const slotAt = (growth: Growth, slot: number): number => growth.histograms + slot * bytesOf(growth);

function slotView(growth: Growth, slot: number): Float64Array {
  const { arena } = growth;
  return new Float64Array(arena.memory.buffer, slotAt(growth, slot), bytesOf(growth) / 8);
}
