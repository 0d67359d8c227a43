import { FanfareError } from '../errors.ts';

/**
 * Typed columns in memory: what a shard is read into, what a partition holds, what a model is fed.
 * A batch is a few thousand to a few hundred thousand rows; it is never a whole table.
 */
export interface Batch<Kind extends FrameColumn = Column> {
  readonly rows: number;
  readonly fields: readonly Field<Kind['type']>[];
  /** One a field, in the same order, each of `rows` values. */
  readonly columns: readonly Kind[];
}

export interface Field<Type extends FrameColumn['type'] = FieldType> {
  readonly name: string;
  readonly type: Type;
}

export const fieldTypes = ['float', 'integer', 'boolean', 'timestamp', 'string'] as const;
export type FieldType = (typeof fieldTypes)[number];

/** A byte a row, 0 where the value is missing; null where none is. A missing place in `values` holds 0 (float: NaN). */
export type Validity = Uint8Array | null;

/** Single precision where the file holds that: it takes half the room, and a model's input is that. */
export type Floats = Float64Array | Float32Array;

export type Column =
  | { readonly type: 'float'; readonly values: Floats; readonly valid: Validity }
  | { readonly type: 'integer'; readonly values: BigInt64Array | Int32Array; readonly valid: Validity }
  | { readonly type: 'boolean'; readonly values: Uint8Array; readonly valid: Validity }
  /** Milliseconds since 1970-01-01T00:00Z; a time without a zone is taken as UTC. */
  | { readonly type: 'timestamp'; readonly values: Float64Array; readonly valid: Validity }
  /** Row i holds `dictionary[codes[i]]`; a dictionary may hold words that no row uses. */
  | {
      readonly type: 'string';
      readonly codes: Int32Array;
      readonly dictionary: readonly string[];
      readonly valid: Validity;
    };

/**
 * A tensor a row, in memory only: user code makes it and a model takes it, but no table, partition or profile holds it.
 * Row i has the values from i × the product of `shape`, which does not count the rows.
 */
export interface TensorColumn {
  readonly type: 'tensor';
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly valid: null;
}

export type FrameColumn = Column | TensorColumn;

/** Columns that user code and models pass on to each other; a `Batch` is one. `tableOf` says whether a table can hold it. */
export type Frame = Batch<FrameColumn>;

/** `distance float, city string` */
export const fieldsText = (fields: Frame['fields']): string =>
  fields.map(({ name, type }) => `${name} ${type}`).join(', ');

/** The column of that name, or undefined. */
export function columnOf<Kind extends FrameColumn>(batch: Batch<Kind>, name: string): Kind | undefined {
  const at = batch.fields.findIndex((field) => field.name === name);
  return at < 0 ? undefined : batch.columns[at];
}

/** How many values a row of that shape has. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1);

/** `UserCodeFailed` where a column holds tensors. `what` says who would keep it: `predict.postprocess`. */
export function tableOf({ rows, fields, columns }: Frame, what: string): Batch {
  const at = columns.findIndex(({ type }) => type === 'tensor');
  if (at < 0) return { rows, fields, columns } as Batch;
  const { shape } = columns[at] as TensorColumn;
  throw new FanfareError(
    'UserCodeFailed',
    `column "${fields[at]!.name}" holds tensors [${shape.join(', ')}], which a model takes and no table holds: ${what} is to leave it out`,
  );
}
