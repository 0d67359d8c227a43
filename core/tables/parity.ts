import type { ByteSource } from '../store.ts';
import { chunkBytes } from './source.ts';

const quote = 34;

/**
 * For each of the ascending places, whether the number of quotes in bytes `first` to that place (exclusive) is odd.
 * It reads no further than the last place, and nothing for a single place at `first`.
 */
export async function quoteParities(
  source: ByteSource,
  first: number,
  places: readonly number[],
): Promise<readonly boolean[]> {
  const odd: boolean[] = [];
  let quotes = 0;
  let at = first;
  for (const place of places) {
    while (at < place) {
      const end = Math.min(at + chunkBytes, place);
      quotes += countQuotes(await source.read(at, end));
      at = end;
    }
    odd.push(quotes % 2 === 1);
  }
  return odd;
}

function countQuotes(bytes: Uint8Array): number {
  // Most files have none, and the search for the first runs at memory speed.
  const first = bytes.indexOf(quote);
  if (first < 0) return 0;
  let count = 0;
  for (let at = first; at < bytes.length; at++) if (bytes[at] === quote) count++;
  return count;
}
