import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../../../adapters/onnxruntime/load-model.ts';
import { producer } from '../../../../core/onnx/producer.ts';
import type { Batch } from '../../../../core/tables/batch.ts';
import { datePart } from '../../../../core/training/date-parts.ts';
import type { Arena } from '../../../../core/training/gbdt/arena.ts';
import { gbdt } from '../../../../core/training/gbdt/gbdt.ts';
import type { GbdtRun } from '../../../../core/training/gbdt/run.ts';
import { batchOf, type Cell, memoryCache, mixedBatch, mixedInputs, mixedTable, tableOf } from '../tables.ts';

const never = (): boolean => false;
const largest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

async function predicted(onnx: Uint8Array, batch: Batch) {
  const model = await loadModel(onnx);
  const { probability, label } = await model.run(batch, ['probability', 'label']);
  await model.release();
  return { probability: probability as Float32Array, label: label as BigInt64Array };
}

/** The rows whose last column, the target, is there. */
function labelled(batch: Batch): Batch {
  const target = batch.columns.at(-1);
  const kept = [...Array(batch.rows).keys()].filter((row) => target?.valid?.[row] !== 0);
  const rows = kept.map((row) => batch.columns.map((column) => cellOf(column, row)));
  return batchOf(batch.fields, rows);
}

function cellOf(column: Batch['columns'][number], row: number): Cell {
  if (column.valid?.[row] === 0) return null;
  return column.type === 'string'
    ? (column.dictionary[column.codes[row]!] ?? null)
    : Number(column.values[row]);
}

describe('the exported model', () => {
  let arena: Arena;
  const rows = labelled(mixedBatch(2500, 3));
  beforeAll(async () => {
    const cache = memoryCache();
    await gbdt.prepare(mixedTable(), cache);
    arena = await gbdt.load(cache);
  });

  const trained = (rounds: number, params: Record<string, number> = {}): GbdtRun => {
    const run = gbdt.start(
      arena,
      gbdt.params.parse({ min_data: 5, leaves: 31, learning_rate: 0.3, ...params }),
      3,
    );
    if (rounds > 0) run.advance(rounds, never);
    return run;
  };

  test.each([
    [1, {}],
    [40, {}],
    [150, { leaves: 7, feature_fraction: 0.4, bagging_fraction: 0.6 }],
  ])('predicts in ONNX Runtime what the trainer does, after %i rounds', async (rounds, params) => {
    const run = trained(rounds, params);
    const { predictions: scores } = run.validate();
    const { probability, label } = await predicted(run.toOnnx(), rows);
    expect(probability).toHaveLength(scores.length);
    expect(largest(probability, scores)).toBeLessThan(1e-6);
    expect([...label]).toEqual([...probability].map((p) => (p > 0.5 ? 1n : 0n)));
  });

  test('without a single round predicts the share of the positive rows', async () => {
    const { probability } = await predicted(trained(0).toOnnx(), rows);
    const { classes, rows: count } = arena.manifest.train;
    expect(probability[0]).toBeCloseTo(classes[1]! / count, 6);
    expect(new Set(probability).size).toBe(1);
  });

  test('sends unseen categories and missing values where training sent them', async () => {
    const run = trained(20);
    const strange = batchOf(rows.fields, [
      [null, null, 0, null, true, null, 'nowhere', 'nobody', null],
      [null, null, 0, null, true, null, null, '', null],
      [null, null, 0, null, true, null, '', null, null],
    ]);
    const { probability } = await predicted(run.toOnnx(), strange);
    expect(new Set(probability).size).toBe(1);
  });

  test('names its inputs after the columns, with the type that each needs', async () => {
    const model = await loadModel(trained(1).toOnnx());
    expect(model.inputs.map(({ name, type }) => [name, type])).toEqual([
      ['when', 'int64'],
      ['price', 'float64'],
      ['seats', 'int64'],
      ['stops', 'float64'],
      ['direct', 'bool'],
      ['late before', 'float32'],
      ['origin', 'string'],
      ['class', 'string'],
    ]);
    expect(model.outputs).toEqual([
      { name: 'probability', type: 'float32', shape: ['rows'], role: 'probability', labels: ['0', '1'] },
      { name: 'label', type: 'int64', shape: ['rows'], role: 'class', labels: undefined },
    ]);
    await model.release();
  });

  const python = join(process.cwd(), '.venv/bin/python');

  test.skipIf(!existsSync(python))('passes the ONNX checker, and predicts the same in Python', async () => {
    const run = trained(40);
    const folder = await mkdtemp(join(tmpdir(), 'fanfare-export-'));
    const feeds = Object.fromEntries(
      mixedInputs.map((name, at) => [
        name,
        [...Array(rows.rows).keys()].map((row) => cellOf(rows.columns[at]!, row)),
      ]),
    );
    await writeFile(join(folder, 'model.onnx'), run.toOnnx());
    await writeFile(join(folder, 'feeds.json'), JSON.stringify(feeds));
    await promisify(execFile)(python, ['-c', checkInPython, folder]);
    const report: unknown = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
    const { probability, metadata } = report as { probability: number[]; metadata: Record<string, string> };
    expect(largest(run.validate().predictions, Float32Array.from(probability))).toBeLessThan(1e-6);
    expect(metadata).toMatchObject({ 'fanfare.version': producer.version, 'fanfare.classes': '[0,1]' });
  });

  test('carries the version of the package', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(producer.version).toBe(version);
  });
});

const checkInPython = `
import json, sys, numpy as np, onnx, onnxruntime as ort
folder = sys.argv[1]
onnx.checker.check_model(onnx.load(folder + '/model.onnx'), full_check=True)
session = ort.InferenceSession(folder + '/model.onnx')
types = {'tensor(int64)': 'i8', 'tensor(double)': 'f8', 'tensor(float)': 'f4', 'tensor(bool)': '?', 'tensor(string)': object}
missing = {'tensor(int64)': -2**63, 'tensor(string)': ''}
feeds = json.load(open(folder + '/feeds.json'))
given = {i.name: np.array([missing.get(i.type, float('nan')) if v is None else v for v in feeds[i.name]], dtype=types[i.type])
         for i in session.get_inputs()}
probability = session.run(['probability'], given)[0]
json.dump({'probability': probability.tolist(), 'metadata': session.get_modelmeta().custom_metadata_map},
          open(folder + '/report.json', 'w'))
`;

test('the date parts of the graph are those of training, from 1900 to 2100', async () => {
  // With one leaf a value of the part, a model of the part alone tells all values apart.
  const day = 86_400_000;
  const times = Array.from({ length: 4000 }, (_, k) => Date.UTC(1900, 0, 1) + k * 18.3 * day + k * 977_777);
  const fields = [
    { name: 'when', type: 'timestamp' },
    { name: 'y', type: 'boolean' },
  ] as const;
  const months = datePart('month', Float64Array.from(times));
  const batch = batchOf(
    fields,
    times.map((time, row): Cell[] => [time, months[row]! % 2 === 1]),
  );
  const cache = memoryCache();
  await gbdt.prepare(
    tableOf({ train: [batch], validation: [batch] }, ['when'], { kind: 'column', column: 'y' }),
    cache,
  );
  const run = gbdt.start(await gbdt.load(cache), gbdt.params.parse({ leaves: 64, min_data: 1 }), 1);
  run.advance(5, never);
  const { probability } = await predicted(run.toOnnx(), batch);
  expect(largest(probability, run.validate().predictions)).toBeLessThan(1e-6);
  expect([...probability].map((p) => p > 0.5)).toEqual([...months].map((month) => month % 2 === 1));
});
