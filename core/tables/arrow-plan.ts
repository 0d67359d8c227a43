import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { type ArrowBlock, readArrowFooter } from './arrow-footer.ts';
import { readMessage } from './arrow-messages.ts';

/** So many record batches are asked for their rows at once. */
const atOnce = 16;
/** Enough for the metadata of a batch of a few dozen columns. */
const firstRead = 4096;

export interface PlannedBatch {
  readonly rows: number;
  readonly bytes: number;
}

/** The record batches of an Arrow IPC file, from its footer and the head of each; undefined for a stream. */
export async function arrowBatches(source: ByteSource): Promise<readonly PlannedBatch[] | undefined> {
  const footer = await readArrowFooter(source);
  if (footer === undefined) return undefined;
  const planned: PlannedBatch[] = [];
  for (let at = 0; at < footer.batches.length; at += atOnce) {
    const some = footer.batches.slice(at, at + atOnce);
    planned.push(...(await Promise.all(some.map((block, i) => planOf(source, block, at + i)))));
  }
  return planned;
}

async function planOf(source: ByteSource, { start, end }: ArrowBlock, batch: number): Promise<PlannedBatch> {
  for (let length = firstRead; ; length *= 16) {
    const bytes = await source.read(start, Math.min(start + length, end));
    try {
      const message = readMessage(bytes, 0);
      if (message?.kind === 'batch') return { rows: message.rows, bytes: end - start };
      throw new RangeError('there is none');
    } catch (cause) {
      if (start + length < end) continue;
      throw new FanfareError(
        'BadTable',
        `Record batch ${batch} of ${source.uri}, at byte ${start}: ${String(cause)}`,
        {
          cause,
        },
      );
    }
  }
}
