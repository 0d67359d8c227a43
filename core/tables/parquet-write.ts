import type { ColumnChunk, FileMetaData, PageHeader, RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import type { Batch, Column, Field } from './batch.ts';
import { concatColumns, lengthOf, partsOf } from './join.ts';
import { type EncodedPage, encodeColumn } from './parquet-encode.ts';
import { sliceColumn } from './slice.ts';

const groupRows = 2 ** 18;
const magic = new TextEncoder().encode('PAR1');

/**
 * A Parquet file in parts: DOUBLE and INT64 (FLOAT and INT32 where all batches hold that), BOOLEAN, TIMESTAMP in milliseconds of UTC, and UTF8;
 * every column optional. Dictionaries make it small where values recur; it is not compressed, which would take longer
 * than all else.
 */
export function parquetParts(batches: readonly Batch[]): readonly Uint8Array[] {
  const { fields } = batches[0]!;
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  const columns = fields.map((field, place) => alike(partsOf(batches, field, place), field, rows));
  const root: SchemaElement = { name: 'root', num_children: fields.length };
  const schema = [root, ...fields.map((field, i) => elementOf(field, columns[i]![0]!))];
  const file: Parts = { parts: [magic], offset: magic.length };
  const groups: RowGroup[] = [];
  for (let start = 0; start < rows; start += groupRows) {
    const end = Math.min(rows, start + groupRows);
    const chunks = columns.map((parts, i) => writeChunk(file, schema[i + 1]!, rowsOf(parts, start, end)));
    const bytes = chunks.reduce((sum, { meta_data: meta }) => sum + meta!.total_uncompressed_size, 0n);
    groups.push({ columns: chunks, total_byte_size: bytes, num_rows: BigInt(end - start) });
  }
  const footer: FileMetaData = {
    ...{ version: 2, schema, num_rows: BigInt(rows), row_groups: groups, created_by: 'fanfare' },
    metadata_length: 0,
  };
  const end = new ByteWriter();
  writeMetadata(end, footer);
  end.appendUint32(end.offset);
  end.appendBytes(magic);
  append(file, [end.getBytes()]);
  return file.parts;
}

/** Parts of one kind of numbers stand one after the other as they are; others are joined. */
function alike(parts: readonly Column[], field: Field, rows: number): readonly Column[] {
  const kinds = new Set(parts.map((part) => (part.type === 'string' ? undefined : part.values.constructor)));
  const isNumbers = field.type !== 'string' && field.type !== 'boolean';
  return isNumbers && kinds.size === 1 ? parts : [concatColumns(parts, field, rows)];
}

/** Rows `start` to `end` of a column in parts, as parts. */
function rowsOf(parts: readonly Column[], start: number, end: number): readonly Column[] {
  let first = 0;
  return parts.flatMap((part) => {
    const from = Math.max(0, start - first);
    const to = Math.min(lengthOf(part), end - first);
    first += lengthOf(part);
    return from < to ? [sliceColumn(part, from, to)] : [];
  });
}

/** A file in the making. */
interface Parts {
  readonly parts: Uint8Array[];
  offset: number;
}

function append(file: Parts, parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    if (part.length > 0) file.parts.push(part);
    file.offset += part.length;
  }
}

function appendPage(file: Parts, page: EncodedPage, header: (size: Sizes) => PageHeader): void {
  const length = page.parts.reduce((sum, part) => sum + part.length, 0);
  const writer = new ByteWriter();
  writePageHeader(writer, header({ uncompressed_page_size: length, compressed_page_size: length }));
  append(file, [writer.getBytes(), ...page.parts]);
}

type Sizes = Pick<PageHeader, 'uncompressed_page_size' | 'compressed_page_size'>;

function elementOf({ name }: Field, column: Column): SchemaElement {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (column.type) {
    case 'float':
      return { ...optional, type: column.values instanceof Float32Array ? 'FLOAT' : 'DOUBLE' };
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

/** Appends a column's parts, its dictionary first. */
function writeChunk(file: Parts, { name, type }: SchemaElement, parts: readonly Column[]): ColumnChunk {
  const { dictionary, pages, encoding, rows } = encodeColumn(parts);
  const first = BigInt(file.offset);
  if (dictionary) {
    const header = { num_values: dictionary.values, encoding: 'PLAIN' } as const;
    appendPage(file, dictionary, (size) => ({
      ...{ type: 'DICTIONARY_PAGE', ...size },
      dictionary_page_header: header,
    }));
  }
  const data = BigInt(file.offset);
  const levels = { definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' } as const;
  for (const page of pages) {
    const header = { num_values: page.values, encoding, ...levels } as const;
    appendPage(file, page, (size) => ({ ...{ type: 'DATA_PAGE', ...size }, data_page_header: header }));
  }
  const size = BigInt(file.offset) - first;
  return {
    file_offset: first,
    meta_data: {
      type: type!,
      encodings: dictionary ? ['PLAIN', 'RLE', 'RLE_DICTIONARY'] : ['PLAIN', 'RLE'],
      path_in_schema: [name],
      codec: 'UNCOMPRESSED',
      num_values: BigInt(rows),
      total_uncompressed_size: size,
      total_compressed_size: size,
      data_page_offset: data,
      ...(dictionary && { dictionary_page_offset: first }),
    },
  };
}
