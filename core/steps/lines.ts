import type { z } from 'zod';
import type { Partition } from '../contracts/records.ts';
import type { ObjectStore } from '../store.ts';
import { readPartition } from './job.ts';

/** The lines of a file of JSON, if it is still the one that its manifest names. */
export async function readLines<Line>(
  store: ObjectStore,
  part: Partition,
  contract: z.ZodType<Line>,
): Promise<Line[]> {
  const text = new TextDecoder().decode(await readPartition(store, part));
  return text.split('\n').flatMap((line) => (line === '' ? [] : [contract.parse(JSON.parse(line))]));
}

export const encodeLines = (lines: readonly unknown[]): Uint8Array =>
  new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
