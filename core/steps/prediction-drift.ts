import { DriftRecord, type DriftSummary, ModelProfile, ShardDrift } from '../contracts/drift.ts';
import type { PredictionPlan, PredictReceipt } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { compare, summarise } from '../drift/compare.ts';
import { mergeDrift, ShardSketch } from '../drift/shard-sketch.ts';
import { FanfareError } from '../errors.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../store.ts';
import { readPartition, writePartition } from './job.ts';
import { findObject } from './objects.ts';

/** Makes what sketches rows of the job; that is nothing where it is turned off. */
export async function openSketch(
  { drift, model }: PredictionPlan,
  store: ObjectStore,
): Promise<() => ShardSketch | undefined> {
  if (drift === null) return () => undefined;
  const trained = drift.compared ? await trainedOn(model, store) : undefined;
  return () => new ShardSketch(drift.sample, trained);
}

/** Compares the job's rows, and writes `drift.json`: the same for the same rows, whoever read them. */
export async function recordDrift(
  plan: PredictionPlan,
  receipts: readonly PredictReceipt[],
  store: ObjectStore,
): Promise<DriftSummary> {
  if (plan.drift === null) return { kind: 'unknown', reason: 'predict.drift is false', file: null };
  // What an attempt before this one wrote is told by sketches that may be removed since.
  const before = await findObject(store, keys.drift(plan.prediction), DriftRecord);
  const record = before ?? (await compareSketches(plan, receipts, store));
  const bytes = encodeJson(record);
  return summarise(record, await writePartition(store, keys.drift(plan.prediction), bytes, record.rows));
}

async function compareSketches(
  { drift, prediction, model }: PredictionPlan,
  receipts: readonly PredictReceipt[],
  store: ObjectStore,
): Promise<DriftRecord> {
  // Of 1, 2, 4 … shards each: one that has grown is not gone through again for every small one.
  const merged: (ShardDrift | undefined)[] = [];
  for (const part of receipts.flatMap((receipt) => receipt.drift)) {
    let shards = ShardDrift.parse(decodeJson(await readPartition(store, part)));
    let size = 0;
    for (let other = merged[size]; other !== undefined; other = merged[size]) {
      shards = mergeDrift(other, shards);
      merged[size++] = undefined;
    }
    merged[size] = shards;
  }
  const trained = drift?.compared ? await trainedOn(model, store) : undefined;
  const all = merged.reduce((a, b) => (a && b ? mergeDrift(b, a) : (a ?? b)), undefined);
  const none: ShardDrift = { rows: 0, counts: null, profile: null, inputs: 0 };
  return DriftRecord.parse(compare({ prediction, model }, all ?? none, trained));
}

const mostTold = 5;

/** What the flow answers of it: the worst columns. */
export const briefly = (drift: DriftSummary): DriftSummary =>
  drift.kind === 'compared' ? { ...drift, worst: drift.worst.slice(0, mostTold) } : drift;

async function trainedOn(digest: string, store: ObjectStore): Promise<ModelProfile> {
  const key = keys.modelProfile(digest);
  const found = await findObject(store, key, ModelProfile);
  if (found) return found;
  throw new FanfareError(
    'MissingInput',
    `the model's profile ${key} was there when the job was planned, and is gone`,
  );
}
