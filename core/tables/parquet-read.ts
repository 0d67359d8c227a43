import type { ColumnMetaData, FileMetaData, RowGroup } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import type { Column, Field } from './batch.ts';
import { ColumnReader } from './parquet-column.ts';
import { columnsOf, readFooter } from './parquet-footer.ts';
import type { ReadOptions, Shard, ShardBatch } from './shard.ts';

type RowsShard = Extract<Shard, { kind: 'rows' }>;

/** Chunks that lie no further apart than this are read at once: a request costs more than the bytes between. */
const maxGap = 256 * 2 ** 10;
/** No read is longer, unless one chunk alone is. */
const maxRead = 64 * 2 ** 20;

/**
 * The rows of the shard's row groups. A row group's chunks are in memory as they stand in the file, a page a column
 * decoded. Not-a-numbers in a float column are missing values.
 */
export async function* readParquet(
  source: ByteSource,
  shard: RowsShard,
  fields: readonly Field[],
  batchRows: number,
  { from = 0, decompressors = {} }: Pick<ReadOptions, 'from' | 'decompressors'> = {},
): AsyncGenerator<ShardBatch> {
  const footer = await readFooter(source);
  const readers = readersOf(footer, fields, source.uri);
  let row = shard.firstRow;
  for (let group = shard.firstGroup; group < shard.endGroup; group++) {
    const rowGroup = footer.row_groups[group];
    if (rowGroup === undefined)
      throw new FanfareError('BadTable', `${source.uri} has no row group ${group}.`);
    const rows = Number(rowGroup.num_rows);
    if (row + rows <= from) {
      row += rows;
      continue;
    }
    const chunks = await readChunks(source, rowGroup, fields);
    for (const [i, { bytes, meta }] of chunks.entries()) {
      const decompress = decompressors[meta.codec] ?? compressors[meta.codec];
      readers[i]!.open(bytes, meta, decompress);
    }
    const skipped = Math.max(0, from - row);
    if (skipped > 0)
      for (const [i, field] of fields.entries()) takeFrom(readers[i]!, skipped, field, group, source.uri);
    for (let done = skipped; done < rows; done += batchRows) {
      const count = Math.min(batchRows, rows - done);
      const columns = fields.map((field, i) => takeFrom(readers[i]!, count, field, group, source.uri));
      yield { batch: { rows: count, fields, columns }, rowIds: ascending(row + done, count), rejected: [] };
    }
    row += rows;
  }
}

function ascending(first: number, count: number): Float64Array {
  const ids = new Float64Array(count);
  for (let i = 0; i < count; i++) ids[i] = first + i;
  return ids;
}

function readersOf(footer: FileMetaData, fields: readonly Field[], uri: string): readonly ColumnReader[] {
  const columns = columnsOf(footer);
  return fields.map((field) => {
    const column = columns.find(({ name }) => name === field.name);
    if (column === undefined || column.kind === 'other') {
      const why = column === undefined ? 'lacks it' : `cannot give it: ${column.reason}`;
      throw new FanfareError('BadTable', `The table has a column ${field.name}, but ${uri} ${why}.`);
    }
    const fits = column.type === field.type || (column.type === 'integer' && field.type === 'float');
    if (fits) return new ColumnReader(field, column.element);
    throw new FanfareError(
      'BadTable',
      `Column ${field.name} is ${column.type} in ${uri}, where ${field.type} is expected.`,
    );
  });
}

interface Chunk {
  readonly meta: ColumnMetaData;
  readonly start: number;
  readonly end: number;
  bytes: Uint8Array;
}

/** The fields' column chunks of a row group, in the order of the fields. */
async function readChunks(
  source: ByteSource,
  group: RowGroup,
  fields: readonly Field[],
): Promise<readonly Chunk[]> {
  const chunks = fields.map((field) => chunkOf(group, field.name, source.uri));
  const inFile = chunks.toSorted((a, b) => a.start - b.start);
  for (let first = 0; first < inFile.length; ) {
    let next = first + 1;
    const { start } = inFile[first]!;
    let { end } = inFile[first]!;
    while (next < inFile.length) {
      const chunk = inFile[next]!;
      if (chunk.start - end > maxGap || chunk.end - start > maxRead) break;
      end = Math.max(end, chunk.end);
      next++;
    }
    const bytes = await source.read(start, end);
    for (const chunk of inFile.slice(first, next))
      chunk.bytes = bytes.subarray(chunk.start - start, chunk.end - start);
    first = next;
  }
  return chunks;
}

function chunkOf(group: RowGroup, name: string, uri: string): Chunk {
  const column = group.columns.find(({ meta_data: meta }) => meta?.path_in_schema[0] === name);
  const meta = column?.meta_data;
  if (meta === undefined || column?.file_path) {
    throw new FanfareError(
      'BadTable',
      `A row group of ${uri} lacks the column ${name}, or keeps it in another file.`,
    );
  }
  // Polars leaves the dictionary's offset out: the chunk then begins with it.
  const data = Number(meta.data_page_offset);
  const dictionary = Number(meta.dictionary_page_offset ?? 0);
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  return { meta, start, end: start + Number(meta.total_compressed_size), bytes: new Uint8Array(0) };
}

function takeFrom(reader: ColumnReader, rows: number, field: Field, group: number, uri: string): Column {
  try {
    return reader.take(rows);
  } catch (cause) {
    throw new FanfareError(
      'BadTable',
      `Column ${field.name} of ${uri} cannot be read (row group ${group}): ${String(cause)}`,
      {
        cause,
      },
    );
  }
}
