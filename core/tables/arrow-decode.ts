import {
  type Batch as ArrowBatch,
  type Column as ArrowColumn,
  CompressionType,
  type DataType,
  setCompressionCodec,
  Type,
  tableFromIPC,
} from '@uwdata/flechette';
import { decompressZstd } from 'hyparquet-compressors';
import { FanfareError } from '../errors.ts';
import { footerOf } from './arrow-footer.ts';
import { type ArrowMessage, readMessage } from './arrow-messages.ts';
import { columnsOfSchema, ticksPerMilli } from './arrow-schema.ts';
import type { Batch, Column, FieldType, Floats, Validity } from './batch.ts';
import { validityOf } from './cells.ts';
import { integersOf, millisOf } from './integers.ts';
import { decompressLz4Frame } from './lz4-frame.ts';
import { withoutNaN } from './parquet-fill.ts';

const encode = (): never => {
  throw new Error('Arrow files are written without compression.');
};
setCompressionCodec(CompressionType.ZSTD, { decode: (bytes) => aligned(decompressZstd(bytes)), encode });
setCompressionCodec(CompressionType.LZ4_FRAME, { decode: decompressLz4Frame, encode });

/**
 * The record batches of an Arrow IPC file or stream. Floats and dictionary codes without missing values are views on
 * `bytes`, so that they must not be changed. Columns of other types than ours are left out, and so are those that
 * `names` (where it is given) does not have. `BadTable` where the bytes are no such file.
 */
export function decodeArrow(bytes: Uint8Array, names?: readonly string[]): Batch[] {
  try {
    return batchesOf(aligned(bytes), names);
  } catch (cause) {
    if (cause instanceof FanfareError) throw cause;
    throw new FanfareError(
      'BadTable',
      `The bytes are not an Arrow IPC file or stream that can be read: ${String(cause)}`,
      {
        cause,
      },
    );
  }
}

/** Arrow's buffers are aligned to 8 bytes from the beginning of the file. (A slice of Node's Buffer is no copy.) */
const aligned = (bytes: Uint8Array): Uint8Array =>
  bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);

function batchesOf(bytes: Uint8Array, names?: readonly string[]): Batch[] {
  lookThrough(bytes);
  const table = tableFromIPC(bytes, { useBigInt: true, useBigIntTimestamp: true });
  const places = columnsOfSchema(table.schema).flatMap((column, place) =>
    column.kind === 'flat' && (names?.includes(column.name) ?? true) ? [{ ...column, place }] : [],
  );
  const fields = places.map(({ name, type }) => ({ name, type }));
  const parts = table.children[0]?.data ?? [];
  return parts.map(({ length: rows }, i) => {
    const columns = places.map(({ type, place }) => {
      const part = table.children[place]!.data[i]!;
      if (part.length !== rows)
        throw new RangeError(`record batch ${i} has columns of ${rows} and of ${part.length} rows`);
      requireRoom(part);
      return columnFrom(part, type);
    });
    return { rows, fields, columns };
  });
}

/** Of every message, before one is decoded. */
function lookThrough(bytes: Uint8Array): void {
  const footer = footerOf(bytes);
  if (footer === undefined) {
    for (let at = 0; ; ) {
      const message = readMessage(bytes, at);
      if (message === undefined) return;
      at = endOf(message, bytes);
    }
  }
  for (const { start } of [...footer.dictionaries, ...footer.batches]) {
    const message = readMessage(bytes, start);
    if (message === undefined) throw new RangeError(`there is no message at byte ${start}`);
    endOf(message, bytes);
  }
}

function endOf({ body, bodyLength }: ArrowMessage, bytes: Uint8Array): number {
  if (body + bodyLength <= bytes.length) return body + bodyLength;
  throw new RangeError(
    `a message's body of ${bodyLength} bytes begins at byte ${body}, and all ends at byte ${bytes.length}`,
  );
}

type ArrowPart = ArrowBatch<unknown>;

/** `RangeError` where a column's buffers are shorter than its rows need. */
function requireRoom({ type, length, nullCount, validity, values, offsets }: ArrowPart): void {
  const hasBits = nullCount === 0 || !validity?.length || 8 * validity.length >= length;
  if (hasBits && roomFor(type, values?.length ?? 0, offsets?.length ?? 0) >= length) return;
  throw new RangeError(`a column of ${length} rows has fewer values`);
}

/** For how many rows there is room. */
function roomFor(type: DataType, values: number, offsets: number): number {
  switch (type.typeId) {
    case Type.Utf8:
    case Type.LargeUtf8:
      return Math.max(0, offsets - 1);
    case Type.Utf8View:
      return Math.floor(values / 16);
    case Type.Bool:
      return 8 * values;
    case Type.Decimal:
      return Math.floor(values / Math.max(1, type.bitWidth / 64));
    default:
      return values;
  }
}

