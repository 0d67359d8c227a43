import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { Batch, Column, Field } from './batch.ts';
import { integersOf } from './integers.ts';
import { concatBatches } from './join.ts';

const groupRows = 2 ** 18;

/**
 * A Parquet file, Snappy inside: DOUBLE, INT64 (INT32 where all batches hold that), BOOLEAN, TIMESTAMP in milliseconds of
 * UTC, and UTF8 with dictionaries; every column optional.
 */
export function encodeParquet(batches: readonly Batch[]): Uint8Array {
  const { fields, columns } = concatBatches(batches);
  const root: SchemaElement = { name: 'root', num_children: fields.length };
  const schema = [root, ...fields.map((field, i) => elementOf(field, columns[i]!))];
  const columnData = fields.map(({ name }, i) => sourceOf(name, columns[i]!));
  return new Uint8Array(
    parquetWriteBuffer({ columnData, schema, rowGroupSize: groupRows, createdBy: 'fanfare' }),
  );
}

function elementOf({ name }: Field, column: Column): SchemaElement {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (column.type) {
    case 'float':
      return { ...optional, type: 'DOUBLE' };
    case 'integer':
      return { ...optional, type: column.values instanceof Int32Array ? 'INT32' : 'INT64' };
    case 'boolean':
      return { ...optional, type: 'BOOLEAN' };
    case 'timestamp': {
      const logical = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' } as const;
      return { ...optional, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', logical_type: logical };
    }
    case 'string':
      return { ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
  }
}

/** To look for a dictionary costs more than it saves on numbers, which Snappy makes smaller anyway. */
function sourceOf(name: string, column: Column): ColumnSource {
  const { valid } = column;
  switch (column.type) {
    case 'string': {
      const { codes, dictionary } = column;
      return { name, data: Array.from(codes, (code, i) => (valid?.[i] === 0 ? null : dictionary[code]!)) };
    }
    case 'boolean':
      return { name, data: Array.from(column.values, (value, i) => (valid?.[i] === 0 ? null : value === 1)) };
    case 'timestamp':
      return { name, encoding: 'PLAIN', data: withNulls(integersOf(column.values), valid) };
    case 'float':
    case 'integer':
      return { name, encoding: 'PLAIN', data: withNulls(column.values, valid) };
  }
}

type Numbers = Float64Array | BigInt64Array | Int32Array;

const withNulls = (values: Numbers, valid: Uint8Array | null) =>
  valid === null
    ? values
    : Array.from(values as Iterable<number | bigint>, (value, i) => (valid[i] === 0 ? null : value));
