import type { Frame } from '../tables/batch.ts';
import type { Feed } from './bind.ts';

/** A loaded model: it takes a batch's columns and gives a value (or a fixed number of them) a row. */
export interface Model {
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelOutput[];
  /**
   * Values in the order of the rows; an output of shape [N, K] comes row by row. `feeds` says which columns go where (see
   * `bindInputs`), of a batch that has no `unfitRows`. Without it columns are matched by name and looked at: `MissingInput`
   * if a column or output is not there, `BadTable` if a column's type or a value does not fit.
   */
  run(
    batch: Frame,
    outputs: readonly string[],
    feeds?: readonly Feed[],
  ): Promise<Readonly<Record<string, ModelValues>>>;
  release(): Promise<void>;
}

export interface ModelPort {
  readonly name: string;
  readonly type: ElementType;
  /** A number or a name (or '') a dimension, the rows first; undefined where the file says nothing of it. */
  readonly shape: readonly (number | string)[] | undefined;
}

export interface ModelOutput extends ModelPort {
  /** What it says of a row, where the graph tells. */
  readonly role: 'probability' | 'class' | undefined;
  /** The classes that its columns are about, where the graph tells. */
  readonly labels: readonly string[] | undefined;
}

export const elementTypes = ['float32', 'float64', 'int64', 'int32', 'bool', 'string'] as const;
export type ElementType = (typeof elementTypes)[number];

export type ModelValues = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | string[];

/** The least int64: what an int64 input that takes times holds where the time is missing. */
export const missingTime = -(2n ** 63n);
