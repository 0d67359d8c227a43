import { beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../../adapters/onnxruntime/load-model.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { Dataset } from '../../../core/contracts/records.ts';
import { Claim, Outcome } from '../../../core/contracts/study.ts';
import { sha256 } from '../../../core/digest.ts';
import { readStudy } from '../../../core/search/study-folder.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import type { Ports } from '../../../core/steps/ports.ts';
import { decodeArrow } from '../../../core/tables/arrow-decode.ts';
import { columnOf } from '../../../core/tables/batch.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  fileOf,
  flights,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';

const store = memoryStore();
const ports: Ports = stepPorts(store, { flights: [fileOf('parquet', flights(1500))] });
let dataset = '';
/** Two models of `gbdt`, as they would be brought. */
let candidates: readonly string[] = [];

beforeAll(async () => {
  const spec = await putSpec(store, specOf());
  ({ dataset } = await splitAll(spec, ports));
  const study = await prepare(spec, dataset, ports);
  const outcomes = await outcomesOf(study, await runLane(study, ports));
  const made = new Map(outcomes.map(({ model }) => [model!.digest, model!.key]));
  for (const [digest, key] of made) await store.put(keys.model(digest), (await store.get(key))!.body);
  candidates = [...made.keys()].slice(0, 2).map((digest) => `sha256:${digest}`);
});

const outcomesOf = (study: string, claims: readonly string[]) =>
  Promise.all(
    claims.map(async (key) => {
      const claim = await readObject(store, key, Claim);
      const outcome = await readObject(store, keys.result(study, claim), Outcome);
      if (outcome.kind !== 'reported') throw new Error(JSON.stringify(outcome));
      return { ...outcome, params: claim.params };
    }),
  );

const chosen = (change: object = {}, more: object = {}) =>
  specOf({
    ...more,
    tune: {
      trainable: 'onnx',
      metric: 'f1',
      trials: 5,
      scheduler: { kind: 'none', max: 1 },
      space: {
        model: candidates,
        threshold: { low: 0.1, high: 0.6 },
        temperature: { low: 0.5, high: 2, log: true },
      },
      ...change,
    },
  });

/** By its definition: of the validation rows, by what the candidate itself says. */
async function f1Of(candidate: string, threshold: number): Promise<number> {
  const { partitions } = await readObject(store, keys.datasetManifest(dataset), Dataset);
  const model = await loadModel((await store.get(keys.model(candidate.slice('sha256:'.length))))!.body);
  let [hits, said, late] = [0, 0, 0];
  for (const partition of partitions.validation) {
    for (const batch of decodeArrow(await readPartition(store, partition))) {
      const { probability } = await model.run(batch, ['probability']);
      const labels = columnOf(batch, 'late')!;
      if (labels.type !== 'boolean') throw new Error(labels.type);
      for (let row = 0; row < batch.rows; row++) {
        const isSaid = Number(probability![row]) > threshold;
        if (isSaid) said++;
        if (labels.values[row]) late++;
        if (isSaid && labels.values[row]) hits++;
      }
    }
  }
  await model.release();
  return (2 * hits) / (said + late);
}

describe('a study of models that are there', () => {
  test('values each by what it says of the validation rows, at its threshold', async () => {
    const study = await prepare(await putSpec(store, chosen()), dataset, ports);
    expect(await readStudy(store, study)).toMatchObject({
      trainable: 'onnx',
      resource: 'evaluations',
      sample: null,
    });
    const outcomes = await outcomesOf(study, await runLane(study, ports));
    expect(outcomes).toHaveLength(5);
    for (const { value, params } of outcomes) {
      expect(value).toBeCloseTo(await f1Of(String(params.model), Number(params.threshold)), 9);
    }
    const file = (await store.get(outcomes[0]!.model!.key))!.body;
    expect(await sha256(file)).toBe(outcomes[0]!.model!.digest);
  });

  test('is refused before any trial where a model does not fit', async () => {
    const refused = async (change: object, more: object = {}) =>
      prepare(await putSpec(store, chosen(change, more)), dataset, ports);
    const model = candidates;
    await expect(refused({ space: { model: [...model, `sha256:${'f'.repeat(64)}`] } })).rejects.toThrow(
      `tune.space.model sha256:${'f'.repeat(64)}: the model is not in the store`,
    );
    await expect(refused({}, { inputs: ['distance', 'seats'] })).rejects.toThrow(
      new RegExp(`^tune.space.model ${model[0]}: .*city`),
    );
    await expect(refused({ space: { threshold: [0.5] } })).rejects.toThrow('tune.space.model: onnx needs');
    await expect(refused({ space: { model, treshold: [0.5] } })).rejects.toThrow('did you mean threshold');
    await expect(refused({ space: { model, threshold: [0.5, 1] } })).rejects.toThrow('tune.space.threshold');
    await expect(
      refused({ metric: 'rmse', space: { model, threshold: [0.4] } }, { target: 'seats' }),
    ).rejects.toThrow('tune.space.threshold: it is for a binary target, and this one is regression');
    await expect(
      refused({ metric: 'rmse', space: { model } }, { target: 'seats', inputs: ['distance', 'city'] }),
    ).rejects.toThrow(/tune.space.model/);
  });
});
