import type { Dataset, Prediction } from '../contracts/records.ts';
import { namedSideInput, partsOf, sideInput, tableInput } from './datasets.ts';
import { plainKey } from './plain-texts.ts';
import { predictionNote } from './prediction-note.ts';
import { modelIdOf } from './registry.ts';
import { findOrCreate, recordInputs, recordRun, soleRun, type WantedRun } from './runs.ts';
import { tag } from './tags.ts';
import type { DatasetInput, ModelVersion, Run, Tracker } from './tracker.ts';

/**
 * Records a prediction job as one run that names the version it used, found by the model's digest. A version that is not
 * registered yet is filled in when the job is recorded again.
 */
export async function recordPrediction(
  tracker: Tracker,
  prediction: Prediction,
  dataset?: Dataset,
): Promise<{ readonly run: Run; readonly version: string | undefined }> {
  const experimentId = await tracker.experiment(prediction.experiment);
  const version = await versionOf(tracker, prediction.modelName, prediction.model);
  const found = await soleRun(
    tracker,
    await tracker.searchRuns(experimentId, { [tag.prediction]: prediction.prediction }),
  );
  const wanted = predictionRun(prediction, version);
  const run = await findOrCreate(tracker, experimentId, found, wanted);
  const modelId = version && modelIdOf(version.source);
  await recordInputs(tracker, run, {
    datasets: [inputOf(prediction, dataset)],
    models: modelId === undefined ? [] : [modelId],
  });
  await recordRun(tracker, run, wanted);
  return { run, version: version?.version };
}

/** The newest version that was made of this file. */
export async function versionOf(
  tracker: Tracker,
  name: string | null,
  digest: string,
): Promise<ModelVersion | undefined> {
  const tags = { [tag.digest]: digest };
  return (await tracker.searchVersions(name === null ? { tags } : { name, tags }))[0];
}

function predictionRun(prediction: Prediction, version: ModelVersion | undefined): WantedRun {
  const { input, rows, predicted, rejected, committedAt, startedAt, drift } = prediction;
  const metric = (key: string, value: number) => ({ key, value, timestamp: committedAt, step: 0 });
  return {
    name: prediction.prediction,
    startedAt,
    tags: {
      [tag.kind]: 'prediction',
      [tag.prediction]: prediction.prediction,
      [tag.digest]: prediction.model,
      [tag.note]: predictionNote(prediction, version),
      [tag.source]: 'fanfare',
      ...(drift.kind === 'compared' && { [tag.drift]: drift.level }),
    },
    params: {
      input: inputText(input),
      format: prediction.format,
      model_digest: prediction.model,
      ...(version === undefined ? {} : { model_name: version.name, model_version: version.version }),
    },
    metrics: [
      metric('rows', rows),
      metric('predicted', predicted),
      metric('rejected', rejected),
      metric('seconds', (committedAt - startedAt) / 1000),
      ...indexes(drift).map(([key, value]) => metric(key, value)),
    ],
    end: { status: 'FINISHED', at: committedAt },
  };
}

/** `psi.<column>` of the worst columns and `psi.score` of the scores; the worst of those whose names MLflow cannot tell apart. */
function indexes(drift: Prediction['drift']): [key: string, value: number][] {
  if (drift.kind === 'unknown') return [];
  const score = Math.max(...drift.scores.map(({ psi }) => psi));
  const columns = drift.worst.map(({ name, psi }) => [plainKey(`psi.${name}`), psi] as const);
  return [
    ...new Map([
      ...columns.toReversed(),
      ...(drift.scores.length > 0 ? [['psi.score', score] as const] : []),
    ]),
  ];
}

function inputOf({ prediction, input, rows }: Prediction, dataset: Dataset | undefined): DatasetInput {
  if (input.kind === 'table') return tableInput(input.table, partsOf(prediction)[1], rows);
  if (input.kind === 'rejects') return tableInput(inputText(input), partsOf(prediction)[1], rows);
  if (dataset === undefined) return namedSideInput(input.dataset, input.side, rows);
  return { ...sideInput(dataset, input.side), context: 'inference' };
}

function inputText(input: Prediction['input']): string {
  switch (input.kind) {
    case 'table':
      return input.table;
    case 'dataset':
      return `${input.dataset}/${input.side}`;
    case 'rejects':
      return `predictions/${input.parent}/rejects`;
  }
}
