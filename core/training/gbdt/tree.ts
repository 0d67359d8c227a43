import { nodeBytes } from './arena.ts';

/** Bytes of a set of bins: bit b of it stands for bin b. */
export const setBytes = 32;

/** A decision tree. A child ≥ 0 is a node, a negative one the leaf ~child; node 0 is the root; without nodes, leaf 0 is. */
export interface Tree {
  readonly nodes: number;
  /** The feature that a node looks at. */
  readonly feature: Uint16Array;
  /** The bins that go left, `setBytes` bytes a node. */
  readonly sets: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** What a leaf adds to the score (log odds): one more than nodes. */
  readonly values: Float32Array;
}

export const setHas = (set: Uint8Array, bin: number): boolean => ((set[bin >> 3]! >> (bin & 7)) & 1) === 1;

export const setAdd = (set: Uint8Array, bin: number): void => {
  set[bin >> 3]! |= 1 << (bin & 7);
};

/** `pitch`: from one column of bins to the next. Writes the tree as `addTree` of the kernel reads it: the nodes, then the leaves as nodes that lead to themselves. */
export function writeTree(tree: Tree, pitch: number, memory: WebAssembly.Memory, at: number): void {
  const view = new DataView(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);
  const place = (child: number): number => (child >= 0 ? child : tree.nodes + ~child);
  for (let node = 0; node < tree.nodes; node++) {
    const start = at + node * nodeBytes;
    view.setUint32(start, tree.feature[node]! * pitch, true);
    view.setInt32(start + 4, place(tree.right[node]!), true);
    view.setInt32(start + 8, place(tree.left[node]!), true);
    bytes.set(tree.sets.subarray(node * setBytes, (node + 1) * setBytes), start + 16);
  }
  tree.values.forEach((value, leaf) => {
    const start = at + (tree.nodes + leaf) * nodeBytes;
    view.setUint32(start, 0, true);
    view.setInt32(start + 4, tree.nodes + leaf, true);
    view.setInt32(start + 8, tree.nodes + leaf, true);
    view.setFloat32(start + 12, value, true);
  });
}

/** Bytes that `writeTree` needs for a tree of so many leaves. */
export const treeBytes = (leaves: number): number => (2 * leaves - 1) * nodeBytes;
