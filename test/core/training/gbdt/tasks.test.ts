import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../../../adapters/onnxruntime/load-model.ts';
import type { Scalar } from '../../../../core/contracts/names.ts';
import type { Task } from '../../../../core/contracts/task.ts';
import { gbdt } from '../../../../core/training/gbdt/gbdt.ts';
import { labelledBatches } from '../../../../core/training/labelled.ts';
import type { TrainingTable } from '../../../../core/training/trainable.ts';
import { predictedInPython, python } from '../../../support/python-predictions.ts';
import { type Cell, memoryCache, taskTable } from '../tables.ts';

const grades: Task = { kind: 'multiclass', classes: ['fair', 'good', 'poor'] };
const gradeOf = (score: number) => (score < 1.5 ? 'poor' : score < 3.5 ? 'fair' : 'good');
const stars: Task = { kind: 'multiclass', classes: [1, 2, 4, 5] };
const starsOf = (score: number) => [1, 2, 4, 5][Math.min(3, Math.max(0, Math.floor(score)))]!;
const quantity: Task = { kind: 'regression' };
const random = {
  bagging_fraction: 0.7,
  bagging_freq: 2,
  feature_fraction: 0.6,
  feature_fraction_bynode: 0.7,
};

const cases: readonly [string, Task, (score: number) => Cell, Record<string, Scalar>, 'w'?][] = [
  ['classes of words', grades, gradeOf, {}],
  ['classes of words, weighted and drawn', grades, gradeOf, { ...random, class_weight: 'balanced' }, 'w'],
  ['classes of numbers', stars, starsOf, {}],
  ['squared', quantity, (score) => score * 3, random],
  ['absolute', quantity, (score) => score * 3, { objective: 'absolute' }],
  ['absolute, weighted and drawn', quantity, (score) => score * 3, { objective: 'absolute', ...random }, 'w'],
  ['quantile', quantity, (score) => score * 3, { objective: 'quantile', alpha: 0.3 }],
  ['poisson', quantity, (score) => Math.max(0, Math.round(score)), { objective: 'poisson', ...random }],
  ['rising with the price', quantity, (score) => score, { monotone_constraints: 'price: 1' }],
];

const bins = async (table: TrainingTable) => {
  const cache = memoryCache();
  await gbdt.prepare(table, cache);
  return gbdt.load(cache);
};

const paramsOf = (given: Record<string, Scalar>) =>
  gbdt.params.parse({ min_data: 5, leaves: 15, learning_rate: 0.2, ...given });

async function trained([, task, targetOf, params, weight]: (typeof cases)[number], rounds: number) {
  const table = taskTable(task, targetOf, weight);
  const run = gbdt.start(await bins(table), paramsOf(params), 3);
  run.advance(rounds, () => false);
  return { table, run };
}

/** How far apart, relative to a number above 1. */
const furthest = (a: ArrayLike<number>, b: Float32Array): number =>
  b.reduce((most, x, at) => Math.max(most, Math.abs(x - a[at]!) / Math.max(1, Math.abs(x))), 0);

async function onlyBatch(table: TrainingTable) {
  for await (const { batch } of labelledBatches(table, 'validation')) return batch;
  throw new Error('no rows');
}

describe('each task and objective', () => {
  test.each(cases)('%s: the file gives what the trainer says, by the trees in WASM', async (...one) => {
    const { table, run } = await trained(one, 25);
    const { predictions } = run.validate();
    const warn = (line: string) => expect.unreachable(line);
    const model = await loadModel(run.toOnnx(), { warn });
    const output = one[1].kind === 'regression' ? 'prediction' : 'probability';
    const outputs = await model.run(
      await onlyBatch(table),
      model.outputs.map(({ name }) => name),
    );
    await model.release();
    expect(outputs[output]).toHaveLength(predictions.length);
    expect(furthest(outputs[output] as Float32Array, predictions)).toBeLessThan(1e-6);
    if (one[1].kind !== 'multiclass') return;
    const { classes } = one[1];
    const winners = Array.from({ length: predictions.length / classes.length }, (_, row) => {
      const own = [...predictions.subarray(row * classes.length, (row + 1) * classes.length)];
      return classes[own.indexOf(Math.max(...own))];
    });
    expect(
      Array.from(outputs.label as unknown[], (label) => (typeof label === 'bigint' ? Number(label) : label)),
    ).toEqual(winners);
  });

  test.each(cases)('%s: resumes bit for bit, round by round', async (...one) => {
    const { run: straight, table } = await trained(one, 5);
    const prepared = await bins(table);
    let checkpoint: Uint8Array | undefined;
    for (let round = 1; round <= 5; round++) {
      const run = gbdt.start(prepared, paramsOf(one[3]), 3, checkpoint);
      run.advance(round, () => false);
      checkpoint = run.checkpoint();
    }
    const resumed = gbdt.start(await bins(table), paramsOf(one[3]), 3, checkpoint);
    expect(checkpoint).toEqual(straight.checkpoint());
    expect(resumed.toOnnx()).toEqual(straight.toOnnx());
    expect(resumed.validate()).toEqual(straight.validate());
  });

  test.each(cases)(
    '%s: ends early by the loss that it minimises',
    async (_, task, targetOf, params, weight) => {
      const prepared = await bins(taskTable(task, targetOf, weight));
      const greedy = { ...params, leaves: 63, min_data: 1, learning_rate: 0.9 };
      const run = gbdt.start(prepared, paramsOf({ ...greedy, early_stopping_rounds: 2 }), 3);
      run.advance(200, () => false);
      expect(run.ended).toBe(true);
      const all = gbdt.start(prepared, paramsOf(greedy), 3);
      all.advance(run.resource, () => false);
      expect(run.validate()).toEqual(all.validate());
    },
  );

  test.skipIf(!existsSync(python)).each(cases)(
    '%s: the file is valid, and gives the same in Python',
    { timeout: 60_000 },
    async (...one) => {
      const { table, run } = await trained(one, 25);
      const { predictions } = run.validate();
      const output = one[1].kind === 'regression' ? 'prediction' : 'probability';
      const given = await predictedInPython(run.toOnnx(), await onlyBatch(table), output);
      expect(given).toHaveLength(predictions.length);
      expect(furthest(given.map(Number), predictions)).toBeLessThan(1e-6);
    },
  );
});
