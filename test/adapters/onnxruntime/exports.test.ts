import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../../adapters/onnxruntime/load-model.ts';
import { Rows } from '../../../core/code/rows.ts';
import { bindInputs } from '../../../core/onnx/bind.ts';
import { chooseOutputs } from '../../../core/onnx/choose-outputs.ts';
import { cutTrees } from '../../../core/onnx/cut.ts';
import { parseModel } from '../../../core/onnx/model-proto.ts';
import { withOutputs } from '../../../core/onnx/output-columns.ts';
import { withoutZipMaps } from '../../../core/onnx/zip-maps.ts';
import { type Batch, type Field, type Frame, frameOf as withoutBytes } from '../../../core/tables/batch.ts';
import { recordsOf } from '../../../core/tables/records.ts';
import { batchOf, type Value } from '../../support/tables.ts';

/** Real exports, and what their own libraries predict: see `make_models.py` there. */
const folder = new URL('../../fixtures/models/', import.meta.url);
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.onnx') ? file.slice(0, -5) : []));

interface Fixture {
  readonly columns?: readonly Field[];
  readonly rows?: readonly Value[][];
  readonly shape?: readonly number[];
  readonly tensor?: readonly number[];
  readonly inputs?: Readonly<Record<string, readonly string[]>> | null;
  readonly expected: Readonly<Record<string, readonly (number | string)[]>>;
}

const fixture = (name: string): Fixture =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Fixture;
const bytesOf = (name: string): Uint8Array => readFileSync(new URL(`${name}.onnx`, folder));

function frameOf({ columns = [], rows = [], shape, tensor }: Fixture, times: number): Frame {
  if (!shape || !tensor) {
    const repeated = Array.from({ length: times }, () => rows).flat();
    return batchOf(columns, repeated);
  }
  const count = tensor.length / shape.reduce((product, side) => product * side);
  const pixels = { type: 'tensor', shape, values: Float32Array.from(tensor) } as const;
  return withoutBytes(new Rows({ rows: count, fields: [], columns: [] }).with({ pixels }).batch);
}

/** What is written of all outputs, as a record a row. */
async function predicted(name: string, times = 1, outputs?: Parameters<typeof chooseOutputs>[1]) {
  const told: string[] = [];
  const given = fixture(name);
  const model = await loadModel(bytesOf(name), { warn: (line) => told.push(line) });
  const frame = frameOf(given, times);
  const feeds = bindInputs(model.inputs, frame.fields, { named: given.inputs ?? undefined });
  const written = chooseOutputs(model.outputs, outputs);
  const wanted = [...new Set(written.map(({ output }) => output.name))];
  const values = await model.run(frame, wanted, feeds);
  await model.release();
  const nothing: Batch = { rows: frame.rows, fields: [], columns: [] };
  return { told, records: recordsOf(withOutputs(nothing, written, values) as Batch), given };
}

describe.each(names)('%s', (name) => {
  test('predicts what its library does', async () => {
    const { records, given, told } = await predicted(name);
    expect(told).toEqual([]);
    const columns = Object.keys(given.expected);
    expect(Object.keys(records[0]!).sort()).toEqual(columns.sort());
    let compared = 0;
    for (const [row, record] of records.entries())
      for (const column of columns) {
        const [ours, theirs] = [record[column]!, given.expected[column]![row]!];
        if (typeof theirs === 'string') expect(ours).toBe(theirs);
        else expect(Math.abs(Number(ours) - theirs), `${column} of row ${row}`).toBeLessThan(1e-6);
        compared++;
      }
    expect(compared).toBeGreaterThanOrEqual(8);
  });
});

const ofTrees = names.filter((name) => /boost|forest|lightgbm/.test(name));

test.each(ofTrees)('the trees of %s are not left to ONNX Runtime', (name) => {
  const cut = cutTrees(withoutZipMaps(parseModel(bytesOf(name))).model);
  expect(cut?.ensembles).toHaveLength(1);
});

test('the same rows give the same over many slices', async () => {
  const once = await predicted('lightgbm-binary');
  const often = await predicted('lightgbm-binary', 700);
  const { length } = once.records;
  expect(often.records).toHaveLength(700 * length);
  expect(often.records.every((record, row) => record.label === once.records[row % length]!.label)).toBe(true);
  expect(often.records.slice(-length)).toEqual(once.records);
});

describe('what is written', () => {
  test.each<[Parameters<typeof chooseOutputs>[1], string, string[]]>([
    ['probability', 'lightgbm-binary', ['probability']],
    [
      ['class', 'probability'],
      'lightgbm-multiclass',
      ['class', 'probability_0', 'probability_1', 'probability_2'],
    ],
    [{ output_probability: 'share' }, 'random-forest', ['share_Nice', 'share_Oslo', 'share_Rome']],
    [{ probability: 'late' }, 'logistic-zipmap', ['late']],
    ['label', 'logistic-tensor', ['label']],
    ['variable', 'random-forest-regressor', ['variable']],
  ])('%j of %s', async (outputs, name, columns) => {
    const { records } = await predicted(name, 1, outputs);
    expect(Object.keys(records[0]!)).toEqual(columns);
  });

  test('of two classes is the share of the second', async () => {
    const { records, given } = await predicted('xgboost-binary', 1, 'probability');
    const shares = records.map((record) => Number(record.probability));
    expect(
      shares.every((share, row) => Math.abs(share - Number(given.expected.probabilities_1![row])) < 1e-6),
    ).toBe(true);
  });

  test.each<[Parameters<typeof chooseOutputs>[1], string]>([
    ['probabilites', 'predict.outputs: the model has no output "probabilites"; did you mean probabilities?'],
    [['scores', 'label'], 'the model has no output "scores"'],
  ])('%j is refused', async (outputs, message) => {
    await expect(predicted('xgboost-binary', 1, outputs)).rejects.toThrow(message);
  });

  test('probability of a model that has none is refused with its outputs', async () => {
    await expect(predicted('random-forest-regressor', 1, 'probability')).rejects.toThrow(
      'the graph does not tell which output is the probability; name it (there are: variable), for instance { variable: probability }',
    );
  });
});
