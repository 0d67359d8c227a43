import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../../../adapters/onnxruntime/load-model.ts';
import { selectColumns } from '../../../../core/tables/slice.ts';
import { linear } from '../../../../core/training/linear/linear.ts';
import type { LinearRun } from '../../../../core/training/linear/run.ts';
import type { Predicted, TrainingTable } from '../../../../core/training/trainable.ts';
import { predictedInPython, python } from '../../../support/python-predictions.ts';
import { batchOf, memoryCache, mixedTable, tableOf } from '../tables.ts';
import { linearBatch, linearInputs, linearTable } from './tables.ts';

async function trained(table: TrainingTable, rounds = 20): Promise<LinearRun> {
  const cache = memoryCache();
  await linear.prepare(table, cache);
  const run = linear.start(await linear.load(cache, table), linear.params.parse({}), 0);
  await run.advance(rounds, () => false);
  return run;
}

/** Of quantities in units of the largest. */
function largest(found: ArrayLike<number>, { predictions }: Predicted): number {
  expect(found).toHaveLength(predictions.length);
  const scale = Math.max(1, ...predictions.map(Math.abs));
  return predictions.reduce((most, value, at) => Math.max(most, Math.abs(value - found[at]!)), 0) / scale;
}

const outputs = { binary: 'probability', multiclass: 'probability', regression: 'prediction' } as const;
const kinds = ['binary', 'multiclass', 'regression'] as const;
const rows = selectColumns(linearBatch(1000, 2), linearInputs);

describe.each(kinds)('the exported model of a %s', (kind) => {
  test('predicts in ONNX Runtime what the trainer does', async () => {
    const run = await trained(linearTable(kind));
    const model = await loadModel(run.toOnnx());
    const values = await model.run(rows, [outputs[kind]]);
    await model.release();
    expect(largest(values[outputs[kind]] as Float32Array, run.validate())).toBeLessThan(1e-6);
  });

  test.skipIf(!existsSync(python))('passes the ONNX checker, and predicts the same in Python', async () => {
    const run = await trained(linearTable(kind));
    const found = await predictedInPython(run.toOnnx(), rows, outputs[kind]);
    expect(largest(found.map(Number), run.validate())).toBeLessThan(1e-6);
  });
});

test('takes columns of every type, with missing values, as they are', async () => {
  const table = mixedTable();
  const run = await trained(table);
  const model = await loadModel(run.toOnnx());
  const probabilities: number[] = [];
  for await (const batch of table.batches('validation')) {
    const { probability } = await model.run(selectColumns(batch, table.inputs), ['probability']);
    const labels = batch.columns.at(-1)!;
    probabilities.push(...(probability as Float32Array).filter((_, row) => labels.valid?.[row] !== 0));
  }
  await model.release();
  expect(largest(probabilities, run.validate())).toBeLessThan(1e-6);
});

test('of columns that tell nothing gives the mean, or the share', async () => {
  const fields = [
    { name: 'x', type: 'float' },
    { name: 'y', type: 'float' },
  ] as const;
  const batch = batchOf(
    fields,
    [0, 1, 1, 2].map((y) => [5, y]),
  );
  const sides = { train: [batch], validation: [batch] };
  for (const [task, output, expected] of [
    [{ kind: 'regression' }, 'prediction', [1, 1, 1, 1]],
    [{ kind: 'multiclass', classes: [0, 1, 2] }, 'probability', Array(4).fill([0.25, 0.5, 0.25]).flat()],
  ] as const) {
    const run = await trained(
      tableOf(sides, ['x'], { kind: 'column', column: 'y' }, task as TrainingTable['task']),
    );
    const model = await loadModel(run.toOnnx());
    const values = (await model.run(batch, [output]))[output] as Float32Array;
    await model.release();
    expect(values).toHaveLength(expected.length);
    for (const [at, value] of expected.entries()) expect(values[at]).toBeCloseTo(value, 6);
  }
});
