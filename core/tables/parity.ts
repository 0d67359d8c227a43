import type { ByteSource } from '../store.ts';
import { csvKernel } from './csv-kernel.ts';
import { chunkBytes } from './source.ts';
import { lendRoom } from './spares.ts';

/** So many chunks are on their way at once, since an object's bytes take longer to come than to be counted. */
const mostAhead = 4;

/**
 * For each of the ascending places, whether the number of quotes in bytes `first` to that place (exclusive) is odd.
 * It reads no further than the last place, and nothing for a single place at `first`.
 */
export async function quoteParities(
  source: ByteSource,
  first: number,
  places: readonly number[],
): Promise<readonly boolean[]> {
  const kernel = csvKernel();
  kernel.lay([], 0);
  const chunks = chunksOf(source, first, places.at(-1) ?? first);
  const odd: boolean[] = [];
  let quotes = 0;
  let at = first;
  let chunk: Chunk = { bytes: new Uint8Array(0), start: first, end: first };
  for (const place of places) {
    while (at < place) {
      if (at === chunk.end) chunk = (await chunks.next()).value!;
      const end = Math.min(place, chunk.end);
      quotes += kernel.quotes(chunk.bytes.subarray(at - chunk.start, end - chunk.start));
      at = end;
    }
    odd.push(quotes % 2 === 1);
  }
  kernel.release();
  return odd;
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

interface Ahead extends Omit<Chunk, 'bytes'> {
  readonly bytes: Promise<Uint8Array>;
  counted(): void;
}

async function* chunksOf(source: ByteSource, first: number, last: number): AsyncGenerator<Chunk, undefined> {
  const ahead: Ahead[] = [];
  for (let start = first; start < last || ahead.length > 0; ) {
    while (ahead.length < mostAhead && start < last) {
      const end = Math.min(start + chunkBytes, last);
      const lent = lendRoom();
      const bytes = source.read(start, end, lent.room);
      bytes.catch(() => {}); // Reported by the one that awaits it.
      ahead.push({ bytes, start, end, counted: lent.end });
      start = end;
    }
    const { counted, ...chunk } = ahead.shift()!;
    yield { ...chunk, bytes: await chunk.bytes };
    counted();
  }
  return undefined;
}
