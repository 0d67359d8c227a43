import type { ColumnMetaData, Encoding, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { type Cursor, readHybrid } from './parquet-hybrid.ts';
import type { Decompress } from './shard.ts';

/** Values as they stand in a page: of Parquet's physical type, without the missing ones. */
export type Physical =
  | { readonly kind: 'numbers'; readonly values: Int32Array | BigInt64Array | Float32Array | Float64Array }
  | { readonly kind: 'booleans'; readonly values: Uint8Array }
  | { readonly kind: 'bytes'; readonly values: readonly Uint8Array[] }
  /** 96-bit integers, INT96. */
  | { readonly kind: 'wide'; readonly values: readonly bigint[] }
  /** Places in the column chunk's dictionary. */
  | { readonly kind: 'codes'; readonly values: Int32Array };

export type Page =
  | { readonly kind: 'dictionary'; readonly body: Physical }
  | {
      readonly kind: 'data';
      readonly rows: number;
      /** A byte a row, 0 where it is missing; null where none is. */
      readonly defined: Uint8Array | null;
      readonly body: Physical;
    };

/** What it takes to read the pages of a flat column's chunk. */
export interface PageFormat {
  readonly meta: ColumnMetaData;
  readonly optional: boolean;
  /** The length of a FIXED_LEN_BYTE_ARRAY. */
  readonly typeLength: number | undefined;
  readonly decompress: Decompress | undefined;
}

/** Reads the page at the cursor, header and all. It passes over index pages (undefined). */
export function readPage(cursor: Cursor, format: PageFormat): Page | undefined {
  const { bytes } = cursor;
  const reader = { view: viewOf(bytes), offset: cursor.at };
  const header = parquetHeader(reader);
  const body = bytes.subarray(reader.offset, reader.offset + header.compressed_page_size);
  if (body.length < header.compressed_page_size) throw new RangeError('a page is cut off');
  cursor.at = reader.offset + header.compressed_page_size;
  if (header.dictionary_page_header !== undefined) {
    const page = { bytes: inflate(body, header.uncompressed_page_size, format), at: 0 };
    return {
      kind: 'dictionary',
      body: readValues(page, 'PLAIN', header.dictionary_page_header.num_values, format),
    };
  }
  if (header.data_page_header !== undefined) return readDataPage(body, header, format);
  if (header.data_page_header_v2 !== undefined) return readDataPageV2(body, header, format);
  return undefined;
}

function readDataPage(body: Uint8Array, header: PageHeader, format: PageFormat): Page {
  const { num_values: rows, encoding } = header.data_page_header!;
  const page: Cursor = { bytes: inflate(body, header.uncompressed_page_size, format), at: 0 };
  let defined: Uint8Array | null = null;
  if (format.optional) {
    const length = viewOf(page.bytes).getUint32(0, true);
    defined = readLevels(page.bytes.subarray(4, 4 + length), rows);
    page.at = 4 + length;
  }
  return { kind: 'data', rows, defined, body: readValues(page, encoding, countOf(defined, rows), format) };
}

/** Its levels are never compressed, and stand before the values. */
function readDataPageV2(body: Uint8Array, header: PageHeader, format: PageFormat): Page {
  const v2 = header.data_page_header_v2!;
  const levels = v2.repetition_levels_byte_length + v2.definition_levels_byte_length;
  const rows = v2.num_values;
  const defined =
    format.optional && v2.num_nulls > 0
      ? readLevels(body.subarray(v2.repetition_levels_byte_length, levels), rows)
      : null;
  const rest = body.subarray(levels);
  const bytes =
    v2.is_compressed === false ? rest : inflate(rest, header.uncompressed_page_size - levels, format);
  return {
    kind: 'data',
    rows,
    defined,
    body: readValues({ bytes, at: 0 }, v2.encoding, rows - v2.num_nulls, format),
  };
}

/** Definition levels of a flat optional column: a bit a row. Null where all are 1. */
function readLevels(bytes: Uint8Array, rows: number): Uint8Array | null {
  const levels = new Uint8Array(rows);
  readHybrid({ bytes, at: 0 }, 1, levels);
  return levels.indexOf(0) < 0 ? null : levels;
}

function countOf(defined: Uint8Array | null, rows: number): number {
  if (defined === null) return rows;
  let count = 0;
  for (let row = 0; row < rows; row++) count += defined[row]!;
  return count;
}

function inflate(body: Uint8Array, length: number, { meta, decompress }: PageFormat): Uint8Array {
  if (meta.codec === 'UNCOMPRESSED' || length === 0) return body;
  if (decompress === undefined) throw new RangeError(`nothing here decompresses ${meta.codec}`);
  const page = decompress(body, length);
  if (page.length !== length)
    throw new RangeError(`a page has ${page.length} bytes where ${length} were promised`);
  return page;
}

function readValues(page: Cursor, encoding: Encoding, count: number, format: PageFormat): Physical {
  const { type } = format.meta;
  const reader = { view: viewOf(page.bytes), offset: page.at };
  switch (encoding) {
    case 'PLAIN':
      if (type === 'BOOLEAN') return { kind: 'booleans', values: unpackBits(page, count) };
      return physicalOf(readPlain(reader, type, count, format.typeLength), type);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      const values = new Int32Array(count);
      const width = page.bytes[page.at] ?? 0;
      if (width > 0 && count > 0) readHybrid({ bytes: page.bytes, at: page.at + 1 }, width, values);
      return { kind: 'codes', values };
    }
    case 'RLE': {
      const values = new Uint8Array(count);
      if (count > 0) readHybrid({ bytes: page.bytes, at: page.at + 4 }, 1, values);
      return { kind: 'booleans', values };
    }
    case 'DELTA_BINARY_PACKED': {
      const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
      if (count > 0) deltaBinaryUnpack(reader, count, values);
      return { kind: 'numbers', values };
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY': {
      const values = new Array<Uint8Array>(count);
      const unpack = encoding === 'DELTA_BYTE_ARRAY' ? deltaByteArray : deltaLengthByteArray;
      if (count > 0) unpack(reader, count, values);
      return { kind: 'bytes', values };
    }
    case 'BYTE_STREAM_SPLIT':
      return physicalOf(byteStreamSplit(reader, count, type, format.typeLength), type);
    default:
      throw new RangeError(`the encoding ${encoding} is not known`);
  }
}

/** Narrows what hyparquet returns, which is an empty array where there are no values. */
function physicalOf(values: unknown, type: ColumnMetaData['type']): Physical {
  if (values instanceof Int32Array || values instanceof BigInt64Array) return { kind: 'numbers', values };
  if (values instanceof Float32Array || values instanceof Float64Array) return { kind: 'numbers', values };
  if (type === 'INT96') return { kind: 'wide', values: values as readonly bigint[] };
  if (type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY') {
    return { kind: 'bytes', values: values as readonly Uint8Array[] };
  }
  return { kind: 'numbers', values: new Int32Array(0) };
}

function unpackBits(page: Cursor, count: number): Uint8Array {
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = (page.bytes[page.at + (i >>> 3)]! >>> (i & 7)) & 1;
  return values;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
