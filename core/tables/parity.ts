import type { ByteSource } from '../store.ts';
import { csvKernel } from './csv-kernel.ts';
import { chunkBytes } from './source.ts';

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
  const odd: boolean[] = [];
  let quotes = 0;
  let at = first;
  for (const place of places) {
    while (at < place) {
      const end = Math.min(at + chunkBytes, place);
      quotes += kernel.quotes(await source.read(at, end));
      at = end;
    }
    odd.push(quotes % 2 === 1);
  }
  kernel.release();
  return odd;
}
