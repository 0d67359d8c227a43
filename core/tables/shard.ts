import type { Room } from '../store.ts';
import type { Batch, Field } from './batch.ts';
import type { Gunzip } from './gzip.ts';

/** What a table holds, in the order of its (first) file. Plain data: it travels in specifications and manifests. */
export interface Schema {
  readonly fields: readonly Field[];
  /** One character between the fields of a CSV file; `,` where it is left out. */
  readonly delimiter?: string;
  /** Columns of the file that are of no type of ours, and why. They are refused only when they are asked for. */
  readonly unreadable?: readonly UnreadableColumn[];
}

export interface UnreadableColumn {
  readonly name: string;
  /** Continues "the column … cannot be read: ". */
  readonly reason: string;
}

/** Which object a shard is cut from. A shard is only good for the version with that etag. */
export interface ShardSource {
  readonly name: string;
  readonly uri: string;
  readonly size: number;
  readonly etag: string;
}

interface ShardBase {
  /** 0, 1, 2 … over the whole table: objects by name, then by position. */
  readonly index: number;
  readonly source: ShardSource;
  /** About how many bytes of the object it covers. */
  readonly bytes: number;
}

/** What one invocation reads of a table. */
export type TableShard =
  | (ShardBase & {
      readonly kind: 'rows';
      readonly format: 'parquet';
      /** Row groups `firstGroup` to `endGroup` (exclusive). */
      readonly firstGroup: number;
      readonly endGroup: number;
      /** The object's row that is the first of `firstGroup`. */
      readonly firstRow: number;
      readonly rows: number;
    })
  | (ShardBase & {
      readonly kind: 'bytes';
      readonly format: 'csv' | 'ndjson';
      /** It has the rows whose first byte lies in `start` (inclusive) to `end` (exclusive). */
      readonly start: number;
      readonly end: number;
      /** Whether byte `start` lies within a quoted field (always false for NDJSON). */
      readonly startsInQuotes: boolean;
    })
  /** A compressed file of text; it cannot be read from the middle. */
  | (ShardBase & { readonly kind: 'gzip'; readonly format: 'csv' | 'ndjson' })
  | (ShardBase & {
      readonly kind: 'batches';
      readonly format: 'arrow';
      /** Record batches `firstBatch` to `endBatch` (exclusive). */
      readonly firstBatch: number;
      readonly endBatch: number;
      /** The object's row that is the first of `firstBatch`. */
      readonly firstRow: number;
      readonly rows: number;
    })
  /** A stream, which does not say where its record batches lie. */
  | (ShardBase & { readonly kind: 'whole'; readonly format: 'arrow' });

/** Objects that are rows each; its `source` is the list of them in the store. */
export type ObjectsShard = ShardBase & {
  readonly kind: 'objects';
  readonly format: 'objects';
  readonly rows: number;
};

/** What one invocation reads. Plain data; the shards of a plan hold each row of the table exactly once. */
export type Shard = TableShard | ObjectsShard;

/** A stretch of a shard's rows: what could be read and what could not, in their order. */
export interface ShardBatch {
  readonly batch: Batch;
  /**
   * One a row of the batch, ascending. CSV, NDJSON: the byte offset of the row in its object (of the text, where that is
   * compressed); Parquet, Arrow: its index there.
   */
  readonly rowIds: Float64Array;
  readonly rejected: readonly BadRow[];
  /** The row id at which the next batch begins, or null for the last; where the reader can tell before it has read that. */
  readonly next?: number | null;
}

/** A row that could not be read, and is not in the batch. */
export interface BadRow extends RawRow {
  /** Its row id. */
  readonly row: number;
  /** The column that could not be read, or '' where it is the row as a whole. */
  readonly column: string;
  readonly reason: string;
}

/** A row's own text. */
export interface RawRow {
  readonly raw: string;
  /** Its bytes, where they are no UTF-8 and `raw` has what can be shown of them. */
  readonly raw_base64?: string;
  /** How many bytes it has, where they are more than `longestRaw` and `raw` is only their beginning. */
  readonly raw_bytes?: number;
}

/** Decompresses one page; to `room`, if it likes. The table is keyed by the codec's name in Parquet's format, `ZSTD` for instance. */
export interface Decompress {
  (input: Uint8Array, outputLength: number, room?: Room): Uint8Array;
  /** The page as it stands in `input`, where that is in a few pieces. */
  readonly pieces?: (input: Uint8Array, outputLength: number) => Pieces | undefined;
}

export type Pieces = readonly [Uint8Array, ...Uint8Array[]];

/** Decompressors by codec; one that is asked for is loaded first. */
export type Decompressors = Readonly<Partial<Record<string, () => Promise<Decompress>>>>;

export interface ReadOptions {
  /** The columns to read, in that order; all of the schema's where it is left out. */
  readonly columns?: readonly string[];
  /** At most so many rows a batch (65,536). */
  readonly batchRows?: number;
  /**
   * Columns of which the caller looks at a batch's values only until it asks for the next but one or, where `next` was null, for
   * any more: the arrays of Parquet, CSV and NDJSON are filled again then, Parquet's row ids among them. No array is one of the
   * file's own bytes.
   */
  readonly lent?: ReadonlySet<string>;
  /** The row id to start at: rows of the shard with a smaller one are passed over. It is one that a read of the shard gave. */
  readonly from?: number;
  /** Of a Parquet row group, about so many bytes of its columns are held at once, as they stand in the file (64 MiB). */
  readonly mostBytes?: number;
  /** Faster decompressors than the portable ones, by codec: Node's zlib where the adapter has it. */
  readonly decompressors?: Decompressors;
  /** For files that are compressed as a whole. */
  readonly gunzip?: Gunzip;
  /** Keeps what a file says about itself: the next shard is of the same one, most often. */
  readonly warm?: { keep<Value>(slot: string, key: string, make: () => Promise<Value>): Promise<Value> };
}

export const defaultBatchRows = 65_536;
