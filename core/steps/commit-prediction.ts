import { PredictionPlan, PredictReceipt } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { Prediction, type RejectReason } from '../contracts/records.ts';
import type { CommitRequest } from '../contracts/requests.ts';
import { PredictionSpec, type Tolerance } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import type { ObjectStore } from '../store.ts';
import { folderPrefix } from '../tables/folders.ts';
import { agreedFields, allReceipts } from './job.ts';
import { firstRows, numberRejects } from './number-rejects.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import { markPending } from './pending.ts';
import type { Ports } from './ports.ts';
import { briefly, recordDrift } from './prediction-drift.ts';

/** Once every shard is written and every row accounted for: makes the output visible by its manifest. */
export async function commitPrediction(request: CommitRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const plan = await readObject(store, keys.plan(request.job), PredictionPlan);
  const key = keys.predictionManifest(plan.prediction);
  const there = () => findObject(store, key, Prediction);
  const manifest =
    (await there()) ??
    (await commit(request, plan, ports).catch(async (error: unknown) => {
      // Another execution may have committed meanwhile, and removed what this one was reading.
      const other = error instanceof FanfareError ? await there() : undefined;
      if (other) return other;
      throw error;
    }));
  await removeOrphans(store, request.job, manifest, plan.partitionBy);
  const { prediction, rows, predicted, rejected, drift } = manifest;
  return { prediction, rows, predicted, rejected, drift: briefly(drift) };
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
  const fields = agreedFields(receipts);
  const firsts = firstRows(plan, receipts);
  const { rejects, reasons } = await numberRejects(store, request.job, receipts, firsts);
  const sum = (of: (receipt: PredictReceipt) => number) =>
    receipts.reduce((total, receipt) => total + of(receipt), 0);
  const counted: Omit<Prediction, 'drift'> = {
    prediction: plan.prediction,
    model: plan.model,
    input: inputOf(input),
    format: plan.format,
    fields: fields.filter(({ name }) => name !== plan.partitionBy),
    partitionBy: fields.find(({ name }) => name === plan.partitionBy) ?? null,
    rows: sum((receipt) => receipt.rows),
    predicted: sum((receipt) => receipt.predicted),
    rejected: sum((receipt) => receipt.rejected),
    parts: receipts.flatMap(({ parts }, at) =>
      parts.map(({ from, ...part }) => ({ ...part, from: { ...from, row: firsts[at]! + from.row } })),
    ),
    rejects: [...rejects],
    reasons: [...reasons],
    places: receipts.flatMap(({ places }) => places),
    task: plan.scored?.task ?? null,
    scores: receipts.flatMap(({ scores }) => scores),
    experiment: spec.experiment ?? spec.name,
    modelName: plan.modelName,
    startedAt: plan.plannedAt,
    committedAt: now(),
  };
  requireAllRows(counted, spec.predict.tolerance, request.job);
  const manifest = { ...counted, drift: await recordDrift(plan, receipts, store) };
  await markPending(store, { kind: 'prediction', prediction: plan.prediction });
  return writeFirst(store, keys.predictionManifest(plan.prediction), manifest, Prediction);
}

function inputOf(input: PredictionPlan['input']): Prediction['input'] {
  switch (input.kind) {
    case 'table':
      return { kind: 'table', table: input.table };
    case 'dataset':
      return { kind: 'dataset', dataset: input.dataset, side: input.side };
    case 'rejects':
      return { kind: 'rejects', parent: input.parent, of: input.of };
  }
}

/**
 * Removes what the manifest does not name: rejects as they were before they had their numbers, sketches that were added up, and parts of an attempt that
 * died before it kept them or of a worker that another overtook. Nobody needs them, since all receipts are there; who reads
 * the folder instead of the manifest would take them for rows.
 */
async function removeOrphans(
  store: ObjectStore,
  job: string,
  { parts, rejects, places, scores }: Prediction,
  partitionBy: string | null,
): Promise<void> {
  const named = new Set([...parts, ...rejects, ...places, ...scores].map(({ key }) => key));
  const folders = partitionBy === null ? [] : [folderPrefix(partitionBy)];
  for (const prefix of ['part-', ...folders, 'unnumbered/', 'rejects/', 'places/', 'scores/', 'drift/']) {
    for await (const { key } of store.list(job + prefix)) if (!named.has(key)) await store.delete(key);
  }
}

/**
 * Rows in = rows predicted + rows rejected, and no more rejects than are tolerated: of the whole input, where they were
 * rejected before.
 */
function requireAllRows(
  { input, rows, predicted, rejected, reasons }: Omit<Prediction, 'drift'>,
  { share, rows: most = rows }: Tolerance,
  job: string,
): void {
  if (rows !== predicted + rejected) {
    throw new FanfareError(
      'TooManyRejects',
      `${rows} rows were read, ${predicted} predicted and ${rejected} rejected: ${rows - predicted - rejected} are not accounted for`,
    );
  }
  const all = input.kind === 'rejects' ? input.of : rows;
  if (rejected <= share * all && rejected <= most) return;
  const bound = most < all ? `, and ${most} rows` : '';
  const said = `${rejected} of ${all} rows were rejected, predict.tolerance allows ${share} of them${bound}`;
  throw new FanfareError(
    'TooManyRejects',
    [
      `${said}. Most often:`,
      ...reasons.map(reasonText),
      `All of them, with their raw text: ${job}rejects/`,
    ].join('\n'),
  );
}

/** `  2 × column x: … is not a number, as in row 7 of flights.csv: "far" is not a number` */
function reasonText({ column, reason, rows, example }: RejectReason): string {
  const where = column === '' ? '' : `column ${column}: `;
  const as = example.reason === reason ? '' : `: ${example.reason}`;
  return `  ${rows} × ${where}${reason}, as in row ${example.row} of ${example.file}${as}`;
}
