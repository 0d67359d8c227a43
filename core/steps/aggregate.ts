import { Conclusion } from '../contracts/conclusion.ts';
import { keys } from '../contracts/keys.ts';
import type { Identity } from '../contracts/names.ts';
import { Dataset, Evaluation, Prediction } from '../contracts/records.ts';
import type { AggregateRequest } from '../contracts/requests.ts';
import { PredictionSpec, registryOf } from '../contracts/spec.ts';
import { ModelCard, type Study } from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import { History } from '../search/history.ts';
import { findConclusion, readHistory, readStudy } from '../search/study-folder.ts';
import { trialsOf } from '../search/trials.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../store.ts';
import { recordArtifact } from '../tracking/record-artifact.ts';
import { recordEvaluation } from '../tracking/record-evaluation.ts';
import { recordPrediction } from '../tracking/record-prediction.ts';
import { recordStudy, type SideProfiles } from '../tracking/record-study.ts';
import { registerModel } from '../tracking/register-model.ts';
import { championOf } from '../tracking/registry.ts';
import type { Run, Tracker } from '../tracking/tracker.ts';
import { withLiveCurves } from './live-curve.ts';
import { findObject, readAll, readObject } from './objects.ts';
import { clearPending, listPending } from './pending.ts';
import type { Ports } from './ports.ts';
import { bring, resolve } from './resolve-model.ts';

const noServer = 'no MLflow server is named';
const shortestWait = 5;
const longestDoubled = 60;
const longestPresent = 1800;
/** What is left of a call's time when it begins no further trial: enough for calls that are not answered. */
const reserveMs = 60_000;
/** So long does a retry of what is pending hold the one writer to MLflow: a running study's recorder waits meanwhile. */
const pendingMs = 60_000;

/** The only one who talks to MLflow. What cannot be recorded now stays pending; nobody fails or waits for it. */
export function aggregate(request: AggregateRequest, ports: Ports): Promise<object> {
  switch (request.kind) {
    case 'study':
      return recordSoFar(request, ports);
    case 'model':
      return recorded(ports, (tracker) => recordModel(request.study, tracker, ports));
    case 'prediction':
      return recorded(ports, (tracker) => recordJob(request.prediction, tracker, ports));
    case 'evaluation':
      return recorded(ports, (tracker) => recordComparison(request.evaluation, tracker, ports));
    case 'pending':
      return recordPending(ports);
    case 'champion':
      return champion(request, ports);
    case 'resolve':
      return resolve(request, ports);
  }
}

type Recorded = { readonly recorded: true } | { readonly recorded: false; readonly reason: string };

