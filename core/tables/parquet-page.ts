import type { ColumnMetaData, Encoding } from 'hyparquet';
import type { Room } from '../store.ts';
import type { ChunkBytes, PageAhead } from './parquet-chunk.ts';
import { type PageKind, pageHeader } from './parquet-header.ts';
import { HybridReader } from './parquet-hybrid.ts';
import { CutOff, structEnd } from './parquet-thrift.ts';
import type { Decompress, Pieces } from './shard.ts';

/** A page, decompressed, whose values begin at `at`. */
interface Body {
  readonly bytes: Uint8Array;
  readonly at: number;
  /** All of the page, `bytes` first. */
  readonly pieces: Pieces;
  readonly encoding: Encoding | undefined;
}

export type Page =
  | (Body & { readonly kind: 'dictionary'; readonly count: number | undefined })
  | (Body & {
      readonly kind: 'data';
      readonly rows: number | undefined;
      /** The definition level of each row; null where no row is missing. */
      readonly levels: HybridReader | null;
    })
  /** One that was not looked into, since it has no row that is asked for. */
  | { readonly kind: 'passed'; readonly rows: number }
  /** An index page. */
  | { readonly kind: 'other' };

/** What it takes to read the pages of a column chunk. */
export interface PageFormat {
  readonly meta: ColumnMetaData;
  /** The definition level of a value that is there. */
  readonly level: number;
  /** So many rows are not asked for. */
  readonly skip: number;
  readonly decompress: Decompress | undefined;
  /** Where a page of values may be decompressed to. */
  readonly room: Room | undefined;
  /** Whether the values of a page in PLAIN encoding may come in pieces. */
  readonly inPieces: boolean;
}

/** A page that says it is larger is taken for corrupt. */
const maxPage = 2 ** 30;
/** So is a header. */
const maxHeader = 16 * 2 ** 20;

/** Reads the next page, header and all, or undefined where the window must slide before that. `RangeError` where it is broken. */
export function readPage(chunk: ChunkBytes, format: PageFormat): Page | undefined {
  const ahead = chunk.ahead ?? pageAhead(chunk);
  if (ahead === undefined) return undefined;
  const { size, length, page } = ahead.header;
  const start = chunk.at + ahead.headerBytes;
  const left = chunk.chunk.end - chunk.base - start;
  if (!isCount(size, left)) throw new RangeError(`a page of ${size} bytes where its chunk has ${left} left`);
  const declared = Math.min(maxPage, Number(format.meta.total_uncompressed_size));
  if (!isCount(length, declared))
    throw new RangeError(`a page that comes to ${length} bytes, where all of its chunk come to ${declared}`);
  const isHeld = start + size <= chunk.bytes.length;
  chunk.ahead = isHeld ? undefined : ahead;
  if (!isHeld) return undefined;
  chunk.at = start + size;
  if ('rows' in page && isCount(page.rows, format.skip)) return { kind: 'passed', rows: page.rows };
  return pageOf(chunk.bytes.subarray(start, start + size), length, page, format);
}

/** Undefined where the window ends within the header. */
function pageAhead({ bytes, at, more }: ChunkBytes): PageAhead | undefined {
  if (at === bytes.length && more) return undefined;
  try {
    return { headerBytes: structEnd(bytes, at) - at, header: pageHeader(bytes, at) };
  } catch (error) {
    if (error instanceof CutOff && more && bytes.length - at < maxHeader) return undefined;
    throw error;
  }
}

function pageOf(body: Uint8Array, length: number, page: PageKind, format: PageFormat): Page {
  switch (page.kind) {
    case 'dictionary': {
      const bytes = inflate(body, length, format);
      return { kind: 'dictionary', bytes, pieces: [bytes], at: 0, encoding: 'PLAIN', count: page.count };
    }
    case 'v1':
      return pageOfV1(body, length, page, format);
    case 'v2':
      return pageOfV2(body, length, page, format);
    case 'other':
      return page;
  }
}

function pageOfV1(
  body: Uint8Array,
  length: number,
  { rows, encoding, levelEncoding }: Extract<PageKind, { kind: 'v1' }>,
  format: PageFormat,
): Page {
  let pieces = inflateValues(body, length, encoding, format);
  let [bytes] = pieces;
  if (format.level === 0) return { kind: 'data', rows, encoding, levels: null, bytes, pieces, at: 0 };
  if (levelEncoding !== 'RLE') throw new RangeError(`definition levels of the encoding ${levelEncoding}`);
  if (bytes.length < 4) throw new RangeError('a page is shorter than what it holds');
  const at = 4 + lengthAt(bytes);
  // Levels are in one piece.
  if (at > bytes.length && pieces.length > 1) {
    bytes = inflate(body, length, format, format.room);
    pieces = [bytes];
  }
  const levels = levelsOf(bytes, 4, at, format);
  return { kind: 'data', rows, encoding, levels, bytes, pieces, at };
}

/** Its levels are never compressed, and stand before the values. */
function pageOfV2(
  body: Uint8Array,
  whole: number,
  { rows, nulls, encoding, ...v2 }: Extract<PageKind, { kind: 'v2' }>,
  format: PageFormat,
): Page {
  const start = v2.repetitionBytes ?? -1;
  const levels = start + (v2.levelBytes ?? -1);
  const length = whole - levels;
  if (!isCount(start, levels) || !isCount(levels, body.length) || length < 0)
    throw new RangeError('a page is shorter than what it holds');
  const values = body.subarray(levels);
  const pieces: Pieces = v2.isCompressed ? inflateValues(values, length, encoding, format) : [values];
  const none = format.level === 0 || nulls === 0;
  const levelReader = none ? null : levelsOf(body, start, levels, format);
  return { kind: 'data', rows, encoding, levels: levelReader, bytes: pieces[0], pieces, at: 0 };
}

const levelsOf = (bytes: Uint8Array, start: number, end: number, { level }: PageFormat): HybridReader =>
  new HybridReader(bytes, start, end, 32 - Math.clz32(level));

/** A page of numbers that was hardly compressed is not moved before it is read. */
function inflateValues(
  body: Uint8Array,
  length: number,
  encoding: Encoding | undefined,
  format: PageFormat,
): Pieces {
  const pieces =
    format.inPieces && encoding === 'PLAIN' ? format.decompress?.pieces?.(body, length) : undefined;
  return pieces ?? [inflate(body, length, format, format.room)];
}

function inflate(
  body: Uint8Array,
  length: number,
  { meta, decompress }: PageFormat,
  room?: Room,
): Uint8Array {
  if (meta.codec === 'UNCOMPRESSED') {
    if (body.length === length) return body;
    throw new RangeError(`a page of ${body.length} bytes where ${length} were promised`);
  }
  if (length === 0) return new Uint8Array(0);
  if (decompress === undefined) throw new RangeError(`nothing here decompresses ${meta.codec}`);
  const page = decompress(body, length, room);
  if (page.length === length) return page;
  throw new RangeError(`a page has ${page.length} bytes where ${length} were promised`);
}

/** A corrupt header may hold a value of any kind. */
export const isCount = (value: number | undefined, most: number): value is number =>
  value !== undefined && Number.isInteger(value) && value >= 0 && value <= most;

/** The first four bytes as a number. */
const lengthAt = (bytes: Uint8Array): number =>
  (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
