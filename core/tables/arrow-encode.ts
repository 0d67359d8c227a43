import {
  type Batch as ArrowBatch,
  Column as ArrowColumn,
  batchType,
  bool,
  type DataType,
  dictionary,
  float32,
  float64,
  int32,
  int64,
  TimeUnit,
  tableFromColumns,
  tableToIPC,
  timestamp,
  utf8,
} from '@uwdata/flechette';
import { FanfareError } from '../errors.ts';
import type { Batch, Column, FieldType, Floats, Validity } from './batch.ts';
import { integersOf } from './integers.ts';
import { partsOf } from './join.ts';
import { doublesOf } from './slice.ts';

const encoder = new TextEncoder();

/**
 * An Arrow IPC file of the batches, a record batch each, without compression: float64 and int64 (float32 and int32 where
 * all batches hold that), bool, timestamp[ms, UTC], dictionary<int32, utf8>, all nullable. The same batches give the same bytes,
 * whatever words their dictionaries hold that no row uses.
 */
export function encodeArrow(batches: Batch | readonly Batch[]): Uint8Array {
  const all = 'rows' in batches ? [batches] : batches;
  const first = all[0];
  if (first === undefined)
    throw new FanfareError('BadTable', 'An Arrow file takes one batch at least, for its columns.');
  const columns = first.fields.map((field, place): [string, ArrowColumn<unknown>] => [
    field.name,
    encodeColumn(field.type, partsOf(all, field, place)),
  ]);
  return tableToIPC(tableFromColumns(columns), { format: 'file' })!;
}

function encodeColumn(type: FieldType, columns: readonly Column[]): ArrowColumn<unknown> {
  switch (type) {
    case 'float':
      if (columns.every((column) => (column as Of<'float'>).values instanceof Float32Array))
        return of(float32(), columns, (column) => (column as Of<'float'>).values);
      return of(float64(), columns, (column) => doublesOf((column as Of<'float'>).values));
    case 'integer': {
      const narrow = columns.every((column) => (column as Of<'integer'>).values instanceof Int32Array);
      if (narrow) return of(int32(), columns, (column) => (column as Of<'integer'>).values);
      return of(int64(), columns, (column) => wide((column as Of<'integer'>).values));
    }
    case 'boolean':
      return of(bool(), columns, (column) => packBits((column as Of<'boolean'>).values));
    case 'timestamp':
      return of(timestamp(TimeUnit.MILLISECOND, 'UTC'), columns, (column) =>
        integersOf((column as Of<'timestamp'>).values),
      );
    case 'string':
      return encodeStrings(columns as readonly Of<'string'>[]);
  }
}

type Of<T extends Column['type']> = Extract<Column, { type: T }>;
type Values = Floats | Int32Array | BigInt64Array | Uint8Array;

const wide = (values: BigInt64Array | Int32Array): BigInt64Array =>
  values instanceof BigInt64Array ? values : integersOf(values);

function of(
  type: DataType,
  columns: readonly Column[],
  valuesOf: (column: Column) => Values,
): ArrowColumn<unknown> {
  const parts = columns.map((column) =>
    arrowBatch(type, lengthOf(column), column.valid, { values: valuesOf(column) }),
  );
  return new ArrowColumn(parts, type);
}

const lengthOf = (column: Column): number =>
  column.type === 'string' ? column.codes.length : column.values.length;

function arrowBatch(type: DataType, length: number, valid: Validity, buffers: object): ArrowBatch<unknown> {
  const Part = batchType(type) as new (options: object) => ArrowBatch<unknown>;
  const nullCount = valid === null ? 0 : length - valid.reduce((sum, byte) => sum + byte, 0);
  const validity = nullCount === 0 || valid === null ? new Uint8Array(0) : packBits(valid);
  return new Part({ type, length, nullCount, validity, ...buffers });
}

/** The words that are used, in the order of their first use, become the one dictionary of all batches. */
function encodeStrings(columns: readonly Of<'string'>[]): ArrowColumn<unknown> {
  const places = new Map<string, number>();
  let known: readonly string[] = [];
  let remap = new Int32Array(0);
  const codes = columns.map((column) => {
    if (column.dictionary !== known) {
      known = column.dictionary;
      remap = new Int32Array(known.length).fill(-1);
    }
    return remapped(column, remap, places);
  });
  const words = wordsColumn([...places.keys()]);
  // Flechette finds a dictionary by its very type.
  const type = dictionary(words.type, int32());
  const parts = columns.map((column, i) => {
    const part = arrowBatch(type, column.codes.length, column.valid, { values: codes[i]! });
    return (
      part as unknown as { setDictionary(words: ArrowColumn<string>): ArrowBatch<unknown> }
    ).setDictionary(words);
  });
  return new ArrowColumn(parts, type);
}

/** `remap` holds the place of each word of the column's dictionary, or -1 until its first use. */
function remapped(
  { codes, dictionary, valid }: Of<'string'>,
  remap: Int32Array,
  places: Map<string, number>,
): Int32Array {
  const own = new Int32Array(codes.length);
  for (let i = 0; i < own.length; i++) {
    if (valid !== null && valid[i] === 0) continue;
    const code = codes[i]!;
    let place = remap[code]!;
    if (place < 0) {
      const word = dictionary[code]!;
      place = places.get(word) ?? places.size;
      places.set(word, place);
      remap[code] = place;
    }
    own[i] = place;
  }
  return own;
}

/** One word at least, since a missing value has a code too. */
function wordsColumn(words: readonly string[]): ArrowColumn<string> {
  const encoded = (words.length > 0 ? words : ['']).map((word) => encoder.encode(word));
  const offsets = new Int32Array(encoded.length + 1);
  for (const [i, word] of encoded.entries()) offsets[i + 1] = offsets[i]! + word.length;
  const values = new Uint8Array(offsets[encoded.length]!);
  for (const [i, word] of encoded.entries()) values.set(word, offsets[i]);
  const type = utf8();
  return new ArrowColumn(
    [arrowBatch(type, encoded.length, null, { offsets, values }) as ArrowBatch<string>],
    type,
  );
}

function packBits(bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(bytes.length / 8));
  for (let i = 0; i < bytes.length; i++) bits[i >>> 3]! |= (bytes[i]! & 1) << (i & 7);
  return bits;
}