/** Turns every failure into an answer: the pending marker stays, and the flow goes on. */
async function recorded(ports: Ports, record: (tracker: Tracker) => Promise<object>): Promise<Recorded> {
  if (ports.tracker === undefined) return { recorded: false, reason: noServer };
  try {
    return { recorded: true, ...(await record(ports.tracker)) };
  } catch (error) {
    return { recorded: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** `done` once the execution's lanes are at rest, which is looked up first so that nothing they told is left out. */
async function recordSoFar(
  request: Extract<AggregateRequest, { kind: 'study' }>,
  ports: Ports,
): Promise<object> {
  const finished = await ports.store.head(keys.finished(request.study, request.execution));
  const done = finished !== undefined || ports.tracker === undefined;
  let waitSeconds = awaySeconds(request.waitSeconds);
  const result = await recorded(ports, async (tracker) => {
    const { history } = await sendStudy(request.study, tracker, ports);
    const ours = history.claims.filter(({ execution }) => execution === request.execution);
    waitSeconds = presentSeconds(ports.now() - Math.min(ports.now(), ...ours.map(({ at }) => at)));
    return {};
  });
  return { ...result, done, waitSeconds };
}

/**
 * A hundredth of the lanes' time so far: a study of two days is recorded in about 1,000 looks, of 11 events each in a history
 * of 25,000, and one of a month in 2,000. The bound holds where a clock jumped ahead.
 */
const presentSeconds = (ms: number): number =>
  Math.min(longestPresent, Math.max(shortestWait, Math.ceil(ms / 100_000)));

/** Twice as long each time up to a minute, and then a second longer: MLflow may be away for days. */
const awaySeconds = (before: number): number =>
  before >= longestDoubled ? before + 1 : Math.min(longestDoubled, Math.max(shortestWait, 2 * before));

async function sendStudy(id: Identity, tracker: Tracker, ports: Ports) {
  const { store, warm, remaining } = ports;
  const study = await readStudy(store, id);
  const dataset = await findObject(store, keys.datasetManifest(study.dataset), Dataset);
  const history = await warm.keep('history', id, async () => new History());
  await readHistory(store, id, history);
  const conclusion = await findConclusion(store, study, history);
  const all = await readAll(store, keys.conclusions(id), Conclusion);
  const earlier = all
    .filter(({ claims }) => claims !== conclusion?.claims)
    .sort((a, b) => a.claims - b.claims);
  const told = trialsOf(study, history, conclusion !== undefined);
  const trials = await withLiveCurves(study, told, history, ports);
  const profiles = () => sideProfiles(study, store);
  const more = () => remaining() > reserveMs;
  const records = { study, trials, dataset, profiles, conclusion, earlier };
  const runs = await recordStudy(tracker, records, more);
  return { study, conclusion, runs, history };
}

/** What the sides hold; undefined where a dataset was made before there were profiles. */
async function sideProfiles({ dataset }: Study, store: ObjectStore): Promise<SideProfiles | undefined> {
  const object = await store.get(keys.profile(dataset));
  return object && (decodeJson(object.body) as SideProfiles);
}

async function recordModel(id: Identity, tracker: Tracker, ports: Ports): Promise<object> {
  const { store } = ports;
  const { study, conclusion, runs } = await sendStudy(id, tracker, ports);
  if (conclusion === undefined) return { name: study.model, version: null };
  const { model } = conclusion.best;
  const version = model === null ? { name: study.model, version: null } : await registerWinner(model);
  // Params are cut at MLflow's limits: here all of it stands.
  await recordArtifact(tracker, runs.parent, 'study.json', encodeJson(study));
  await recordPage(tracker, runs.parent, keys.study(id), store);
  await clearPending(store, { kind: 'model', study: id });
  return { ...version, alias: 'challenger', run: runs.runId, experiment: runs.experimentId };

  async function registerWinner(digest: string) {
    const card = await readObject(store, keys.modelCard(digest), ModelCard);
    const object = await store.get(keys.model(digest));
    if (object === undefined)
      throw new FanfareError('MissingInput', `there is no model ${keys.model(digest)}`);
    const profile = (await store.get(keys.modelProfile(digest)))?.body;
    return registerModel(tracker, {
      study,
      conclusion: conclusion!,
      card,
      model: object.body,
      profile,
      runs,
    });
  }
}

async function recordJob(id: Identity, tracker: Tracker, { store }: Ports): Promise<object> {
  const prediction = await readObject(store, keys.predictionManifest(id), Prediction);
  const { input } = prediction;
  const dataset =
    input.kind === 'dataset'
      ? await findObject(store, keys.datasetManifest(input.dataset), Dataset)
      : undefined;
  const { run, version } = await recordPrediction(tracker, prediction, dataset);
  await recordPage(tracker, run, keys.prediction(id), store);
  await clearPending(store, { kind: 'prediction', prediction: id });
  return { runId: run.id, version };
}

/** The report that was made of what lies in that folder, if one was to be recorded. */
async function recordPage(tracker: Tracker, run: Run, folder: string, store: ObjectStore): Promise<void> {
  const page = await store.get(keys.reportPage(folder));
  if (page) await recordArtifact(tracker, run, 'report.html', page.body);
}

/** An undecided comparison stays pending: the next pipeline run compares with whoever is the champion then. */
async function recordComparison(id: Identity, tracker: Tracker, { store }: Ports): Promise<object> {
  const evaluation = await readObject(store, keys.evaluation(id), Evaluation);
  const outcome = await recordEvaluation(tracker, evaluation);
  if (outcome.decision !== 'undecided') await clearPending(store, { kind: 'evaluation', evaluation: id });
  return { ...outcome, name: evaluation.modelName, alias: evaluation.alias };
}

/** Retries what is pending, one after the other; `left` is how many records still are. */
async function recordPending(ports: Ports): Promise<object> {
  const { store, now, tracker } = ports;
  // Nobody is told that records are missed where nobody asked for any.
  if (tracker === undefined) return { sent: 0, reason: noServer };
  const until = now() + pendingMs;
  let sent = 0;
  let reason: string | undefined;
  for (const pending of await listPending(store)) {
    if (now() >= until) break;
    const answer = (await aggregate(pending, ports)) as Recorded;
    if (answer.recorded) sent += 1;
    else reason ??= answer.reason;
  }
  return { sent, left: (await listPending(store)).length, ...(reason !== undefined && { reason }) };
}

/** Who holds the alias, and whether it is another model than ours. `known` is false where MLflow cannot say. */
async function champion(
  request: Extract<AggregateRequest, { kind: 'champion' }>,
  ports: Ports,
): Promise<object> {
  const { name, alias } = registryOf(await readObject(ports.store, keys.spec(request.spec), PredictionSpec));
  const nobody = { other: false, model: null };
  const answer = await recorded(ports, async (tracker) => {
    const holder = await championOf(tracker, name, alias);
    if (holder === undefined) return nobody;
    const model = `sha256:${await bring(holder, tracker, ports)}`;
    return { other: model !== request.model, model };
  });
  return answer.recorded ? { known: true, ...answer } : { known: false, ...nobody, reason: answer.reason };
}
