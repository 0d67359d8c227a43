import { beforeAll, describe, expect, test } from 'vitest';
import { Conclusion } from '../../../core/contracts/conclusion.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { StudyRecord } from '../../../core/contracts/study.ts';
import { frontOf } from '../../../core/search/front.ts';
import { dominates, type Losses } from '../../../core/search/pareto.ts';
import { readHistory, readStudy } from '../../../core/search/study-folder.ts';
import { trialsOf } from '../../../core/search/trials.ts';
import { aggregate } from '../../../core/steps/aggregate.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { readAll, readObject } from '../../../core/steps/objects.ts';
import type { ObjectStore } from '../../../core/store.ts';
import { copyOf } from '../../support/crashing-store.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  askAs,
  execution,
  fileOf,
  flights,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
  trainOnce,
} from '../../support/step-world.ts';
import { asNodeTellsStacks, bringSource } from '../../support/user-code.ts';

asNodeTellsStacks();

let split: ObjectStore;
let dataset: string;
beforeAll(async () => {
  split = memoryStore();
  const ports = stepPorts(split, { flights: [fileOf('csv', flights(600))] });
  ({ dataset } = await splitAll(await putSpec(split, specOf()), ports));
});

async function studyOf(tune: object, source?: string) {
  const store = await copyOf(split);
  const trainable = source && (await bringSource(store, source));
  const ports = stepPorts(store, {});
  const base = {
    trials: 12,
    scheduler: { kind: 'asha', min: 2, max: 6, eta: 3 },
    space: {
      leaves: { low: 2, high: 16, integer: true },
      min_data: { low: 5, high: 60, integer: true },
      learning_rate: { low: 0.05, high: 0.5 },
    },
  };
  const spec = await putSpec(store, specOf({ tune: { ...base, ...(trainable && { trainable }), ...tune } }));
  return { store, ports, study: await prepare(spec, dataset, ports) };
}

describe('a study of two objectives', () => {
  test('has a front that no trial is better than, registers the best of it by the first, and MLflow knows all of it', async () => {
    const { store, ports, study } = await studyOf({ metric: ['auc', 'model_bytes'] });
    expect(await readObject(store, keys.studyRecord(study), StudyRecord)).toMatchObject({
      metric: 'auc',
      direction: 'maximize',
      also: [{ metric: 'model_bytes', direction: 'minimize' }],
      metrics: ['auc'],
    });
    await runLane(study, ports);
    const answer = await concludeStudy({ study, execution }, ports);
    const [conclusion] = await readAll(store, keys.conclusions(study), Conclusion);
    const front = conclusion!.front!;
    expect(answer).toMatchObject({ sampler: 'gp', front });

    const trials = trialsOf(await readStudy(store, study), await readHistory(store, study), true);
    const lossesOf = (number: number): Losses => {
      const { value, metrics, model } = trials[number]!.rungs.at(-1)!.outcome;
      // The cost is the size of the very file.
      expect(metrics.model_bytes).toBe(model!.size);
      return [-value, metrics.model_bytes!];
    };
    const all = trials.map(({ number }) => lossesOf(number));
    const isUnder = (own: Losses) => all.some((other) => dominates(other, own));
    expect(trials.filter(({ number }) => !isUnder(all[number]!)).map(({ number }) => number)).toEqual(
      front.map(({ trial }) => trial).toSorted((a, b) => a - b),
    );
    expect(front.length).toBeGreaterThan(1);
    for (const { values, model, trial } of front) {
      expect([-values.auc!, values.model_bytes]).toEqual(all[trial]);
      expect(await store.head(model!)).toBeDefined();
    }
    expect(conclusion!.best).toMatchObject({ trial: front[0]!.trial, value: front[0]!.values.auc });
    // More than the one that is best by auc goes on: a rung's front is promoted by both.
    expect(trials.some(({ rungs }) => rungs.length > 1)).toBe(true);

    const tracker = new FakeTracker();
    await aggregate({ kind: 'model', study }, { ...ports, tracker });
    const tagged = tracker.runs.filter(({ tags }) => tags['fanfare.front'] === 'true');
    expect(tagged.map(({ name }) => name).sort()).toEqual(front.map(({ trial }) => `trial-${trial}`).sort());
    const run = tagged.find(({ name }) => name === `trial-${front[0]!.trial}`)!;
    expect(run.metrics.map(({ key }) => key)).toEqual(expect.arrayContaining(['auc', 'model_bytes']));
    const parent = tracker.runs.find(({ tags }) => tags['fanfare.kind'] === 'study')!;
    expect(parent.params.objectives).toBe('maximize auc, minimize model_bytes');
  });

  test('chooses by what it is told to', async () => {
    const { store, ports, study } = await studyOf({
      metric: ['auc', 'model_bytes'],
      choose: { within: 1 },
      sampler: 'tpe',
    });
    await runLane(study, ports);
    await concludeStudy({ study, execution }, ports);
    const [conclusion] = await readAll(store, keys.conclusions(study), Conclusion);
    const sizes = conclusion!.front!.map(({ values }) => values.model_bytes!);
    // Every auc is within 1 of the best: the smallest model it is.
    expect(conclusion!.best.metrics.model_bytes).toBe(Math.min(...sizes));
    const known = await readStudy(store, study);
    expect(frontOf(known, trialsOf(known, await readHistory(store, study), true))).toHaveLength(sizes.length);
  });
});

const reporting = (metrics: string): string => `import { defineTrainable } from 'fanfare';
export default defineTrainable<{ leaves: number }>({
  async *train({ params, from, until }) {
    for (let step = from.resource + 1; step <= until; step++)
      yield { resource: step, value: params.leaves / step, checkpoint: () => new Uint8Array(1), metrics: ${metrics} };
  },
});
`;
const own = [
  { name: 'loss', mode: 'min' },
  { name: 'rows', mode: 'max' },
];

describe('a trainable with objectives of its own', () => {
  test('reports the first as its value and the others among its metrics', async () => {
    const { store, ports, study } = await studyOf(
      { metric: own, space: { leaves: { low: 2, high: 16, integer: true } } },
      reporting('{ rows: params.leaves }'),
    );
    await runLane(study, ports);
    await concludeStudy({ study, execution }, ports);
    const [conclusion] = await readAll(store, keys.conclusions(study), Conclusion);
    for (const { values } of conclusion!.front!) expect(Object.keys(values)).toEqual(['loss', 'rows']);
  });

  test.each([
    [
      own,
      '{ row: 3 }',
      'the trial has no rows, which the study goes by: its trainable is to report it among its metrics (reported: loss, row)',
    ],
    [
      [own[0], 'model_bytes'],
      '{}',
      'the trial has no model_bytes, which the study goes by: its trainable makes no model',
    ],
    [
      [own[0], 'auc'],
      '{}',
      'the trial has no auc, which the study goes by: its model makes no predictions of which it can be computed',
    ],
    [own, '{ rows: NaN }', /rows/],
  ])('that do not come fails its trials by their name: %j', async (metric, metrics, message) => {
    const { ports, study } = await studyOf({ metric, space: { leaves: 3 } }, reporting(metrics));
    const { claim } = await askAs(study, 0, ports);
    const { outcome } = await trainOnce(study, claim, ports).catch((error: Error) => ({
      outcome: { kind: 'failed', error: error.name, cause: error.message },
    }));
    expect(outcome).toMatchObject({ kind: 'failed', error: 'TrainableFailed' });
    expect((outcome as { cause: string }).cause).toMatch(message);
  });
});
