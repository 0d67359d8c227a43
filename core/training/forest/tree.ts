/** Bytes of a node: its feature and the last bin that goes left (u16), both children (i32), and what goes left against that (u32). */
export const nodeBytes = 16;

/** In place of a bin that goes left against the split: none does. */
export const noBin = 0x1_0000;
/** The split is by set: the rest of the number says which. */
const isSet = 0x8000_0000;

/** A tree as `kernels/forest.ts` grows it. */
export interface Tree {
  /** `nodeBytes` a node; a child ≥ 0 is a node, a negative one the leaf ~child; node 0 is the root; without nodes, leaf 0 is. */
  readonly nodes: Uint8Array;
  /** The bins that go left, `setBytes` a split by set. */
  readonly sets: Uint8Array;
  /** A leaf's number, or its share of each class. One leaf more than nodes. */
  readonly values: Float32Array;
}

export const nodeCount = ({ nodes }: Tree): number => nodes.length / nodeBytes;

export interface Node {
  readonly feature: number;
  /** The last bin that goes left. */
  readonly bin: number;
  readonly left: number;
  readonly right: number;
  /** The bin that goes left against that, or `noBin`. */
  readonly other: number;
  /** The number of the set of the bins that go left, where the split is by one. */
  readonly set: number | undefined;
}

export function nodeAt(view: DataView, at: number): Node {
  const from = at * nodeBytes;
  const other = view.getUint32(from + 12, true);
  return {
    feature: view.getUint16(from, true),
    bin: view.getUint16(from + 2, true),
    left: view.getInt32(from + 4, true),
    right: view.getInt32(from + 8, true),
    other,
    set: other >= isSet ? other - isSet : undefined,
  };
}

export const viewOf = ({ nodes }: Tree): DataView =>
  new DataView(nodes.buffer, nodes.byteOffset, nodes.byteLength);
