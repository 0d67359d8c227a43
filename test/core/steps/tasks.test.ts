import { beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Dataset, Evaluation, Prediction } from '../../../core/contracts/records.ts';
import type { Spec } from '../../../core/contracts/spec.ts';
import { ModelCard, type Outcome, type Study } from '../../../core/contracts/study.ts';
import { readStudy } from '../../../core/search/study-folder.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { evaluate } from '../../../core/steps/evaluate.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import type { Ports } from '../../../core/steps/ports.ts';
import { decodeJson, type ObjectStore } from '../../../core/store.ts';
import { decodeArrow } from '../../../core/tables/arrow-decode.ts';
import type { Batch } from '../../../core/tables/batch.ts';
import { recordsOf } from '../../../core/tables/records.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  execution,
  fileOf,
  predictAll,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';
import { batchOf, chance } from '../training/tables.ts';

/** Trips by foot, by bus and by train, the longer ones by faster means; what they cost follows from both. */
function trips(rows: number): Batch {
  const next = chance(11);
  return batchOf(
    [
      { name: 'id', type: 'integer' },
      { name: 'distance', type: 'float' },
      { name: 'city', type: 'string' },
      { name: 'means', type: 'string' },
      { name: 'stars', type: 'integer' },
      { name: 'price', type: 'float' },
      { name: 'weight', type: 'float' },
    ],
    Array.from({ length: rows }, (_, id) => {
      const distance = Math.round(next() * 900) / 10;
      const city = Math.floor(next() * 4);
      const score = distance / 30 + (city === 2 ? 0.8 : 0) + next();
      const means = score < 1.2 ? 'foot' : score < 2.4 ? 'bus' : 'train';
      const price = distance * 0.3 + (city === 1 ? 4.5 : 0) + next();
      const stars = 1 + Math.floor(next() * 2 + score);
      return [
        id,
        distance,
        `C${city}`,
        id % 97 === 5 ? null : means,
        stars,
        price,
        0.5 + Math.round(next() * 8) / 4,
      ];
    }),
  );
}

const tune = (more: object = {}): object => ({
  trials: 2,
  scheduler: { kind: 'asha', min: 4, max: 12, eta: 3 },
  space: { leaves: { low: 3, high: 12, integer: true } },
  ...more,
});

interface Played {
  readonly store: ObjectStore;
  readonly ports: Ports;
  readonly spec: string;
  readonly dataset: string;
  readonly study: Study;
  readonly outcomes: readonly Extract<Outcome, { kind: 'reported' }>[];
  readonly digest: string;
  readonly prediction: Prediction;
  readonly evaluation: Evaluation;
  /** What was written of the test side. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** The test side itself. */
  readonly tested: readonly Readonly<Record<string, unknown>>[];
}

/** All of a pipeline. */
async function play(change: Readonly<Record<string, unknown>>): Promise<Played> {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [fileOf('csv', trips(2400))] });
  const spec: Spec = specOf({ inputs: ['distance', 'city'], predict: { format: 'arrow' }, ...change });
  const digest = await putSpec(store, spec);
  const { dataset } = await splitAll(digest, ports);
  const id = await prepare(digest, dataset, ports);
  await runLane(id, ports);
  const { best } = (await concludeStudy({ study: id, execution }, ports)) as { best: { model: string } };
  const planned = await predictAll(digest, best.model, dataset, ports);
  const prediction = await readObject(store, keys.predictionManifest(planned.prediction), Prediction);
  const request = { spec: digest, candidate: planned.prediction, champion: null, championKnown: true };
  const { evaluation } = (await evaluate(request, ports)) as { evaluation: string };
  const manifest = await readObject(store, keys.datasetManifest(dataset), Dataset);
  const outcomes: Extract<Outcome, { kind: 'reported' }>[] = [];
  for await (const { key } of store.list(keys.events(id))) {
    const { outcome } = decodeJson((await store.get(key))!.body) as { outcome: Outcome };
    if (outcome.kind === 'reported') outcomes.push(outcome);
  }
  return {
    ...{ store, ports, spec: digest, dataset, outcomes, digest: best.model, prediction },
    study: await readStudy(store, id),
    evaluation: await readObject(store, keys.evaluation(evaluation), Evaluation),
    rows: await readAll(store, prediction.parts),
    tested: await readAll(store, manifest.partitions.test),
  };
}

