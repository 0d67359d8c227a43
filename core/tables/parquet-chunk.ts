import type { ColumnMetaData, RowGroup } from 'hyparquet';
import { FanfareError } from '../errors.ts';
import type { ByteSource, Room } from '../store.ts';
import { readExactly } from './parquet-footer.ts';

/** Where a column's pages of one row group lie in the file. */
export interface Chunk {
  readonly meta: ColumnMetaData;
  readonly start: number;
  readonly end: number;
}

/** Chunks that lie no further apart than this are read at once: a request costs more than the bytes between. */
const maxGap = 256 * 2 ** 10;
/** No read is longer, unless one chunk alone is. */
const maxRead = 64 * 2 ** 20;

/** The chunk of the column with that path. `BadTable` where the row group has none that can be read. */
export function chunkOf(
  { columns }: RowGroup,
  group: number,
  path: readonly string[],
  source: ByteSource,
): Chunk {
  const name = path.join('.');
  const at = `Column ${name} of ${source.uri} cannot be read (row group ${group}): `;
  const column = columns.find(
    ({ meta_data: meta }) =>
      meta?.path_in_schema.length === path.length && path.every((part, i) => meta.path_in_schema[i] === part),
  );
  if (column?.file_path)
    throw new FanfareError('BadTable', `${at}it lies in another file, ${column.file_path}.`);
  const meta = column?.meta_data;
  if (meta === undefined)
    throw new FanfareError('BadTable', `${at}the row group lacks it, or it is encrypted.`);
  // Polars leaves the dictionary's offset out: the chunk then begins with it.
  const data = Number(meta.data_page_offset);
  const dictionary = Number(meta.dictionary_page_offset ?? 0);
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const end = start + Number(meta.total_compressed_size);
  if (start >= 4 && end >= start && end <= source.size) return { meta, start, end };
  throw new FanfareError(
    'BadTable',
    `${at}its pages lie at bytes ${start} to ${end}, and the file has ${source.size}. Is it cut off?`,
  );
}

/** The bytes of a chunk: all of them, or a window that slides over them. */
export class ChunkBytes {
  /** What is held of it. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where `bytes` begins in the file. */
  base: number;
  /** Where in `bytes` the next page begins. */
  at = 0;
  readonly chunk: Chunk;
  readonly #source: ByteSource;
  readonly #window: number;
  #ahead: Promise<Uint8Array> | undefined;

  constructor(source: ByteSource, chunk: Chunk, window: number) {
    this.#source = source;
    this.chunk = chunk;
    this.base = chunk.start;
    this.#window = window;
    if (window > 0) this.#readAhead(chunk.start, this.#window);
  }

  /** Whether there are more bytes than are held. */
  get more(): boolean {
    return this.base + this.bytes.length < this.chunk.end;
  }

  /** Drops what lies before `at`, and holds more of what follows. */
  async slide(): Promise<void> {
    const rest = this.bytes.subarray(this.at);
    const next = await this.#ahead!;
    const bytes = new Uint8Array(rest.length + next.length);
    bytes.set(rest);
    bytes.set(next, rest.length);
    this.base += this.at;
    this.at = 0;
    this.bytes = bytes;
    // A page that is longer than the window is reached in few steps.
    if (this.more) this.#readAhead(this.base + bytes.length, Math.max(this.#window, rest.length));
  }

  #readAhead(start: number, length: number): void {
    this.#ahead = readExactly(this.#source, start, Math.min(start + length, this.chunk.end));
    this.#ahead.catch(() => {}); // Reported by the slide that awaits it.
  }
}

/**
 * The chunks' bytes, in their order: whole where they come to no more than `most`, by windows that come to about that
 * otherwise.
 */
export async function openChunks(
  source: ByteSource,
  chunks: readonly Chunk[],
  most: number,
  room?: Room,
): Promise<readonly ChunkBytes[]> {
  const total = chunks.reduce((sum, { start, end }) => sum + end - start, 0);
  // Each column holds a window, and has another on its way.
  if (total > most)
    return chunks.map((chunk) => new ChunkBytes(source, chunk, Math.ceil(most / (2 * chunks.length))));
  const opened = chunks.map((chunk) => new ChunkBytes(source, chunk, 0));
  const reads = rangesOf(opened).map((range) => readRange(source, range, room));
  // Where one fails, no other still writes to its room.
  await Promise.allSettled(reads);
  await Promise.all(reads);
  return opened;
}

function rangesOf(chunks: readonly ChunkBytes[]): ChunkBytes[][] {
  const ranges: ChunkBytes[][] = [];
  let start = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const each of chunks.toSorted((a, b) => a.chunk.start - b.chunk.start)) {
    const { chunk } = each;
    if (chunk.start - end > maxGap || chunk.end - start > maxRead) {
      ranges.push([]);
      start = chunk.start;
      end = start;
    }
    ranges.at(-1)!.push(each);
    end = Math.max(end, chunk.end);
  }
  return ranges;
}

async function readRange(source: ByteSource, range: readonly ChunkBytes[], room?: Room): Promise<void> {
  const start = range[0]!.chunk.start;
  const end = Math.max(...range.map(({ chunk }) => chunk.end));
  const bytes = await readExactly(source, start, end, room);
  for (const each of range) each.bytes = bytes.subarray(each.chunk.start - start, each.chunk.end - start);
}
