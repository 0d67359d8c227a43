import type { FileMetaData } from 'hyparquet';
import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import type { Column, Field } from './batch.ts';
import { type FloatRoom, floatRoom } from './float-room.ts';
import { type Chunk, type ChunkBytes, chunkOf, openChunks } from './parquet-chunk.ts';
import { decompressOf } from './parquet-codecs.ts';
import { ColumnReader, type Holding, type Lent } from './parquet-column.ts';
import { columnsOf, type FlatColumn, readFooter, rowsOf } from './parquet-footer.ts';
import { fairRows } from './rows.ts';
import type { Decompress, ReadOptions, Shard, ShardBatch } from './shard.ts';
import { lendRoom } from './spares.ts';

type RowsShard = Extract<Shard, { kind: 'rows' }>;

/** So much of a row group is held as it stands in the file; the next one is on its way meanwhile. */
const defaultMostBytes = 64 * 2 ** 20;

interface TableColumn {
  readonly field: Field;
  readonly flat: FlatColumn;
  readonly reader: ColumnReader;
}

/** A row group of which rows are wanted. */
interface Wanted {
  readonly group: number;
  /** The object's row that is its first. */
  readonly first: number;
  readonly rows: number;
  /** So many of them are passed over. */
  readonly skip: number;
  readonly chunks: readonly Chunk[];
}

/**
 * The rows of the shard's row groups, from the row `from` on. In memory are a row group's chunks as they stand in the file,
 * or windows on them where they come to more than `mostBytes`, and as much again that is on its way; where columns are lent
 * and the source is near, a page of each. So is a page a column, decompressed. Not-a-numbers in a float column are missing
 * values.
 */
export async function* readParquet(
  source: ByteSource,
  shard: RowsShard,
  fields: readonly Field[],
  batchRows: number,
  { from = 0, mostBytes = defaultMostBytes, decompressors = {}, lent, warm }: ReadOptions = {},
): AsyncGenerator<ShardBatch> {
  const read = () => readFooter(source);
  const footer = await (warm ? warm.keep('footer', `${source.uri} ${source.etag}`, read) : read());
  const most = lent ? fairRows(fields, batchRows) : batchRows;
  const rooms = lent ? roomsFor(fields, lent, most) : [];
  const ids = lent ? [new Float64Array(most), new Float64Array(most)] : [];
  const holdingOf = lent && lending(lent, { rows: most, rooms });
  const columns = columnsFor(footer, fields, source.uri, holdingOf);
  const wanted = wantedOf(footer, shard, columns, from, source);
  const open = ({ chunks }: Wanted) => openGroup(source, chunks, mostBytes, lent !== undefined);
  let ahead: OpenGroup | undefined;
  try {
    for (const [i, each] of wanted.entries()) {
      const { group, first, rows, skip } = each;
      const now = ahead ?? open(each);
      const opened = await arrived(now.chunks, source.uri, group);
      const next = wanted[i + 1];
      ahead = next && open(next);
      for (const [at, column] of columns.entries()) {
        const chunk = opened[at]!;
        const decompress = await decompressOf(chunk.chunk.meta.codec, decompressors);
        openColumn(column, chunk, each, source.uri, decompress);
      }
      for (let done = skip; done < rows; done += most) {
        const count = Math.min(most, rows - done);
        const end = done + count;
        ids.reverse();
        yield {
          batch: { rows: count, fields, columns: await takeRows(columns, count, source.uri, group) },
          rowIds: ascending(first + done, ids[0]?.subarray(0, count) ?? new Float64Array(count)),
          rejected: [],
          next: next !== undefined || end < rows ? first + end : null,
        };
      }
      for (const { reader } of columns) reader.close();
      now.end();
    }
  } finally {
    // Nothing is given back that is being written to.
    await ahead?.chunks.catch(() => {});
    ahead?.end();
    for (const { reader } of columns) reader.end();
    for (const room of rooms) room.release();
  }
}

interface OpenGroup {
  readonly chunks: Promise<readonly ChunkBytes[]>;
  /** Gives back what its bytes were read to, where they are lent. */
  end(): void;
}

function openGroup(
  source: ByteSource,
  chunks: readonly Chunk[],
  mostBytes: number,
  isLent: boolean,
): OpenGroup {
  const { room, end } = lendRoom();
  const opened = openChunks(source, chunks, mostBytes, isLent ? room : undefined);
  opened.catch(() => {}); // Reported when it is awaited.
  return { chunks: opened, end };
}

