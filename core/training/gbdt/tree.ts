/** A decision tree. A child ≥ 0 is a node, a negative one the leaf ~child; node 0 is the root; without nodes, leaf 0 is. */
export interface Tree {
  readonly nodes: number;
  /** The feature that a node looks at. */
  readonly feature: Uint16Array;
  /** The bins that go left, `setBytes` bytes a node. */
  readonly sets: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** What a node's split gained. */
  readonly gains: Float32Array;
  /** What a leaf adds to the score: one more than nodes. */
  readonly values: Float32Array;
}
