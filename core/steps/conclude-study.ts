import { keys } from '../contracts/keys.ts';
import type { Scalar } from '../contracts/names.ts';
import { Dataset } from '../contracts/records.ts';
import type { ConcludeStudyRequest } from '../contracts/requests.ts';
import { Conclusion, Finished, type ModelCard, Study, type Trial } from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import type { ModelValues } from '../onnx/model.ts';
import { isDone } from '../search/next.ts';
import { readHistory } from '../search/study-folder.ts';
import { bestTrial, latestValue, trialsOf } from '../search/trials.ts';
import { encodeJson, type ObjectStore } from '../store.ts';
import type { Batch } from '../tables/batch.ts';
import { recordsOf } from '../tables/records.ts';
import { sliceRows } from '../tables/slice.ts';
import { type ModelData, modelData } from './model-data.ts';
import { writeModelProfile } from './model-profile.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import { markPending } from './pending.ts';
import type { Ports } from './ports.ts';
import { validationRows } from './validate.ts';

const exampleRows = 5;

/** Chooses the best trial, and puts its model, if it has one, where predictions find it. */
export async function concludeStudy(
  { study: id, execution }: ConcludeStudyRequest,
  ports: Ports,
): Promise<object> {
  const { store } = ports;
  const study = await readObject(store, keys.studyRecord(id), Study);
  const key = keys.conclusion(id);
  const conclusion = (await findObject(store, key, Conclusion)) ?? (await conclude(study, execution, ports));
  const { best, trials } = conclusion;
  const model = best.model && `sha256:${best.model}`;
  return {
    study: id,
    metric: study.metric,
    resource: study.resource,
    sample: study.sample,
    best,
    trials,
    model,
  };
}

async function conclude(study: Study, execution: string, ports: Ports): Promise<Conclusion> {
  const { store } = ports;
  const history = await readHistory(store, study.study);
  if (!isDone(study, history)) throw await endedEarly(study, execution, store);
  const trials = trialsOf(study, history, true);
  const best = bestTrial(study, trials);
  if (best === undefined) throw nothingLearned(trials);
  const { outcome, rung, spread } = best.rungs.at(-1)!;
  const scores = keys.trialScores(study.study, { trial: best.number, rung });
  if (outcome.model) await publish(study, { ...outcome.model, scores }, ports);
  const count = (state: Trial['state']) => trials.filter((trial) => trial.state === state).length;
  const conclusion: Conclusion = {
    study: study.study,
    best: {
      trial: best.number,
      params: best.params,
      value: latestValue(best),
      ...(spread && { spread }),
      resource: outcome.resource,
      model: outcome.model?.digest ?? null,
    },
    trials: {
      total: trials.length,
      complete: count('complete'),
      pruned: count('pruned'),
      failed: count('failed'),
    },
    startedAt: study.createdAt,
    endedAt: [...history.events].reduce((last, { at }) => Math.max(last, at), 0),
  };
  await markPending(store, { kind: 'model', study: study.study });
  return writeFirst(store, keys.conclusion(study.study), conclusion, Conclusion);
}

/** Copies the model to where it is found by its digest, with a card that says what goes in and out. */
async function publish(
  study: Study,
  { key, digest, scores }: { readonly key: string; readonly digest: string; readonly scores: string },
  ports: Ports,
) {
  const { store } = ports;
  const object = await store.get(key);
  if (object === undefined) throw new FanfareError('MissingInput', `the best trial's model ${key} is gone`);
  const dataset = await readObject(store, keys.datasetManifest(study.dataset), Dataset);
  const example = await exampleOf(study, modelData(dataset, study.folds && 0), ports);
  const model = await ports.loadModel(object.body);
  try {
    const outputs = await model.run(
      example,
      model.outputs.map((port) => port.name),
    );
    const inputs = model.inputs.map(({ name }) => name);
    const card: ModelCard = {
      digest,
      size: object.body.length,
      trained: await writeModelProfile(study, { scores, digest }, inputs, store),
      features: dataset.features,
      inputs: model.inputs.map(({ name, type }) => ({ name, type })),
      outputs: model.outputs.map(({ name, type }) => ({ name, type })),
      example: recordsOf(example),
      expected: Array.from({ length: example.rows }, (_, row) =>
        Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, scalarOf(values, row)])),
      ),
    };
    await store.put(keys.model(digest), object.body, { kind: 'absent' });
    await store.put(keys.modelCard(digest), encodeJson(card), { kind: 'absent' });
  } finally {
    await model.release();
  }
}

/** The first validation rows. */
async function exampleOf(study: Study, data: ModelData, ports: Ports): Promise<Batch> {
  for await (const { batch } of await validationRows(study, data, ports)) {
    if (batch.rows > 0) return sliceRows(batch, 0, Math.min(exampleRows, batch.rows));
  }
  throw new FanfareError('BadTable', `dataset ${data.dataset} has no validation row with a target`);
}

function scalarOf(values: ModelValues, row: number): Scalar {
  const value = values[row]!;
  return typeof value === 'bigint' ? Number(value) : value;
}

async function endedEarly(study: Study, execution: string, store: ObjectStore): Promise<FanfareError> {
  const finished = await findObject(store, keys.finished(study.study, execution), Finished);
  const why = finished?.lost ?? 'its lanes ended early';
  return new FanfareError(
    'StudyFailed',
    `study ${study.study} is not done (${why}); what it has is kept, and the same command goes on from there`,
  );
}

function nothingLearned(trials: readonly Trial[]): FanfareError {
  const failures = trials.flatMap(({ number, failure }) => (failure ? [{ number, ...failure }] : []));
  const [first] = failures;
  const why = first ? `trial ${first.number}: ${first.error}: ${first.cause}` : 'no trial ended';
  return new FanfareError(
    'StudyFailed',
    `${failures.length} of ${trials.length} trials failed, none gave a value; ${why}`,
  );
}
