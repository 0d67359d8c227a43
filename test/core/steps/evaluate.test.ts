import { describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Evaluation, type Prediction } from '../../../core/contracts/records.ts';
import { noOrYes } from '../../../core/contracts/task.ts';
import { encodeTally } from '../../../core/metrics/encode-tally.ts';
import { tallyOf } from '../../../core/metrics/tally.ts';
import { evaluate } from '../../../core/steps/evaluate.ts';
import { writePartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { encodeJson, type ObjectStore } from '../../../core/store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { noon, putSpec, specOf, stepPorts } from '../../support/step-world.ts';
import { prediction as example } from '../../support/tracking-examples.ts';

const one = 'late-aaaaaaaaaaaa';
const other = 'late-bbbbbbbbbbbb';

const tallied = (values: readonly number[], labels: readonly number[]) =>
  encodeTally(
    tallyOf(noOrYes, { predictions: Float32Array.from(values), labels: Float64Array.from(labels) }, true),
  );

/** A prediction whose rows had these scores and labels, in parts. */
async function predictedIn(
  store: ObjectStore,
  prediction: string,
  parts: readonly (readonly [scores: readonly number[], labels: readonly number[]])[],
): Promise<void> {
  const scores = await Promise.all(
    parts.map(([values, labels], part) =>
      writePartition(
        store,
        `${keys.prediction(prediction)}scores/${part}.bin`,
        tallied(values, labels),
        values.length,
      ),
    ),
  );
  const manifest: Prediction = { ...example, prediction, scores };
  await store.put(keys.predictionManifest(prediction), encodeJson(manifest));
}

async function world() {
  const store = memoryStore();
  // Of the 4 pairs of a late and a punctual flight, 3 are in order.
  await predictedIn(store, one, [
    [
      [0.875, 0.25],
      [1, 0],
    ],
    [
      [0.5, 0.625],
      [1, 0],
    ],
  ]);
  // All 4 are.
  await predictedIn(store, other, [
    [
      [0.875, 0.25, 0.75, 0.625],
      [1, 0, 1, 0],
    ],
  ]);
  return { store, ports: stepPorts(store, {}) };
}

describe('an evaluation', () => {
  test('takes the metrics of the candidate over all parts, and the champion’s beside them', async () => {
    const { store, ports } = await world();
    const spec = await putSpec(store, specOf({ model: { name: 'delay', alias: 'best', margin: 0.01 } }));
    const answer = await evaluate({ spec, candidate: one, champion: other, championKnown: true }, ports);
    const { evaluation } = answer as { evaluation: string };
    const record = await readObject(store, keys.evaluation(evaluation), Evaluation);
    expect(record).toMatchObject({
      ...{ modelName: 'delay', alias: 'best', margin: 0.01, metric: 'auc', direction: 'maximize', at: noon },
      candidate: { prediction: one, metrics: { auc: 0.75 } },
      champion: { prediction: other, metrics: { auc: 1 } },
      championKnown: true,
    });
    // -(ln 0.875 + ln 0.75 + ln 0.5 + ln 0.375) / 4
    expect(record.candidate.metrics.log_loss).toBeCloseTo(0.5238, 4);
  });

  test('without a champion says so, and whether that is known', async () => {
    const { store, ports } = await world();
    const spec = await putSpec(store, specOf());
    const answer = await evaluate({ spec, candidate: one, champion: null, championKnown: false }, ports);
    const { evaluation } = answer as { evaluation: string };
    expect(await readObject(store, keys.evaluation(evaluation), Evaluation)).toMatchObject({
      ...{ champion: null, championKnown: false, modelName: 'late', alias: 'champion' },
    });
  });

  test('of a study that minimises is minimised', async () => {
    const { store, ports } = await world();
    const { tune } = specOf();
    const spec = await putSpec(store, specOf({ tune: { ...tune, metric: 'log_loss' } }));
    const answer = await evaluate({ spec, candidate: one, champion: null, championKnown: true }, ports);
    const { evaluation } = answer as { evaluation: string };
    expect(await readObject(store, keys.evaluation(evaluation), Evaluation)).toMatchObject({
      ...{ metric: 'log_loss', direction: 'minimize' },
    });
  });

  test('of rows without a target is refused', async () => {
    const { store, ports } = await world();
    await predictedIn(store, one, []);
    const spec = await putSpec(store, specOf());
    await expect(
      evaluate({ spec, candidate: one, champion: null, championKnown: true }, ports),
    ).rejects.toMatchObject({
      name: 'MissingInput',
      message: `prediction ${one} cannot be evaluated: its input has no target, or its model does not tell what it predicts of it`,
    });
  });

  test('of scores whose bytes changed is refused', async () => {
    const { store, ports } = await world();
    const key = `${keys.prediction(one)}scores/1.bin`;
    await store.put(key, tallied([0.5], [1]));
    const spec = await putSpec(store, specOf());
    await expect(
      evaluate({ spec, candidate: one, champion: null, championKnown: true }, ports),
    ).rejects.toMatchObject({
      name: 'StoreFailed',
      message: expect.stringContaining(`object ${key} is changed`),
    });
  });
});
