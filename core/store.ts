/**
 * The one place where objects live: an S3 bucket, or a folder that keeps S3's promises.
 * Keys are `a/b/c` within `[A-Za-z0-9._=%/-]`. A write is atomic and durable when its promise resolves.
 */
export interface ObjectStore {
  /** The object's bytes, or undefined where there is none; in `room`, if it likes, which is the caller's again then. */
  get(key: string, room?: Room): Promise<StoredObject | undefined>;
  /** Bytes `start` (inclusive) to `end` (exclusive) of an object that must exist (`MissingInput` otherwise). */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  head(key: string): Promise<ObjectHead | undefined>;
  /** `written`, or `exists` where the condition was not met (S3's 412). */
  put(key: string, body: Uint8Array, condition?: PutCondition): Promise<'written' | 'exists'>;
  /** `put` of the parts, one after the other, and their digest; by a store that need not copy them for it. */
  putParts?(
    key: string,
    parts: readonly Uint8Array[],
    condition?: PutCondition,
  ): Promise<{ readonly put: 'written' | 'exists'; readonly sha256: string }>;
  /** Every key under the prefix, in code-unit order, after `after` where it is given. */
  list(prefix: string, after?: string): AsyncIterable<ObjectHead>;
  /** No error where there is none. */
  delete(key: string): Promise<void>;
}

export interface ObjectHead {
  readonly key: string;
  readonly size: number;
  /** Changes whenever the content does; equal content may share one. */
  readonly etag: string;
}

export interface StoredObject extends ObjectHead {
  readonly body: Uint8Array;
}

/** `absent`: only where no object has the key (If-None-Match: *). `match`: only over that version (If-Match). */
export type PutCondition = { readonly kind: 'absent' } | { readonly kind: 'match'; readonly etag: string };

/**
 * One file of a user's table, read by ranges: `file:` on a laptop, `s3:` on AWS.
 * `name` is its path below the table's own root, so that it is the same on every machine.
 */
export interface ByteSource {
  readonly uri: string;
  readonly name: string;
  readonly size: number;
  readonly etag: string;
  /** About how many bytes are best read at once, where that is not what a request to S3 is worth: it is near, and fewer cost little. */
  readonly chunkBytes?: number;
  /** The place behind the content's last quotation mark, or 0; where somebody has looked already. */
  readonly quotedTo?: number;
  /** Of the content, where the place can tell; it may have to read all of it. */
  readonly sha256?: () => Promise<string>;
  /** Bytes `start` (inclusive) to `end` (exclusive, at most `size`); in `room`, if it likes, which is the caller's again then. */
  read(start: number, end: number, room?: Room): Promise<Uint8Array>;
}

/** Gives an array of so many bytes, to be written over. */
export type Room = (length: number) => Uint8Array;

/** Opens the files behind a URI (one file, or all under a prefix), sorted by name. `MissingInput` if there are none. */
export type OpenSources = (uri: string) => Promise<readonly ByteSource[]>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encodeJson = (value: unknown): Uint8Array => encoder.encode(`${JSON.stringify(value)}\n`);

export const decodeJson = (bytes: Uint8Array): unknown => JSON.parse(decoder.decode(bytes));
