import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import type { ShardSource } from './shard.ts';
import { giveBytes, takeBytes } from './spares.ts';

/** So much is read at once of an object. Two of them are in memory: the one that is parsed, and the one that is on its way. */
export const chunkBytes = 8 * 2 ** 20;
/** What is read past a shard's end to finish its last row, at first. */
const tailBytes = 64 * 2 ** 10;
/** A longer row is taken for a quote that was never closed, or for no table at all. */
const maxRowBytes = 64 * 2 ** 20;

/** `BadTable` unless it is the very version that the shard was planned on. */
export function requireVersion(source: ByteSource, planned: ShardSource): void {
  if (source.etag === planned.etag && source.size === planned.size) return;
  throw new FanfareError(
    'BadTable',
    `${source.uri} changed since it was planned: it had ${planned.size} bytes and etag ${planned.etag}, and has ${source.size} and ${source.etag} now. Start again.`,
  );
}

/** Where a window's text is held. */
export interface TextHolder {
  /** The bytes from `parsed` on with the chunk behind them, in place of `bytes`, which are not looked at again. */
  join(bytes: Uint8Array, parsed: number, chunk: Uint8Array): Uint8Array;
  /** Where the chunk may be read to that is joined next, while `bytes` are still looked at. */
  room?(length: number): Uint8Array | undefined;
}

const anew: TextHolder = {
  join: (bytes, parsed, chunk) => {
    const rest = bytes.subarray(parsed);
    const joined = new Uint8Array(rest.length + chunk.length);
    joined.set(rest);
    joined.set(chunk, rest.length);
    return joined;
  },
};

/** So much is read at once of that source. */
export const chunkBytesOf = (source: ByteSource): number => source.chunkBytes ?? chunkBytes;

/**
 * A view of a source that slides forward. `bytes[0]` lies at `base` in the object; what was parsed is dropped by
 * `advance`, which reads on. It reads in chunks up to `end`, and in small steps past it.
 */
export class SlidingWindow {
  bytes: Uint8Array = new Uint8Array(0);
  base: number;
  readonly source: ByteSource;
  readonly end: number;
  readonly #holder: TextHolder;
  readonly #chunk: number;
  #step = tailBytes;
  #ahead: Promise<Uint8Array> | undefined;
  #loaded: number;
  /** What chunks are read to that are copied from there. */
  #room: Uint8Array | undefined;

  constructor(source: ByteSource, start: number, end: number, holder = anew) {
    this.source = source;
    this.#chunk = chunkBytesOf(source);
    this.end = Math.min(end, source.size);
    this.base = start;
    this.#loaded = start;
    this.#holder = holder;
  }

  /** Whether the window reaches the end of the object. */
  get atEnd(): boolean {
    return this.#loaded >= this.source.size;
  }

  /** Drops `parsed` bytes and reads more; call it only while not `atEnd`. */
  async advance(parsed: number): Promise<void> {
    if (this.bytes.length - parsed > maxRowBytes) {
      throw new FanfareError(
        'BadTable',
        `${this.source.uri} has a row at byte ${this.base + parsed} that does not end within ${maxRowBytes} bytes. Is a quote not closed, or is the file of another format?`,
      );
    }
    const chunk = await (this.#ahead ?? this.#read());
    this.bytes = this.#holder.join(this.bytes, parsed, chunk);
    this.base += parsed;
    this.#loaded += chunk.length;
    this.#ahead = this.#loaded < Math.min(this.end, this.source.size) ? this.#read() : undefined;
    this.#ahead?.catch(() => {}); // Reported by the advance that awaits it.
  }

  /** Nothing is read any more. */
  async close(): Promise<void> {
    await this.#ahead?.catch(() => {});
    if (this.#room !== undefined) giveBytes(this.#room);
    this.#room = undefined;
  }

  readonly #roomOf = (length: number): Uint8Array => {
    const room = this.#holder.room?.(length);
    if (room !== undefined) return room;
    this.#room ??= takeBytes(this.#chunk);
    return this.#room.subarray(0, length);
  };

  async #read(): Promise<Uint8Array> {
    const start = this.#loaded;
    const end =
      start < this.end
        ? Math.min(start + this.#chunk, this.end)
        : Math.min(start + this.#stepPast(), this.source.size);
    const chunk = await this.source.read(start, end, this.#roomOf);
    if (chunk.length === end - start || start + chunk.length === this.source.size) return chunk;
    throw new FanfareError(
      'BadTable',
      `${this.source.uri} gave ${chunk.length} bytes where ${start} to ${end} was asked for; it says that it has ${this.source.size}.`,
    );
  }

  #stepPast(): number {
    const step = this.#step;
    this.#step = Math.min(step * 2, this.#chunk);
    return step;
  }
}
