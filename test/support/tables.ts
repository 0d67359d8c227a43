import type { ByteSource } from '../../core/store.ts';
import type { Batch, Column, Field, FieldType } from '../../core/tables/batch.ts';
import type { TableFormat } from '../../core/tables/format.ts';
import { planShards } from '../../core/tables/plan.ts';
import { readShard } from '../../core/tables/read.ts';
import type { BadRow, ReadOptions, Schema, TableShard } from '../../core/tables/shard.ts';

export type Value = string | number | bigint | boolean | null;

/** A value as a test writes it down: null where it is missing. */
function valueAt(column: Column, row: number): Value {
  if (column.valid !== null && column.valid[row] === 0) return null;
  if (column.type === 'string') return column.dictionary[column.codes[row]!]!;
  if (column.type === 'boolean') return column.values[row] === 1;
  return column.values[row]!;
}

export const rowsOf = (batch: Batch): Value[][] =>
  Array.from({ length: batch.rows }, (_, row) => batch.columns.map((column) => valueAt(column, row)));

/** A batch of rows of values, null for a missing one; an integer column takes bigints. */
export function batchOf(fields: readonly Field[], rows: readonly (readonly Value[])[]): Batch {
  const columns = fields.map(({ type }, place) =>
    columnOf(
      type,
      rows.map((row): Value => row[place] ?? null),
    ),
  );
  return { rows: rows.length, fields, columns };
}

function columnOf(type: FieldType, values: readonly Value[]): Column {
  const valid = values.includes(null) ? Uint8Array.from(values, (value) => (value === null ? 0 : 1)) : null;
  switch (type) {
    case 'float':
      return {
        type,
        values: Float64Array.from(values, (value) => (value === null ? NaN : Number(value))),
        valid,
      };
    case 'timestamp':
      return { type, values: Float64Array.from(values, (value) => Number(value ?? 0)), valid };
    case 'integer':
      return { type, values: BigInt64Array.from(values, (value) => BigInt(value ?? 0)), valid };
    case 'boolean':
      return { type, values: Uint8Array.from(values, (value) => Number(value ?? 0)), valid };
    case 'string': {
      const places = new Map<string, number>();
      for (const value of values)
        if (value !== null && !places.has(String(value))) places.set(String(value), places.size);
      const codes = Int32Array.from(values, (value) => places.get(String(value)) ?? 0);
      const dictionary = [...places.keys()];
      return { type, codes, dictionary, valid };
    }
  }
}

export interface ReadTable {
  readonly rows: Value[][];
  readonly rowIds: number[];
  readonly rejected: BadRow[];
}

export async function readAll(
  source: ByteSource,
  shards: readonly TableShard[],
  schema: Schema,
  options?: ReadOptions,
): Promise<ReadTable> {
  const table: ReadTable = { rows: [], rowIds: [], rejected: [] };
  for (const shard of shards) {
    for await (const { batch, rowIds, rejected } of readShard(source, shard, schema, options)) {
      table.rows.push(...rowsOf(batch));
      table.rowIds.push(...rowIds);
      table.rejected.push(...rejected);
    }
  }
  return table;
}

/** The table of one file, cut into about so many shards. */
export async function readIn(
  source: ByteSource,
  format: TableFormat,
  schema: Schema,
  shards: number,
  options?: ReadOptions,
): Promise<ReadTable> {
  return readAll(
    source,
    await planShards([source], format, schema, { targetBytes: 1, shards }),
    schema,
    options,
  );
}
