import { readFile } from 'node:fs/promises';
import type { FieldType } from '../../core/tables/batch.ts';
import { byteSource } from './byte-source.ts';
import type { Value } from './tables.ts';

const folder = new URL('../fixtures/tables/', import.meta.url);

/** A table that pyarrow or polars wrote; `make.py` beside it says how. */
export const fixture = async (name: string) =>
  byteSource(new Uint8Array(await readFile(new URL(name, folder))), name);

const types: Readonly<Record<string, FieldType>> = {
  flag: 'boolean',
  small: 'integer',
  int32: 'integer',
  uint32: 'integer',
  int64: 'integer',
  few: 'integer',
  float32: 'float',
  float64: 'float',
  money: 'float',
  day: 'timestamp',
  millis: 'timestamp',
  micros: 'timestamp',
  nanos: 'timestamp',
  word: 'string',
  name: 'string',
  whole: 'integer',
};

/** Integers whose column is of 32 bits or less come as numbers, the others as bigints. */
const narrow = new Set(['small', 'int32']);

/** What is in those tables, according to pyarrow. */
export async function expectedTable() {
  const written: Record<string, (Value | null)[]> = JSON.parse(
    await readFile(new URL('expected.json', folder), 'utf8'),
  );
  const columns = Object.fromEntries(
    Object.entries(written).map(([name, values]) => [name, values.map((value) => ours(name, value))]),
  );
  return { fields: Object.entries(types), columns: columns as Record<string, Value[]> };
}

function ours(name: string, value: Value): Value {
  if (value === null || (types[name] !== 'integer' && types[name] !== 'timestamp')) return value;
  if (types[name] === 'timestamp') return Number(value);
  return narrow.has(name) ? Number(value) : BigInt(value as string);
}
