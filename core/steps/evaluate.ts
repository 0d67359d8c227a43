import { keys } from '../contracts/keys.ts';
import { metricNames } from '../contracts/metrics.ts';
import type { Identity } from '../contracts/names.ts';
import { objectivesOf } from '../contracts/objectives.ts';
import { Evaluation, Prediction } from '../contracts/records.ts';
import type { EvaluateRequest } from '../contracts/requests.ts';
import { registryOf, Spec } from '../contracts/spec.ts';
import { identityOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { decodeTally } from '../metrics/encode-tally.ts';
import { metricFrom, metricsFrom } from '../metrics/metrics.ts';
import { mergeTallies, type Tally } from '../metrics/tally.ts';
import { studyMetrics } from '../trainables/study-metrics.ts';
import { readPartition } from './job.ts';
import { readObject, writeFirst } from './objects.ts';
import { markPending } from './pending.ts';
import type { Ports } from './ports.ts';

/** The metrics of a model's prediction and, on the same rows, of the present champion's. */
export async function evaluate(request: EvaluateRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const spec = await readObject(store, keys.spec(request.spec), Spec);
  const { task } = await readObject(store, keys.predictionManifest(request.candidate), Prediction);
  if (task === null) throw cannot(request.candidate);
  // Of a trainable's own metric a prediction tells nothing; of several objectives the first decides.
  const [asked] = objectivesOf(spec.tune.metric);
  const testSpec = { ...spec, tune: { ...spec.tune, metric: typeof asked === 'object' ? undefined : asked } };
  const { metric, direction, metrics: told } = studyMetrics(testSpec, task);
  const metrics = { metric, all: [...new Set([...metricNames(task.kind), ...told])] };
  const candidate = await judged(request.candidate, metrics, ports);
  const champion = request.champion === null ? null : await judged(request.champion, metrics, ports);
  const registry = registryOf(spec);
  const judgement = {
    modelName: registry.name,
    metric,
    direction,
    candidate,
    champion,
    championKnown: request.championKnown,
    target: spec.target,
    alias: registry.alias,
    margin: registry.margin,
    experiment: spec.experiment ?? spec.name,
  };
  const evaluation = await identityOf(spec.name, judgement);
  await markPending(store, { kind: 'evaluation', evaluation });
  const record = { evaluation, ...judgement, at: ports.now() };
  const written = await writeFirst(store, keys.evaluation(evaluation), record, Evaluation);
  return {
    evaluation,
    metric,
    metrics: written.candidate.metrics,
    champion: written.champion?.metrics ?? null,
  };
}

interface Asked {
  readonly metric: string;
  readonly all: readonly string[];
}

/** `BadTable` where the metric that models are compared by is undefined. */
async function judged(id: Identity, { metric, all }: Asked, { store }: Ports) {
  const { prediction, model, scores } = await readObject(store, keys.predictionManifest(id), Prediction);
  // One after the other: no more than two are in memory, whatever the number of shards.
  let tally: Tally | undefined;
  for (const part of scores) {
    const next = decodeTally(await readPartition(store, part));
    tally = tally ? mergeTallies(tally, next) : next;
  }
  if (tally === undefined) throw cannot(prediction);
  return { model, prediction, metrics: { ...metricsFrom(tally, all), [metric]: metricFrom(tally, metric) } };
}

const cannot = (prediction: Identity): FanfareError =>
  new FanfareError(
    'MissingInput',
    `prediction ${prediction} cannot be evaluated: its input has no target, or its model does not tell what it predicts of it`,
  );
