import { createHash } from 'node:crypto';
import type { ModelCard } from '../../core/contracts/study.ts';
import { recordArtifact } from '../../core/tracking/record-artifact.ts';
import { recordEvaluation } from '../../core/tracking/record-evaluation.ts';
import { recordPrediction } from '../../core/tracking/record-prediction.ts';
import { recordStudy } from '../../core/tracking/record-study.ts';
import { registerModel } from '../../core/tracking/register-model.ts';
import type { Tracker } from '../../core/tracking/tracker.ts';
import * as examples from './tracking-examples.ts';

/** The records of one pipeline under names of its own, around the bytes of a model. */
export function pipelineOf(name: string, model: Uint8Array) {
  const digest = createHash('sha256').update(model).digest('hex');
  const card: ModelCard = { ...examples.card, digest, size: model.length };
  const study = { ...examples.study, study: `${name}-0123456789ab`, model: name, experiment: name };
  const best = { ...examples.conclusion.best, model: digest };
  const conclusion = { ...examples.conclusion, study: study.study, best };
  const prediction = { ...examples.prediction, model: digest, modelName: name, experiment: name };
  const candidate = { ...examples.evaluation.candidate, model: digest };
  const evaluation = { ...examples.evaluation, modelName: name, candidate, experiment: name };
  return { model, digest, card, study, conclusion, prediction, evaluation };
}

export type Pipeline = ReturnType<typeof pipelineOf>;

/** All of it, as the aggregator sends it at the pipeline's end. */
export async function recordPipeline(tracker: Tracker, given: Pipeline) {
  const { study, conclusion, card, model } = given;
  const { trials, dataset, profile } = examples;
  const runs = await recordStudy(tracker, { study, trials, dataset, conclusion });
  const registered = await registerModel(tracker, { study, conclusion, card, model, profile, runs });
  await recordArtifact(tracker, runs.parent, 'report/index.html', new TextEncoder().encode('<p>report'));
  const { run, version } = await recordPrediction(tracker, given.prediction, dataset);
  const predicted = { runId: run.id, version };
  const evaluated = await recordEvaluation(tracker, given.evaluation);
  return { runs, registered, predicted, evaluated };
}

/** What a study says while it runs: two trials of the four, and no end. */
export async function recordBeginning(tracker: Tracker, { study }: Pipeline): Promise<void> {
  const { trials, dataset } = examples;
  await recordStudy(tracker, { study, trials: trials.slice(0, 2), dataset, conclusion: undefined });
}
