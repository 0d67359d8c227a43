import { keys } from '../contracts/keys.ts';
import type { Identity } from '../contracts/names.ts';
import { Evaluation, Prediction } from '../contracts/records.ts';
import type { EvaluateRequest } from '../contracts/requests.ts';
import { registryOf, Spec } from '../contracts/spec.ts';
import { directionOf, testMetricOf } from '../contracts/tune-spec.ts';
import { identityOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { metricsOf } from '../metrics/metrics.ts';
import { decodeScoreCounts, mergeScoreCounts, noScores } from '../metrics/score-counts.ts';
import { readPartition } from './job.ts';
import { readObject, writeFirst } from './objects.ts';
import { markPending } from './pending.ts';
import type { Ports } from './ports.ts';

/** The metrics of a model's prediction and, on the same rows, of the present champion's. */
export async function evaluate(request: EvaluateRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const spec = await readObject(store, keys.spec(request.spec), Spec);
  const candidate = await judged(request.candidate, ports);
  const champion = request.champion === null ? null : await judged(request.champion, ports);
  const registry = registryOf(spec);
  const metric = testMetricOf(spec.tune.metric);
  const judgement = {
    modelName: registry.name,
    metric,
    direction: directionOf(metric),
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

async function judged(id: Identity, { store }: Ports) {
  const { prediction, model, scores } = await readObject(store, keys.predictionManifest(id), Prediction);
  if (scores.length === 0) {
    throw new FanfareError(
      'MissingInput',
      `prediction ${prediction} cannot be evaluated: its input has no target, or its model does not tell how probable it is`,
    );
  }
  // One after the other: no more than two are in memory, whatever the number of shards.
  let counts = noScores;
  for (const part of scores) {
    counts = mergeScoreCounts(counts, decodeScoreCounts(await readPartition(store, part)));
  }
  return { model, prediction, metrics: metricsOf(counts) };
}