function ascending(first: number, ids: Float64Array): Float64Array {
  for (let i = 0; i < ids.length; i++) ids[i] = first + i;
  return ids;
}

/** How a field's column is held. */
type HoldingOf = (field: Field) => Holding;

const lending =
  (lent: ReadonlySet<string>, holding: Lent): HoldingOf =>
  ({ name }) =>
    lent.has(name) ? holding : 'copies';

/** For the floats that are lent, by turns, and for a model's input of them. */
function roomsFor(fields: readonly Field[], lent: ReadonlySet<string>, rows: number): readonly FloatRoom[] {
  const floats = fields.filter(({ name, type }) => type === 'float' && lent.has(name));
  const room = () => floatRoom((12 * rows + 256) * floats.length);
  return floats.length > 0 ? [room(), room()] : [];
}

function columnsFor(
  footer: FileMetaData,
  fields: readonly Field[],
  uri: string,
  holdingOf: HoldingOf = () => 'views',
): readonly TableColumn[] {
  const columns = columnsOf(footer);
  return fields.map((field) => {
    const flat = columns.find(({ name }) => name === field.name);
    if (flat === undefined || flat.kind === 'other') {
      const why = flat === undefined ? 'lacks it' : `cannot give it: ${flat.reason}`;
      throw new FanfareError('BadTable', `The table has a column ${field.name}, but ${uri} ${why}.`);
    }
    const fits = flat.type === field.type || (flat.type === 'integer' && field.type === 'float');
    if (fits) return { field, flat, reader: new ColumnReader(field, flat, holdingOf(field)) };
    throw new FanfareError(
      'BadTable',
      `Column ${field.name} is ${flat.type} in ${uri}, where ${field.type} is expected.`,
    );
  });
}

function wantedOf(
  footer: FileMetaData,
  shard: RowsShard,
  columns: readonly TableColumn[],
  from: number,
  source: ByteSource,
): readonly Wanted[] {
  const wanted: Wanted[] = [];
  let first = shard.firstRow;
  for (let group = shard.firstGroup; group < shard.endGroup; group++) {
    const rowGroup = footer.row_groups[group];
    if (rowGroup === undefined)
      throw new FanfareError('BadTable', `${source.uri} has no row group ${group}.`);
    const rows = rowsOf(rowGroup);
    const skip = Math.max(0, from - first);
    if (skip < rows) {
      const chunks = columns.map(({ flat }) => chunkOf(rowGroup, group, flat.path, source));
      wanted.push({ group, first, rows, skip, chunks });
    }
    first += rows;
  }
  return wanted;
}

/** Gives what cannot be read its place. */
async function arrived<T>(bytes: Promise<T>, uri: string, group: number): Promise<T> {
  try {
    return await bytes;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new FanfareError('BadTable', `${uri} cannot be read (row group ${group}): ${cause.message}.`, {
      cause,
    });
  }
}

function openColumn(
  column: TableColumn,
  chunk: ChunkBytes,
  { rows, skip, group }: Wanted,
  uri: string,
  decompress: Decompress | undefined,
): void {
  try {
    column.reader.open(chunk, rows, skip, decompress);
  } catch (cause) {
    throw located(column, uri, group, cause);
  }
}

/** Apart from the generator, all of which V8 would optimize for this loop's sake. */
async function takeRows(
  columns: readonly TableColumn[],
  rows: number,
  uri: string,
  group: number,
): Promise<readonly Column[]> {
  const taken: Column[] = [];
  for (const column of columns) {
    let values = takeFrom(column, rows, uri, group);
    while (values === undefined) {
      await arrived(column.reader.slide(), uri, group);
      values = takeFrom(column, rows, uri, group);
    }
    taken.push(values);
  }
  return taken;
}

/** Undefined where the column's window must slide first. */
function takeFrom(column: TableColumn, rows: number, uri: string, group: number): Column | undefined {
  try {
    return column.reader.take(rows);
  } catch (cause) {
    throw located(column, uri, group, cause);
  }
}

function located({ field, reader }: TableColumn, uri: string, group: number, cause: unknown): FanfareError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FanfareError(
    'BadTable',
    `Column ${field.name} of ${uri} cannot be read (row group ${group}, byte ${reader.place}): ${reason}.`,
    { cause },
  );
}
