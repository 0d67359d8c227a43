/**
 * Typed columns in memory: what a shard is read into, what a partition holds, what a model is fed.
 * A batch is a few thousand to a few hundred thousand rows; it is never a whole table.
 */
export interface Batch {
  readonly rows: number;
  readonly fields: readonly Field[];
  /** One a field, in the same order, each of `rows` values. */
  readonly columns: readonly Column[];
}

export interface Field {
  readonly name: string;
  readonly type: FieldType;
}

export const fieldTypes = ['float', 'integer', 'boolean', 'timestamp', 'string'] as const;
export type FieldType = (typeof fieldTypes)[number];

/** A byte a row, 0 where the value is missing; null where none is. A missing place in `values` holds 0 (float: NaN). */
export type Validity = Uint8Array | null;

export type Column =
  | { readonly type: 'float'; readonly values: Float64Array; readonly valid: Validity }
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

/** `distance float, city string` */
export const fieldsText = (fields: readonly Field[]): string =>
  fields.map(({ name, type }) => `${name} ${type}`).join(', ');

/** The column of that name, or undefined. */
export function columnOf(batch: Batch, name: string): Column | undefined {
  const at = batch.fields.findIndex((field) => field.name === name);
  return at < 0 ? undefined : batch.columns[at];
}
