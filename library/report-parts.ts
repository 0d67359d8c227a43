import { DriftRecord } from '../core/contracts/drift.ts';
import { PredictReceipt, Reject } from '../core/contracts/job.ts';
import { keys } from '../core/contracts/keys.ts';
import { Evaluation, Prediction } from '../core/contracts/records.ts';
import type { ModelPart, PredictionPart, StudyPart } from '../core/contracts/report.ts';
import { Finished, ModelCard, type Study } from '../core/contracts/study.ts';
import { foldersIn } from '../core/folders.ts';
import { decodeTally } from '../core/metrics/encode-tally.ts';
import { mergeTallies, type Tally } from '../core/metrics/tally.ts';
import { modelPart } from '../core/report/model-part.ts';
import { predictionPart } from '../core/report/prediction-part.ts';
import { studyPart } from '../core/report/study-part.ts';
import type { History } from '../core/search/history.ts';
import { findConclusion, readHistory } from '../core/search/study-folder.ts';
import { readPartition } from '../core/steps/job.ts';
import { findObject, readAll } from '../core/steps/objects.ts';
import type { ObjectStore } from '../core/store.ts';

/** What a study's folder says, and the model that it came to; null: none yet. */
export async function readStudyPart(
  store: ObjectStore,
  study: Study,
  now: number,
  read?: History,
): Promise<{ readonly part: StudyPart; readonly model: string | null }> {
  const history = read ?? (await readHistory(store, study.study));
  const conclusion = (await findConclusion(store, study, history)) ?? null;
  const until = conclusion?.endedAt ?? (await stoppedAt(store, study, history)) ?? now;
  return { part: studyPart({ study, history, conclusion, until }), model: conclusion?.best.model ?? null };
}

/** When the last of its executions ended, if all of them have. */
async function stoppedAt(
  store: ObjectStore,
  { study }: Study,
  history: History,
): Promise<number | undefined> {
  const executions = [...new Set(history.claims.map(({ execution }) => execution))];
  const finished = await Promise.all(
    executions.map((execution) => findObject(store, keys.finished(study, execution), Finished)),
  );
  const ends = finished.flatMap((end) => (end ? [end.at] : []));
  return ends.length > 0 && ends.length === executions.length ? Math.max(...ends) : undefined;
}

export async function readPredictionPart(
  store: ObjectStore,
  prediction: Prediction,
): Promise<PredictionPart> {
  const job = keys.prediction(prediction.prediction);
  const [receipts, drift, rejects] = await Promise.all([
    readAll(store, keys.receipts(job), PredictReceipt),
    findObject(store, keys.drift(prediction.prediction), DriftRecord),
    firstRejects(store, prediction),
  ]);
  return predictionPart({ prediction, receipts, drift: drift ?? null, rejects });
}

/** No more is read of the rejects than shows what they are like. */
const readBytes = 256 * 1024;

async function firstRejects(store: ObjectStore, { rejects }: Prediction): Promise<readonly Reject[]> {
  const [first] = rejects;
  if (first === undefined) return [];
  const bytes = await store.getRange(first.key, 0, Math.min(first.bytes, readBytes));
  const lines = new TextDecoder().decode(bytes).split('\n');
  // What is behind the last line's end is nothing, or a part of a line.
  return lines.slice(0, -1).map((line) => Reject.parse(JSON.parse(line)));
}

/** How the model did by which those rows were predicted; undefined where their answers are not known. */
export async function readModelPart(
  store: ObjectStore,
  prediction: Prediction,
): Promise<ModelPart | undefined> {
  const { task, model } = prediction;
  const tally = await readTally(store, prediction);
  if (task === null || tally === undefined) return undefined;
  const card = (await findObject(store, keys.modelCard(model), ModelCard)) ?? null;
  const evaluation = (await evaluationOf(store, prediction)) ?? null;
  return modelPart({ prediction, task, tally, card, evaluation });
}

/** Shard by shard, so that no more than two are in memory. */
async function readTally(store: ObjectStore, { scores }: Prediction): Promise<Tally | undefined> {
  let tally: Tally | undefined;
  for (const part of scores) {
    const next = decodeTally(await readPartition(store, part));
    tally = tally ? mergeTallies(tally, next) : next;
  }
  return tally;
}

async function evaluationOf(store: ObjectStore, { prediction }: Prediction): Promise<Evaluation | undefined> {
  const all = await readAll(store, keys.evaluationsPrefix, Evaluation);
  return all
    .filter(({ candidate }) => candidate.prediction === prediction)
    .toSorted((a, b) => b.at - a.at)[0];
}

/** The newest prediction by a model of rows whose answers are known; undefined: there is none. */
export async function judgedBy(store: ObjectStore, model: string): Promise<Prediction | undefined> {
  const ids = await foldersIn(store, keys.predictionsPrefix);
  const manifests = await Promise.all(
    ids.map((id) => findObject(store, keys.predictionManifest(id), Prediction)),
  );
  return manifests
    .flatMap((one) => (one && one.model === model && one.scores.length > 0 ? [one] : []))
    .toSorted((a, b) => b.committedAt - a.committedAt)[0];
}
