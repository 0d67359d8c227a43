import type { ColumnMetaData, RowGroup } from 'hyparquet';
import { FanfareError } from '../errors.ts';
import type { ByteSource, Room } from '../store.ts';
import { readExactly } from './parquet-footer.ts';
import type { PageHeader } from './parquet-header.ts';

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

export interface PageAhead {
  readonly headerBytes: number;
  readonly header: PageHeader;
}

/** What is held of a chunk's bytes. */
export interface ChunkBytes {
  readonly chunk: Chunk;
  readonly bytes: Uint8Array;
  /** Where `bytes` begins in the file. */
  readonly base: number;
  /** Where in `bytes` the next page begins. */
  at: number;
  /** Of that page, once its header is held and not yet all of it. */
  ahead: PageAhead | undefined;
  /** Whether there are more bytes than are held. */
  readonly more: boolean;
  /** Drops what lies before `at`, and holds more of what follows. */
  slide(): Promise<void>;
}

/** All of them. */
class WholeBytes implements ChunkBytes {
  readonly more = false;
  readonly chunk: Chunk;
  readonly bytes: Uint8Array;
  readonly base: number;
  at = 0;
  ahead: PageAhead | undefined;

  constructor(chunk: Chunk, bytes: Uint8Array) {
    this.chunk = chunk;
    this.bytes = bytes;
    this.base = chunk.start;
  }

  async slide(): Promise<void> {}
}

/** A window that slides over them, and the next one on its way. */
class WindowBytes implements ChunkBytes {
  readonly chunk: Chunk;
  bytes: Uint8Array = new Uint8Array(0);
  base: number;
  at = 0;
  ahead: PageAhead | undefined;
  readonly #source: ByteSource;
  readonly #window: number;
  #coming: Promise<Uint8Array>;

  constructor(source: ByteSource, chunk: Chunk, window: number) {
    this.#source = source;
    this.chunk = chunk;
    this.base = chunk.start;
    this.#window = window;
    this.#coming = this.#readAhead(chunk.start, this.#window);
  }

  get more(): boolean {
    return this.base + this.bytes.length < this.chunk.end;
  }

  async slide(): Promise<void> {
    const rest = this.bytes.subarray(this.at);
    const next = await this.#coming;
    const bytes = new Uint8Array(rest.length + next.length);
    bytes.set(rest);
    bytes.set(next, rest.length);
    this.base += this.at;
    this.at = 0;
    this.bytes = bytes;
    // A page that is longer than the window is reached in few steps.
    if (this.more)
      this.#coming = this.#readAhead(this.base + bytes.length, Math.max(this.#window, rest.length));
  }

  #readAhead(start: number, length: number): Promise<Uint8Array> {
    const coming = readExactly(this.#source, start, Math.min(start + length, this.chunk.end));
    coming.catch(() => {}); // Reported by the slide that awaits it.
    return coming;
  }
}

/** A page's header is hardly longer. */
const headerBytes = 256;
/** So are most pages. */
const pageBytes = 128 * 2 ** 10;

/** A page at a time, each in the place of the one before it: of a source that is near, such as a file. */
class PageBytes implements ChunkBytes {
  readonly chunk: Chunk;
  bytes: Uint8Array = new Uint8Array(0);
  base: number;
  at = 0;
  ahead: PageAhead | undefined;
  readonly #source: ByteSource;
  readonly #room: Room;
  #held: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource, chunk: Chunk, room: Room) {
    this.#source = source;
    this.#room = room;
    this.chunk = chunk;
    this.base = chunk.start;
  }

  get more(): boolean {
    return this.base + this.bytes.length < this.chunk.end;
  }

  /** Reads the rest of the page and the next one's header. */
  async slide(): Promise<void> {
    const rest = this.bytes.subarray(this.at);
    this.base += this.at;
    this.at = 0;
    const start = this.base + rest.length;
    const page = this.ahead ? this.ahead.headerBytes + this.ahead.header.size! : 2 * rest.length;
    const length = Math.min(page - rest.length + headerBytes, this.chunk.end - start);
    const end = rest.length + length;
    const held = end <= this.#held.length ? this.#held : this.#room(Math.max(end, pageBytes));
    this.#held = held;
    held.set(rest);
    this.bytes = held.subarray(0, rest.length);
    const next = await readExactly(this.#source, start, start + length, () =>
      held.subarray(rest.length, end),
    );
    if (next.buffer !== held.buffer) held.set(next, rest.length);
    this.bytes = held.subarray(0, end);
  }
}

/**
 * The chunks' bytes, in their order: whole where they come to no more than `most`, by windows that come to about that
 * otherwise. Where there is room to read to and the source is near, page by page.
 */
export async function openChunks(
  source: ByteSource,
  chunks: readonly Chunk[],
  most: number,
  room?: Room,
): Promise<readonly ChunkBytes[]> {
  const total = chunks.reduce((sum, { start, end }) => sum + end - start, 0);
  // What is read at once would be in memory, and not in the processor's cache, when its pages are looked at.
  if (room && source.chunkBytes !== undefined && total > source.chunkBytes)
    return chunks.map((chunk) => new PageBytes(source, chunk, room));
  // Each column holds a window, and has another on its way.
  if (total > most)
    return chunks.map((chunk) => new WindowBytes(source, chunk, Math.ceil(most / (2 * chunks.length))));
  const opened = new Map<Chunk, WholeBytes>();
  const reads = rangesOf(chunks).map(async (range) => {
    const start = range[0]!.start;
    const bytes = await readExactly(source, start, Math.max(...range.map(({ end }) => end)), room);
    for (const chunk of range)
      opened.set(chunk, new WholeBytes(chunk, bytes.subarray(chunk.start - start, chunk.end - start)));
  });
  // Where one fails, no other still writes to its room.
  await Promise.allSettled(reads);
  await Promise.all(reads);
  return chunks.map((chunk) => opened.get(chunk)!);
}

/** Those that are read at once, in the order of the file. */
function rangesOf(chunks: readonly Chunk[]): Chunk[][] {
  const ranges: Chunk[][] = [];
  let start = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const chunk of chunks.toSorted((a, b) => a.start - b.start)) {
    if (chunk.start - end > maxGap || chunk.end - start > maxRead) {
      ranges.push([]);
      start = chunk.start;
      end = start;
    }
    ranges.at(-1)!.push(chunk);
    end = Math.max(end, chunk.end);
  }
  return ranges;
}
