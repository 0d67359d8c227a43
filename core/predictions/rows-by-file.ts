import type { PredictionPlan, PredictReceipt, Reject } from '../contracts/job.ts';
import type { Part, Prediction } from '../contracts/records.ts';

type Told = (where: string, what: string) => void;

/**
 * That each row of each file is there once: its shards follow each other without a gap, and behind each part come, before
 * the next one begins, as many rows as it has and as were rejected among them. Parts by a column's value only add up.
 */
export async function rowsByFile(
  plan: PredictionPlan,
  receipts: readonly PredictReceipt[],
  manifest: Prediction,
  rejects: AsyncIterable<Reject>,
  told: Told,
): Promise<void> {
  const files = filesOf(plan, receipts, told);
  // Where each object is a row, a part has many: that they add up is seen already.
  if (plan.input.kind === 'table' && !plan.input.shards.every(({ kind }) => ofOneFile.has(kind))) return;
  const rejected = new Map<string, number[]>();
  for await (const { file, row } of rejects) {
    const rows = rejected.get(file) ?? [];
    if (row <= (rows.at(-1) ?? -1)) told(file, `row ${row} is rejected out of order, or twice`);
    rows.push(row);
    rejected.set(file, rows);
  }
  const parts = new Map<string, Part[]>();
  for (const part of manifest.parts) parts.set(part.from.file, [...(parts.get(part.from.file) ?? []), part]);
  for (const file of new Set([...rejected.keys(), ...parts.keys()])) {
    if (!files.has(file)) told(file, 'is no file of the input');
  }
  for (const [file, rows] of files) {
    const own = parts.get(file) ?? [];
    const bad = rejected.get(file) ?? [];
    const held = own.reduce((sum, part) => sum + part.rows, 0) + bad.length;
    if (held !== rows) told(file, `${held} rows predicted and rejected, and it has ${rows}`);
    else if (manifest.partitionBy === null) requireChain(own, bad, rows, told);
  }
}

/** The kinds of shards whose rows are of one file. */
const ofOneFile: ReadonlySet<string> = new Set(['rows', 'batches', 'bytes', 'gzip', 'whole']);

function requireChain(parts: readonly Part[], rejected: readonly number[], rows: number, told: Told): void {
  let before = 0;
  for (const [at, { key, from, rows: own }] of parts.entries()) {
    const next = parts[at + 1]?.from.row ?? rows;
    const bad = rejected.filter((row) => row >= from.row && row < next).length;
    if (from.row < before) told(key, `begins with row ${from.row}, behind which an earlier part ends`);
    else if (next - from.row !== own + bad) {
      told(key, `${own} rows and ${bad} rejected ones, where rows ${from.row} to ${next} should be`);
    }
    before = next;
  }
}

/** The rows of each file, by what its shards counted. */
function filesOf(
  { input }: PredictionPlan,
  receipts: readonly PredictReceipt[],
  told: Told,
): Map<string, number> {
  const files = new Map<string, number>();
  if (input.kind === 'rejects') return files;
  if (input.kind === 'dataset') {
    for (const { key, rows } of input.partitions) files.set(key, rows);
    return files;
  }
  for (const [at, shard] of input.shards.entries()) {
    const { uri, size } = shard.source;
    const rows = receipts.find((receipt) => receipt.shard === shard.index)?.rows;
    if (rows === undefined) told(uri, `shard ${shard.index} has no receipt`);
    files.set(uri, (files.get(uri) ?? 0) + (rows ?? 0));
    const before = input.shards[at - 1];
    const next = input.shards[at + 1];
    if ('rows' in shard && rows !== shard.rows)
      told(uri, `shard ${shard.index} has ${rows} rows, planned were ${shard.rows}`);
    if (shard.kind !== 'bytes') continue;
    if (before?.kind === 'bytes' && before.source.uri === uri && before.end !== shard.start) {
      told(uri, `shard ${shard.index} begins at byte ${shard.start}, the one before ends at ${before.end}`);
    }
    if (next?.source.uri !== uri && shard.end !== size)
      told(uri, `its last shard ends at byte ${shard.end} of ${size}`);
  }
  return files;
}
