import { PredictionPlan, PredictReceipt } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { Prediction } from '../contracts/records.ts';
import type { CommitRequest } from '../contracts/requests.ts';
import { PredictionSpec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import { agreedFields, allReceipts } from './job.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import { markPending } from './pending.ts';
import type { Ports } from './ports.ts';

/** Once every shard is written and every row accounted for: makes the output visible by its manifest. */
export async function commitPrediction(request: CommitRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const plan = await readObject(store, keys.plan(request.job), PredictionPlan);
  const key = keys.predictionManifest(plan.prediction);
  const { prediction, rows, predicted, rejected } =
    (await findObject(store, key, Prediction)) ?? (await commit(request, plan, ports));
  return { prediction, rows, predicted, rejected };
}

async function commit(
  request: CommitRequest,
  plan: PredictionPlan,
  { store, now }: Ports,
): Promise<Prediction> {
  const spec = await readObject(store, keys.spec(plan.spec), PredictionSpec);
  const { input } = plan;
  const shards = input.kind === 'table' ? input.shards.length : input.partitions.length;
  const receipts = await allReceipts(store, request, shards, PredictReceipt);
  agreedFields(receipts);
  const sum = (of: (receipt: PredictReceipt) => number) =>
    receipts.reduce((total, receipt) => total + of(receipt), 0);
  const manifest: Prediction = {
    prediction: plan.prediction,
    model: plan.model,
    input:
      input.kind === 'table'
        ? { kind: 'table', table: input.table }
        : { kind: 'dataset', dataset: input.dataset, side: input.side },
    format: plan.format,
    rows: sum((receipt) => receipt.rows),
    predicted: sum((receipt) => receipt.predicted),
    rejected: sum((receipt) => receipt.rejected),
    parts: receipts.flatMap(({ parts }) => parts),
    rejects: receipts.flatMap(({ rejects }) => rejects ?? []),
    scores: receipts.flatMap(({ scores }) => scores ?? []),
    experiment: spec.experiment ?? spec.name,
    modelName: plan.modelName,
    startedAt: plan.plannedAt,
    committedAt: now(),
  };
  requireAllRows(manifest, spec.predict.tolerance, request.job);
  await markPending(store, { kind: 'prediction', prediction: plan.prediction });
  return writeFirst(store, keys.predictionManifest(plan.prediction), manifest, Prediction);
}

/** Rows in = rows predicted + rows rejected, and no more rejects than are tolerated. */
function requireAllRows(
  { rows, predicted, rejected, rejects }: Prediction,
  tolerance: number,
  job: string,
): void {
  if (rows !== predicted + rejected) {
    throw new FanfareError(
      'TooManyRejects',
      `${rows} rows were read, ${predicted} predicted and ${rejected} rejected: ${rows - predicted - rejected} are not accounted for`,
    );
  }
  if (rejected <= tolerance * rows) return;
  throw new FanfareError(
    'TooManyRejects',
    `${rejected} of ${rows} rows were rejected, predict.tolerance allows ${tolerance} of them; see ${rejects[0]?.key ?? job}`,
  );
}
