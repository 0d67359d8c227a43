import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../../../adapters/onnxruntime/load-model.ts';
import { openGraph } from '../../../../adapters/onnxruntime/open-graph.ts';
import type { Task } from '../../../../core/contracts/task.ts';
import type { Batch, Column } from '../../../../core/tables/batch.ts';
import { labelledBatches } from '../../../../core/training/labelled.ts';
import { mlp } from '../../../../core/training/mlp/mlp.ts';
import type { MlpRun } from '../../../../core/training/mlp/run.ts';
import { predictedInPython, python } from '../../../support/python-predictions.ts';
import { batchOf, memoryCache, mixedBatch, mixedInputs, mixedTable, tableOf } from '../tables.ts';

const never = (): boolean => false;

/** The mixed rows; what is predicted besides `late`: the place of `class` and a number of some size. */
function tablesOf() {
  const of = (batch: Batch, column: string): Batch => {
    const at = batch.fields.findIndex(({ name }) => name === column);
    const field = { name: 'y', type: batch.fields[at]!.type };
    return { ...batch, fields: [...batch.fields, field], columns: [...batch.columns, batch.columns[at]!] };
  };
  const sides = (column: string) => ({
    train: [of(mixedBatch(4000, 1), column)],
    validation: [of(mixedBatch(9000, 3), column)],
  });
  const classes: Task = { kind: 'multiclass', classes: ['coach', 'crew', 'first'] };
  const target = { kind: 'column', column: 'y' } as const;
  const without = (column: string) => mixedInputs.filter((name) => name !== column);
  return {
    binary: mixedTable(4000),
    multiclass: tableOf(sides('class'), mixedInputs, target, classes),
    regression: tableOf(sides('price'), without('price'), target, { kind: 'regression' }),
    'categories alone': tableOf(sides('class'), ['origin', 'class'], target, classes),
  };
}

const tables = tablesOf();

async function trained(table: (typeof tables)['binary'], epochs: number, params = {}): Promise<MlpRun> {
  const cache = memoryCache();
  await mlp.prepare(table, cache);
  const run = mlp.start(await mlp.load(cache, table, { openGraph }), mlp.params.parse(params), 3, undefined, {
    trial: 0,
    until: epochs,
    most: epochs,
  });
  if (epochs > 0) await run.advance(epochs, never);
  return run;
}

describe.each(Object.entries(tables))('the exported model of the task %s', (_name, table) => {
  const [output, size] =
    table.task.kind === 'regression' ? (['prediction', 87] as const) : (['probability', 1] as const);

  test.each([
    [0, {}],
    [3, {}],
    [3, { hidden_layer_sizes: '64,32,16', activation: 'gelu', batch_size: 64, dropout: 0.2 }],
  ])('gives what the trainer does in ONNX Runtime, after %i epochs with %j', async (epochs, params) => {
    const run = await trained(table, epochs, params);
    const { predictions, labels } = await run.validate();
    const model = await loadModel(run.toOnnx());
    let row = 0;
    let worst = 0;
    for await (const { batch } of labelledBatches(table, 'validation')) {
      // One row alone, a few, and the rest: what a row gets does not depend on those beside it.
      for (const part of [batch, rowsOf(batch, 0, 1), rowsOf(batch, 0, 13)]) {
        const values = (await model.run(part, [output]))[output] as Float32Array;
        const own = predictions.subarray(row, row + values.length);
        worst = values.reduce((most, value, at) => Math.max(most, apart(value, own[at]!, size)), worst);
      }
      row += (batch.rows * predictions.length) / labels.length;
    }
    await model.release();
    expect(row).toBe(predictions.length);
    expect(worst).toBeLessThan(1e-6);
  });

  test.skipIf(!existsSync(python))('passes the ONNX checker, and gives the same in Python', async () => {
    const run = await trained(table, 2);
    const { predictions } = await run.validate();
    for await (const { batch } of labelledBatches(table, 'validation')) {
      const values = (await predictedInPython(run.toOnnx(), batch, output)) as number[];
      expect(values).toHaveLength(predictions.length);
      const worst = values.reduce(
        (most, value, at) => Math.max(most, apart(value, predictions[at]!, size)),
        0,
      );
      expect(worst).toBeLessThan(1e-6);
    }
  });
});

/** Of a number, by its size: prices spread by 87. */
const apart = (a: number, b: number, size: number): number => Math.abs(a - b) / Math.max(size, Math.abs(b));

function rowsOf({ fields, columns }: Batch, start: number, end: number): Batch {
  const cut = (column: Column): Column => {
    const valid = column.valid?.subarray(start, end) ?? null;
    return column.type === 'string'
      ? { ...column, valid, codes: column.codes.subarray(start, end) }
      : ({ ...column, valid, values: column.values.subarray(start, end) } as Column);
  };
  return { rows: end - start, fields, columns: columns.map(cut) };
}

test('an unseen category, a missing value and an infinite one are predicted', async () => {
  const run = await trained(tables.binary, 1);
  const strange = batchOf(mixedBatch(1, 1).fields, [
    [null, null, 0, null, true, null, 'nowhere', 'nobody', null],
    [null, null, 0, null, true, null, null, '', null],
    [null, Infinity, 0, null, true, null, 'nowhere', 'nobody', null],
    [0, 1e30, 0, 3, true, null, 'A1', 'crew', null],
  ]);
  const model = await loadModel(run.toOnnx());
  const { probability, label } = await model.run(strange, ['probability', 'label']);
  await model.release();
  for (const value of probability as Float32Array) expect(value).toBeGreaterThanOrEqual(0);
  for (const value of probability as Float32Array) expect(value).toBeLessThanOrEqual(1);
  expect(probability![2]).toBe(probability![0]);
  expect([...(label as BigInt64Array)]).toEqual(
    [...(probability as Float32Array)].map((p) => (p > 0.5 ? 1n : 0n)),
  );
});
