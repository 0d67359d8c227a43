import { joinBytes } from '../bytes.ts';
import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';

/** Decompresses gzip (RFC 1952), of any number of members, as it comes in. It throws where the bytes are none. */
export type Gunzip = (compressed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> & {
  /** How many of the compressed bytes came out so far. */
  readonly taken: number;
};

const firstPiece = 64 * 2 ** 10;
const largestPiece = 4 * 2 ** 20;

/**
 * The text of a gzip file as a source of its own, whose `size` is `Infinity` until its end was read: `read` gives fewer
 * bytes than were asked for there, and only there. It is made to be read from its beginning to its end; another place
 * costs a start from the beginning. `BadTable` with the place in the compressed file where that is cut off or corrupt.
 */
export class GzipText implements ByteSource {
  readonly #file: ByteSource;
  readonly #gunzip: Gunzip;
  #text: AsyncIterator<Uint8Array> | undefined;
  #taken: () => number = () => 0;
  /** What was given last, up to `#at`: who reads row after row wants the end of it again. */
  #latest: Uint8Array = new Uint8Array(0);
  /** What came out and was not asked for yet; its first byte lies at `#at` in the text. */
  #rest: Uint8Array = new Uint8Array(0);
  #at = 0;
  #size = Number.POSITIVE_INFINITY;

  constructor(file: ByteSource, gunzip: Gunzip) {
    this.#file = file;
    this.#gunzip = gunzip;
  }

  get uri(): string {
    return this.#file.uri;
  }

  get name(): string {
    return this.#file.name;
  }

  get etag(): string {
    return this.#file.etag;
  }

  get size(): number {
    return this.#size;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    if (start < this.#at - this.#latest.length) await this.close();
    if (start > this.#at) await this.#skip(start);
    const before = this.#latest.length - (this.#at - start);
    const pieces = [this.#latest.subarray(before, before + Math.max(0, end - start))];
    while (this.#at < end) {
      const piece = await this.#take(end - this.#at);
      if (piece.length === 0) break;
      pieces.push(piece);
    }
    const bytes = joinBytes(pieces);
    if (start + bytes.length === this.#at) this.#latest = bytes;
    return bytes;
  }

  /** Ends the decompression; a read that comes later begins anew. */
  async close(): Promise<void> {
    const text = this.#text;
    this.#text = undefined;
    this.#rest = new Uint8Array(0);
    this.#latest = this.#rest;
    this.#at = 0;
    await text?.return?.();
  }

  async #skip(to: number): Promise<void> {
    this.#latest = new Uint8Array(0);
    while (this.#at < to && (await this.#take(to - this.#at)).length > 0);
  }

  /** The next bytes, at most so many; none at the end. */
  async #take(most: number): Promise<Uint8Array> {
    if (this.#at === this.#size) return new Uint8Array(0);
    if (this.#rest.length === 0) this.#rest = (await this.#next()) ?? new Uint8Array(0);
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    this.#at += piece.length;
    return piece;
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      if (this.#text === undefined) {
        const text = this.#gunzip(piecesOf(this.#file));
        this.#taken = () => text.taken;
        this.#text = text[Symbol.asyncIterator]();
      }
      for (;;) {
        const { value, done } = await this.#text.next();
        if (done) break;
        if (value.length > 0) return value;
      }
    } catch (cause) {
      throw this.#broken(cause);
    }
    await this.#requireNoRest();
    this.#size = this.#at;
    return undefined;
  }

  #broken(cause: unknown): unknown {
    if (cause instanceof FanfareError || !/^Z_/.test((cause as { code?: string })?.code ?? '')) return cause;
    const { uri, size } = this.#file;
    const { message } = cause as Error;
    return new FanfareError(
      'BadTable',
      `${uri} cannot be decompressed from byte ${this.#taken()} of its ${size} on (${message}): is it cut off? ${this.#at} bytes of text came before.`,
      { cause },
    );
  }

  /** Zeros may fill a file up behind its last member; anything else would be rows that nobody reads. */
  async #requireNoRest(): Promise<void> {
    const { uri, size } = this.#file;
    for (let at = this.#taken(); at < size; at += largestPiece) {
      const rest = await this.#file.read(at, Math.min(at + largestPiece, size));
      const odd = rest.findIndex((byte) => byte !== 0);
      if (odd < 0) continue;
      throw new FanfareError(
        'BadTable',
        `${uri} has something at byte ${at + odd} of its ${size} that is no part of a gzip file.`,
      );
    }
  }
}

/** Small pieces, so that a place that cannot be decompressed is known. */
async function* piecesOf(file: ByteSource): AsyncGenerator<Uint8Array> {
  let step = firstPiece;
  for (let at = 0; at < file.size; ) {
    const bytes = await file.read(at, Math.min(at + step, file.size));
    if (bytes.length === 0) break;
    for (let from = 0; from < bytes.length; from += firstPiece) yield bytes.subarray(from, from + firstPiece);
    at += bytes.length;
    step = Math.min(2 * step, largestPiece);
  }
}

/** The beginning of a gzip file's text, to be looked at: each read begins anew, so that nothing stays open. */
export function gzipHead(file: ByteSource, gunzip: Gunzip): ByteSource {
  const { uri, name, etag } = file;
  return {
    ...{ uri, name, etag },
    size: Number.POSITIVE_INFINITY,
    read: async (start, end) => {
      const text = new GzipText(file, gunzip);
      try {
        return await text.read(start, end);
      } finally {
        await text.close();
      }
    },
  };
}

export function requireGunzip(gunzip: Gunzip | undefined, uri: string): Gunzip {
  if (gunzip !== undefined) return gunzip;
  throw new FanfareError(
    'InvalidSpec',
    `${uri} is compressed by gzip, and there is nothing here to decompress it.`,
  );
}
