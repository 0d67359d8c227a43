import type { SchemaElement } from 'hyparquet';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import type { FieldType } from './batch.ts';
import { HybridReader } from './parquet-hybrid.ts';
import type { Page } from './parquet-page.ts';
import { HeldValues, type PageValues, RunValues } from './parquet-page-values.ts';
import { DeltaTexts, PlainTexts, type WordsNow } from './parquet-texts.ts';
import { convertFixed, convertNumbers, isHeld, type Numbers } from './parquet-values.ts';
import type { Pieces } from './shard.ts';

/** What a column is, and is held as. */
export interface ColumnForm {
  readonly element: SchemaElement;
  readonly type: FieldType;
  readonly words: WordsNow;
}

type Valued = Extract<Page, { kind: 'dictionary' | 'data' }>;

const numbers = { INT32: Int32Array, INT64: BigInt64Array, FLOAT: Float32Array, DOUBLE: Float64Array };

/** The values of a page that are not codes. `RangeError` for an encoding that is not known. */
export function valuesOf(page: Valued, form: ColumnForm): PageValues {
  const { bytes, at, pieces, encoding } = page;
  const { element, type, words } = form;
  switch (encoding) {
    case 'PLAIN':
      return plainValues(bytes, at, form, pieces);
    case 'RLE':
      if (type !== 'boolean') break;
      return new RunValues(new HybridReader(bytes, at + 4, bytes.length, 1));
    case 'DELTA_BINARY_PACKED': {
      if (element.type !== 'INT32' && element.type !== 'INT64') break;
      const { values } = unpackDeltas(bytes, at, element.type, limitOf(page));
      return HeldValues.of(convertNumbers(values, element, type));
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY': {
      if (type !== 'string') break;
      const isWhole = encoding === 'DELTA_LENGTH_BYTE_ARRAY';
      const prefixes = isWhole ? null : unpackDeltas(bytes, at, 'INT32', limitOf(page));
      const lengths = unpackDeltas(bytes, prefixes?.end ?? at, 'INT32', limitOf(page));
      const common = (prefixes?.values ?? null) as Int32Array | null;
      return new DeltaTexts(bytes, lengths.end, common, lengths.values as Int32Array, words);
    }
    case 'BYTE_STREAM_SPLIT':
      return plainValues(joined(bytes.subarray(at), widthOf(element)), 0, form);
  }
  throw new RangeError(`the encoding ${encoding} is not known for ${element.type}`);
}

const limitOf = (page: Valued): number => (page.kind === 'data' ? page.rows : page.count) ?? 0;

/** Whether pages of such values in PLAIN encoding are read as they are, and so in pieces too. */
export const isReadInPieces = ({ element, type }: ColumnForm): boolean =>
  element.type !== undefined && element.type in numbers && isHeld(element, type);

function plainValues(
  bytes: Uint8Array,
  at: number,
  { element, type, words }: ColumnForm,
  pieces: Pieces = [bytes],
): PageValues {
  switch (element.type) {
    case 'BOOLEAN':
      return new RunValues(HybridReader.bits(bytes, at));
    case 'INT32':
    case 'INT64':
    case 'FLOAT':
    case 'DOUBLE': {
      const array = numbers[element.type];
      if (isHeld(element, type)) return new HeldValues(pieces, at, array);
      const size = array.BYTES_PER_ELEMENT;
      const count = Math.floor((bytes.length - at) / size);
      // Only what is aligned can be seen as numbers. (A slice of Node's Buffer is no copy.)
      const seen = bytes.subarray(at);
      const own = seen.byteOffset % size === 0 ? seen : new Uint8Array(seen);
      const values: Numbers = new array(own.buffer as ArrayBuffer, own.byteOffset, count);
      return HeldValues.of(convertNumbers(values, element, type));
    }
    case 'BYTE_ARRAY':
      return type === 'string'
        ? new PlainTexts(bytes, at, words)
        : HeldValues.of(longDecimals(bytes, at, element));
    default: {
      const width = widthOf(element);
      const convert = convertFixed(element, bytes);
      const values = new Float64Array(Math.floor((bytes.length - at) / width));
      for (let i = 0; i < values.length; i++) values[i] = convert(at + i * width, width);
      return HeldValues.of(values);
    }
  }
}

/** Decimals of any length, each behind it. */
function longDecimals(bytes: Uint8Array, from: number, element: SchemaElement): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const convert = convertFixed(element, bytes);
  const values: number[] = [];
  for (let at = from; at + 4 <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (at + 4 + length > bytes.length) throw new RangeError('a decimal is longer than its page');
    values.push(convert(at + 4, length));
    at += 4 + length;
  }
  return Float64Array.from(values);
}

function widthOf({ type, type_length: length }: SchemaElement): number {
  if (type === 'INT32' || type === 'FLOAT') return 4;
  if (type === 'INT64' || type === 'DOUBLE') return 8;
  if (type === 'INT96') return 12;
  if (type === 'FIXED_LEN_BYTE_ARRAY' && length !== undefined && length > 0) return length;
  throw new RangeError(`values of ${type} have no width`);
}

/** From a stream for each byte of a value to the values. */
function joined(streams: Uint8Array, width: number): Uint8Array {
  const count = Math.floor(streams.length / width);
  const values = new Uint8Array(count * width);
  for (let byte = 0; byte < width; byte++) {
    const stream = streams.subarray(byte * count, (byte + 1) * count);
    for (let i = 0, at = byte; i < count; i++, at += width) values[at] = stream[i]!;
  }
  return values;
}

/** Integers by their differences (DELTA_BINARY_PACKED), and where they end. */
function unpackDeltas(
  bytes: Uint8Array,
  at: number,
  type: 'INT32' | 'INT64',
  most: number,
): { readonly values: Int32Array | BigInt64Array; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const reader = { view, offset: at };
  const [block, parts, count] = [varint(reader), varint(reader), varint(reader)];
  // A block of equal differences takes a byte for each of its parts, and is of a few hundred values.
  const fits = count <= most && count <= bytes.length * 256 && block <= 2 ** 16 && parts > 0 && parts <= 512;
  if (!fits || block % parts !== 0 || (block / parts) % 8 !== 0)
    throw new RangeError(`${count} differences in blocks of ${block} in ${parts} parts`);
  reader.offset = at;
  const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
  if (count > 0) deltaBinaryUnpack(reader, count, values);
  return { values, end: reader.offset };
}

function varint(reader: { readonly view: DataView; offset: number }): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.view.getUint8(reader.offset++);
    value |= (byte & 127) << shift;
    if (byte < 128) return value >>> 0;
  }
  throw new RangeError('a number that does not end');
}
