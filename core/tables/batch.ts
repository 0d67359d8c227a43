import { FanfareError } from '../errors.ts';

/**
 * Typed columns in memory: what a shard is read into, what a partition holds, what a model is fed.
 * A batch is a few thousand to a few hundred thousand rows; it is never a whole table.
 */
export interface Batch<Kind extends HeldColumn = Column> {
  readonly rows: number;
  readonly fields: readonly Field<Kind['type']>[];
  /** One a field, in the same order, each of `rows` values. */
  readonly columns: readonly Kind[];
}

export interface Field<Type extends HeldColumn['type'] = FieldType> {
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

/** The bytes of an object a row, in memory only: `preprocess` is given them. */
interface BytesColumn {
  readonly type: 'bytes';
  readonly values: readonly Uint8Array[];
  readonly valid: null;
}

export type FrameColumn = Column | TensorColumn;

/** What user code may be given. */
export type HeldColumn = FrameColumn | BytesColumn;
export type Held = Batch<HeldColumn>;

/** Columns that user code and models pass on to each other; a `Batch` is one. `tableOf` says whether a table can hold it. */
export type Frame = Batch<FrameColumn>;

/** `distance float, city string` */
export const fieldsText = (fields: Held['fields']): string =>
  fields.map(({ name, type }) => `${name} ${type}`).join(', ');

/** The column of that name, or undefined. */
export function columnOf<Kind extends HeldColumn>(batch: Batch<Kind>, name: string): Kind | undefined {
  const at = placesOf(batch.fields).get(name);
  return at === undefined ? undefined : batch.columns[at];
}

/** Batch after batch has the same fields, and is asked for each of them a few times. */
const placesBy = new WeakMap<Held['fields'], ReadonlyMap<string, number>>();

function placesOf(fields: Held['fields']): ReadonlyMap<string, number> {
  const known = placesBy.get(fields);
  if (known) return known;
  const places = new Map(fields.map(({ name }, at) => [name, at]));
  placesBy.set(fields, places);
  return places;
}

/** How many values a row of that shape has. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1);

/** `UserCodeFailed` where a column holds tensors or bytes. `what` says who would keep it: `predict.postprocess`. */
export function tableOf({ rows, fields, columns }: Held, what: string): Batch {
  const odd = columns.find((column) => column.type === 'tensor' || column.type === 'bytes');
  if (odd === undefined) return { rows, fields, columns } as Batch;
  const { name } = fields[columns.indexOf(odd)]!;
  const holds =
    odd.type === 'tensor' ? `tensors [${odd.shape.join(', ')}], which a model takes and` : 'bytes, which';
  throw new FanfareError(
    'UserCodeFailed',
    `column "${name}" holds ${holds} no table holds: ${what} is to leave it out`,
  );
}

/** What a model may be given: all columns but those of bytes. */
export function frameOf(batch: Held): Frame {
  const { rows, fields, columns } = batch;
  const isBytes = columns.map(({ type }) => type === 'bytes');
  if (!isBytes.includes(true)) return batch as Frame;
  return {
    rows,
    fields: fields.filter((_, at) => !isBytes[at]) as Frame['fields'],
    columns: columns.filter((_, at) => !isBytes[at]) as Frame['columns'],
  };
}
