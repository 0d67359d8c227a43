import { type PredictionPlan, type PredictReceipt, Reject } from '../contracts/job.ts';
import type { Partition, RejectReason } from '../contracts/records.ts';
import type { ObjectStore } from '../store.ts';
import { writePartition } from './job.ts';
import { encodeLines, readLines } from './lines.ts';
import { ReasonCounts } from './reject-reasons.ts';

/** So many files of rejects are in memory at once, of `mostLines` bytes each. */
const atOnce = 4;

/** The number of each shard's first row in its file, from the rows of the shards before it. */
export function firstRows({ input }: PredictionPlan, receipts: readonly PredictReceipt[]): readonly number[] {
  // A partition is one file, and one shard; what was rejected has its numbers.
  if (input.kind !== 'table') return receipts.map(() => 0);
  const next = new Map<string, number>();
  return receipts.map(({ shard, rows }) => {
    const file = input.shards[shard]!.source.name;
    const first = next.get(file) ?? 0;
    next.set(file, first + rows);
    return first;
  });
}

/** Writes the rejects that the shards left with their rows' numbers in their files, and says why they were rejected. */
export async function numberRejects(
  store: ObjectStore,
  job: string,
  receipts: readonly PredictReceipt[],
  firsts: readonly number[],
): Promise<{ readonly rejects: readonly Partition[]; readonly reasons: readonly RejectReason[] }> {
  const left = receipts.flatMap((receipt, at) =>
    receipt.rejects.map((part) => ({ part, first: firsts[at]! })),
  );
  const rejects: Partition[] = [];
  const reasons = new ReasonCounts();
  for (let at = 0; at < left.length; at += atOnce) {
    const some = left.slice(at, at + atOnce).map(async ({ part, first }) => {
      const lines = await readLines(store, part, Reject);
      const numbered = lines.map((line) => ({ ...line, row: first + line.row }));
      const key = part.key.replace(`${job}unnumbered/`, `${job}rejects/`);
      return {
        numbered,
        written: await writePartition(store, key, encodeLines(numbered), numbered.length),
      };
    });
    for (const { numbered, written } of await Promise.all(some)) {
      for (const line of numbered) reasons.add(line);
      rejects.push(written);
    }
  }
  return { rejects, reasons: reasons.mostFrequent(3) };
}

/** The lines of all the files, in their order. */
export async function* allRejects(store: ObjectStore, parts: readonly Partition[]): AsyncGenerator<Reject> {
  for (const part of parts) yield* await readLines(store, part, Reject);
}
