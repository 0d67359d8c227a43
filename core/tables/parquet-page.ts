import type { ColumnMetaData, Encoding, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { Room } from '../store.ts';
import type { ChunkBytes } from './parquet-chunk.ts';
import { HybridReader } from './parquet-hybrid.ts';
import { CutOff, structEnd } from './parquet-thrift.ts';
import type { Decompress } from './shard.ts';

/** A page, decompressed, whose values begin at `at`. */
interface Body {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly encoding: Encoding;
}

export type Page =
  | (Body & { readonly kind: 'dictionary'; readonly count: number })
  | (Body & {
      readonly kind: 'data';
      readonly rows: number;
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
}

/** A page that says it is larger is taken for corrupt. */
const maxPage = 2 ** 30;
/** So is a header. */
const maxHeader = 16 * 2 ** 20;

/** Reads the next page, header and all, or undefined where the window must slide before that. `RangeError` where it is broken. */
export function readPage(chunk: ChunkBytes, format: PageFormat): Page | undefined {
  const { bytes, at } = chunk;
  const start = headerEnd(chunk);
  if (start < 0) return undefined;
  const header = parquetHeader({ view: viewOf(bytes), offset: at });
  const { compressed_page_size: size, uncompressed_page_size: length } = header;
  const left = chunk.chunk.end - chunk.base - start;
  if (!isCount(size, left)) throw new RangeError(`a page of ${size} bytes where its chunk has ${left} left`);
  const declared = Math.min(maxPage, Number(format.meta.total_uncompressed_size));
  if (!isCount(length, declared))
    throw new RangeError(`a page that comes to ${length} bytes, where all of its chunk come to ${declared}`);
  if (start + size > bytes.length) return undefined;
  chunk.at = start + size;
  const rows = (header.data_page_header ?? header.data_page_header_v2)?.num_values;
  if (rows !== undefined && rows <= format.skip) return { kind: 'passed', rows };
  return pageOf(bytes.subarray(start, start + size), header, format);
}

/** -1 where the window ends before it. */
function headerEnd(chunk: ChunkBytes): number {
  try {
    return structEnd(chunk.bytes, chunk.at);
  } catch (error) {
    if (error instanceof CutOff && chunk.more && chunk.bytes.length - chunk.at < maxHeader) return -1;
    throw error;
  }
}

function pageOf(body: Uint8Array, header: PageHeader, format: PageFormat): Page {
  const { dictionary_page_header: dictionary, data_page_header: v1, data_page_header_v2: v2 } = header;
  if (dictionary !== undefined) {
    const bytes = inflate(body, header.uncompressed_page_size, format);
    return { kind: 'dictionary', bytes, at: 0, encoding: 'PLAIN', count: dictionary.num_values };
  }
  if (v1 !== undefined) {
    const bytes = inflate(body, header.uncompressed_page_size, format, format.room);
    const page = { kind: 'data', rows: v1.num_values, encoding: v1.encoding, bytes } as const;
    if (format.level === 0) return { ...page, levels: null, at: 0 };
    if (v1.definition_level_encoding !== 'RLE')
      throw new RangeError(`definition levels of the encoding ${v1.definition_level_encoding}`);
    if (bytes.length < 4) throw new RangeError('a page is shorter than what it holds');
    const at = 4 + viewOf(bytes).getUint32(0, true);
    return { ...page, levels: levelsOf(bytes, 4, at, format), at };
  }
  return v2 === undefined ? { kind: 'other' } : pageOfV2(body, header, format);
}

/** Its levels are never compressed, and stand before the values. */
function pageOfV2(body: Uint8Array, header: PageHeader, format: PageFormat): Page {
  const v2 = header.data_page_header_v2!;
  const start = v2.repetition_levels_byte_length;
  const levels = start + v2.definition_levels_byte_length;
  const length = header.uncompressed_page_size - levels;
  if (!isCount(start, levels) || !isCount(levels, body.length) || length < 0)
    throw new RangeError('a page is shorter than what it holds');
  const rest = body.subarray(levels);
  const bytes = v2.is_compressed === false ? rest : inflate(rest, length, format, format.room);
  const none = format.level === 0 || v2.num_nulls === 0;
  return {
    kind: 'data',
    rows: v2.num_values,
    encoding: v2.encoding,
    levels: none ? null : levelsOf(body, start, levels, format),
    bytes,
    at: 0,
  };
}

const levelsOf = (bytes: Uint8Array, start: number, end: number, { level }: PageFormat): HybridReader =>
  new HybridReader(bytes, start, end, 32 - Math.clz32(level));

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
export const isCount = (value: unknown, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
