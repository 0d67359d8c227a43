/** Values of a tensor, row by row; the kind of array says its type (a `Uint8Array` is uint8). */
export interface TensorValues {
  readonly dims: readonly number[];
  readonly values: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;
}

/** A graph that was made to be run, ready for it: tensors in by their names, those that are asked for out. */
export interface OpenGraph {
  run(
    inputs: Readonly<Record<string, TensorValues>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, TensorValues>>>;
  release(): Promise<void>;
}