async function readAll(store: ObjectStore, parts: Prediction['parts'] | Dataset['partitions']['test']) {
  const rows = [];
  for (const part of parts) {
    for (const batch of decodeArrow(await readPartition(store, part))) rows.push(...recordsOf(batch));
  }
  return rows;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a target of three classes', () => {
  let played: Played;
  const classes = ['bus', 'foot', 'train'];
  beforeAll(async () => {
    played = await play({ target: 'means', tune: tune({ metrics: ['accuracy', 'auc', 'f1_macro'] }) });
  });

  test('is searched by log loss, and its trials are told with the other metrics', () => {
    const { study, outcomes } = played;
    expect(study).toMatchObject({
      task: { kind: 'multiclass', classes },
      metric: 'log_loss',
      direction: 'minimize',
      metrics: ['log_loss', 'accuracy', 'auc', 'f1_macro'],
    });
    for (const { value, metrics } of outcomes) {
      expect(Object.keys(metrics)).toEqual(study.metrics);
      expect(metrics.log_loss).toBe(value);
    }
    const last = outcomes.reduce((best, each) => (each.value < best.value ? each : best));
    expect(last.metrics.accuracy).toBeGreaterThan(0.7);
    expect(last.metrics.auc).toBeGreaterThan(0.85);
  });

  test('is predicted with a probability a class, in columns of their names, and the most probable class', () => {
    const { rows, tested } = played;
    expect(rows).toHaveLength(tested.length);
    for (const row of rows) {
      const shares = classes.map((each) => Number(row[`probability_${each}`]));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      expect(row.label).toBe(classes[shares.indexOf(Math.max(...shares))]);
    }
  });

  test('is evaluated over the rows that have a class, as what was written says', () => {
    const { evaluation, rows, prediction } = played;
    const labelled = rows.filter(({ means }) => means !== null);
    expect(labelled.length).toBeLessThan(rows.length);
    expect(prediction.task).toEqual({ kind: 'multiclass', classes });
    expect(evaluation).toMatchObject({ metric: 'log_loss', direction: 'minimize' });
    const { metrics } = evaluation.candidate;
    expect(metrics.accuracy).toBeCloseTo(mean(labelled.map((row) => Number(row.label === row.means))), 12);
    const losses = labelled.map((row) => -Math.log(Number(row[`probability_${String(row.means)}`])));
    expect(metrics.log_loss).toBeCloseTo(mean(losses), 9);
    expect(Object.keys(metrics)).toContain('balanced_accuracy');
  });

  test('has a card that says so, with probabilities that are wide', async () => {
    const { store, digest } = played;
    const card = await readObject(store, keys.modelCard(digest), ModelCard);
    expect(card.task).toEqual({ kind: 'multiclass', classes });
    expect(card.expected[0]).toEqual({
      probability: [expect.any(Number), expect.any(Number), expect.any(Number)],
      label: expect.any(String),
    });
  });

  test('is compared with the classes that the model gave for the validation side', async () => {
    const { store, prediction, digest } = played;
    const profile = decodeJson((await store.get(keys.modelProfile(digest)))!.body) as {
      scores: { name: string; words: string[] }[];
    };
    expect(profile.scores.map(({ name, words }) => [name, words.toSorted()])).toEqual([['label', classes]]);
    expect(prediction.drift).toMatchObject({
      kind: 'compared',
      scores: [{ name: 'label', level: 'stable' }],
    });
  });

  test('is refused with a metric that does not fit, and told which do', async () => {
    const { ports, dataset } = played;
    const spec = (more: object) => putSpec(ports.store, specOf({ target: 'means', tune: tune(more) }));
    await expect(prepare(await spec({ metric: 'rmse' }), dataset, ports)).rejects.toThrow(
      'tune.metric: rmse does not fit: by column "means" what is predicted is multiclass; use auc, average_precision, log_loss',
    );
    await expect(prepare(await spec({ metrics: ['auc', 'f1'] }), dataset, ports)).rejects.toThrow(
      'tune.metrics: f1 does not fit',
    );
  });
});

describe('a target that is a quantity', () => {
  let played: Played;
  beforeAll(async () => {
    played = await play({
      target: 'price',
      columns: { weight: 'weight' },
      tune: tune({ metrics: ['r2', 'mae', 'quantile_loss_0.9'] }),
    });
  });

  test('is searched by the root mean squared error, weighted', () => {
    const { study, outcomes } = played;
    expect(study).toMatchObject({
      task: { kind: 'regression' },
      metric: 'rmse',
      weight: 'weight',
      direction: 'minimize',
    });
    const best = outcomes.reduce((least, each) => (each.value < least.value ? each : least));
    expect(Object.keys(best.metrics)).toEqual(['rmse', 'r2', 'mae', 'quantile_loss_0.9']);
    expect(best.metrics.r2).toBeGreaterThan(0.5);
  });

  test('is predicted as a number, and evaluated by what was written and what rows weigh', () => {
    const { rows, evaluation } = played;
    const of = (error: (difference: number) => number) => {
      const [sum, weight] = rows.reduce<readonly [number, number]>(
        ([sum, weight], row) => [
          sum + Number(row.weight) * error(Number(row.price) - Number(row.prediction)),
          weight + Number(row.weight),
        ],
        [0, 0],
      );
      return sum / weight;
    };
    const { metrics } = evaluation.candidate;
    expect(metrics.rmse).toBeCloseTo(Math.sqrt(of((difference) => difference ** 2)), 9);
    expect(metrics.mae).toBeCloseTo(of(Math.abs), 9);
    expect(metrics['quantile_loss_0.9']).toBeCloseTo(
      of((difference) => (difference > 0 ? 0.9 : -0.1) * difference),
      9,
    );
    expect(evaluation).toMatchObject({ metric: 'rmse', direction: 'minimize' });
  });

  test('is compared with how the model’s numbers were spread over the validation side', () => {
    const { prediction } = played;
    expect(prediction.drift).toMatchObject({
      kind: 'compared',
      scores: [{ name: 'prediction', level: 'stable' }],
    });
  });
});

test('a whole number of few values is classes, unless the target says that it is a quantity', async () => {
  const stars = await play({ target: 'stars', tune: tune({ metric: 'accuracy' }) });
  expect(stars.study.task).toEqual({ kind: 'multiclass', classes: [1, 2, 3, 4, 5, 6, 7] });
  expect(stars.rows[0]).toHaveProperty('probability_4');
  expect([1, 2, 3, 4, 5, 6, 7]).toContain(Number(stars.rows[0]!.label));
  const counted = await play({ target: { column: 'stars', task: 'regression' }, tune: tune() });
  expect(counted.study.task).toEqual({ kind: 'regression' });
  expect(counted.rows[0]).toHaveProperty('prediction');
});