function columnFrom(batch: ArrowPart, type: FieldType): Column {
  const valid = bytesOfBits(batch.validity, batch.nullCount, batch.length);
  switch (type) {
    case 'float':
      return floatColumn(batch, valid);
    case 'integer':
      return { type, values: clearedIntegers(integerValues(batch), valid), valid };
    case 'boolean':
      return { type, values: cleared(unpackBits(batch.values as Uint8Array, batch.length), valid, 0), valid };
    case 'timestamp':
      return { type, values: cleared(timestampValues(batch), valid, 0), valid };
    case 'string':
      return batch.type.typeId === Type.Dictionary
        ? dictionaryColumn(batch, valid)
        : textColumn(batch, valid);
  }
}

/** Not-a-numbers are missing. */
function floatColumn(batch: ArrowPart, nulls: Validity): Column {
  const { length } = batch;
  const isPlain = batch.type.typeId === Type.Float && (batch.type.precision ?? 0) > 0;
  const held = isPlain
    ? (batch.values as Floats).subarray(0, length)
    : Float64Array.from(batch as Iterable<number | null>, (value) => value ?? NaN);
  const ours = cleared(held, nulls, NaN);
  return { type: 'float', values: ours, valid: withoutNaN(ours, nulls) };
}

type Integers = BigInt64Array | Int32Array;

function integerValues(batch: ArrowPart): Integers {
  const values = batch.values!.subarray(0, batch.length);
  if (values instanceof BigInt64Array || values instanceof Int32Array) return values;
  if (values instanceof Uint32Array) return integersOf(values);
  if (values instanceof BigUint64Array) {
    if (values.some((value) => value >= 2n ** 63n))
      throw new RangeError('an unsigned integer above 2^63 - 1');
    return new BigInt64Array(values);
  }
  return Int32Array.from(values as Int8Array);
}

function timestampValues(batch: ArrowPart): Float64Array {
  const { type } = batch;
  const values = batch.values!.subarray(0, batch.length);
  if (values instanceof Int32Array) return Float64Array.from(values, (days) => days * 86_400_000);
  const unit = type.typeId === Type.Timestamp ? type.unit : undefined;
  const ticks = unit === undefined ? 1 : ticksPerMilli(unit);
  const millis = millisOf(values as BigInt64Array, Math.max(1, ticks));
  return ticks < 1 ? millis.map((seconds) => seconds / ticks) : millis;
}

function dictionaryColumn(batch: ArrowPart, nulls: Validity): Column {
  const { dictionary: column } = batch as ArrowPart & { dictionary?: ArrowColumn<string | null> };
  if (column === undefined) throw new RangeError('a column lacks its dictionary');
  for (const part of column.data) requireRoom(part);
  const words = column.cache() as ArrayLike<string | null>;
  const held = batch.values!.subarray(0, batch.length);
  const codes = cleared(held instanceof Int32Array ? held : Int32Array.from(held as Int8Array), nulls, 0);
  for (let i = 0; i < codes.length; i++) {
    if (codes[i]! >>> 0 >= words.length && nulls?.[i] !== 0)
      throw new RangeError(`row ${i} has word ${codes[i]} of a dictionary of ${words.length}`);
  }
  if (Array.isArray(words) && !words.includes(null))
    return { type: 'string', codes, dictionary: words, valid: nulls };
  const valid = Uint8Array.from(codes, (code, i) => ((nulls?.[i] ?? 1) === 1 && words[code] != null ? 1 : 0));
  const dictionary = Array.from(words, (word) => word ?? '');
  return { type: 'string', codes, dictionary, valid: validityOf(valid) };
}

function textColumn(batch: ArrowPart, valid: Validity): Column {
  const places = new Map<string, number>();
  const codes = new Int32Array(batch.length);
  for (let i = 0; i < codes.length; i++) {
    if (valid !== null && valid[i] === 0) continue;
    const word = batch.at(i) as string;
    const known = places.get(word);
    codes[i] = known ?? places.size;
    if (known === undefined) places.set(word, places.size);
  }
  return { type: 'string', codes, dictionary: [...places.keys()], valid };
}

/** What others left in the places of missing values goes; nothing is copied where none is missing. */
function cleared<T extends Floats | Int32Array | BigInt64Array | Uint8Array>(
  values: T,
  valid: Validity,
  empty: T[number],
): T {
  if (valid === null) return values;
  const own = values.slice() as T;
  for (let i = 0; i < valid.length; i++) if (valid[i] === 0) own[i] = empty;
  return own;
}

const clearedIntegers = (values: Integers, valid: Validity): Integers =>
  values instanceof BigInt64Array ? cleared(values, valid, 0n) : cleared(values, valid, 0);

function bytesOfBits(bits: Uint8Array | undefined, nulls: number, length: number): Uint8Array | null {
  return nulls === 0 || bits === undefined || bits.length === 0 ? null : unpackBits(bits, length);
}

function unpackBits(bits: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (bits[i >>> 3]! >>> (i & 7)) & 1;
  return bytes;
}
