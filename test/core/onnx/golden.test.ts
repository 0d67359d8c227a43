import { describe, expect, test } from 'vitest';
import { chooseGolden } from '../../../core/onnx/choose-golden.ts';
import { requireGolden } from '../../../core/onnx/golden.ts';
import type { Model, ModelPort } from '../../../core/onnx/model.ts';
import type { Field } from '../../../core/tables/batch.ts';
import { numbersOf } from '../../../core/tables/slice.ts';
import { card as example } from '../../support/tracking-examples.ts';
import { batchOf, type Cell } from '../training/tables.ts';

const fields: readonly Field[] = [
  { name: 'price', type: 'float' },
  { name: 'seats', type: 'integer' },
  { name: 'when', type: 'timestamp' },
  { name: 'origin', type: 'string' },
];

const inputs: readonly ModelPort[] = [
  { name: 'price', type: 'float32', shape: ['N'] },
  { name: 'seats', type: 'int64', shape: ['N'] },
  { name: 'when', type: 'int64', shape: ['N'] },
  { name: 'origin', type: 'string', shape: ['N'] },
];

const plain = (row: number): Cell[] => [row, 10, 1000, `A${row % 2}`];

/** Answers 1 to whatever it is given, or what else it is to answer. */
const taking = (of: readonly ModelPort[], answer = (_row: number) => 1): Model => ({
  inputs: of,
  outputs: [{ name: 'ones', type: 'float32', shape: ['N'], role: undefined, labels: undefined }],
  run: async ({ rows }) => ({ ones: Float32Array.from({ length: rows }, (_, row) => answer(row)) }),
  release: async () => {},
});

describe('the golden rows', () => {
  test('are the first ones, the ends of each column, its missing values, and a text that nobody has', async () => {
    const rows = Array.from({ length: 200 }, (_, row) => plain(row + 1));
    rows[50] = [-7, 10, 1000, 'A0'];
    rows[60] = [null, 10, 1000, 'A0'];
    rows[70] = [5, 99, 1000, 'A0'];
    rows[80] = [5, 10, null, 'A0'];
    rows[90] = [5, 10, 1000, null];
    rows[199] = [900, 10, 1000, 'A0'];
    const batches = [batchOf(fields, rows.slice(0, 100)), batchOf(fields, rows.slice(100))];
    const { fields: of, example: records, expected } = await chooseGolden(batches, taking(inputs));
    expect(of).toEqual(fields);
    const record = ([price, seats, when, origin]: Cell[]) => ({ price, seats, when, origin });
    const wanted = [0, 1, 2, 3, 4, 50, 60, 70, 80, 90, 199].map((row) => record(rows[row]!));
    for (const each of wanted) expect(records).toContainEqual(each);
    expect(records).toContainEqual({ ...record(rows[0]!), origin: '(never seen)' });
    expect(expected.map(({ ones }) => ones)).toEqual(records.map(() => 1));
    // Nothing but missing values is no row for a model that takes no missing integer.
    expect(records).toHaveLength(wanted.length + 1);
  });

  test('have one of missing values alone where the model takes it', async () => {
    const few = batchOf([fields[0]!, fields[3]!], [[1, 'a']]);
    const { example: records } = await chooseGolden([few], taking([inputs[0]!, inputs[3]!]));
    expect(records).toEqual([
      { price: 1, origin: 'a' },
      { price: 1, origin: '(never seen)' },
      { price: null, origin: null },
    ]);
  });

  test('are none that the model has no number for', async () => {
    const rows = batchOf([fields[0]!], [[1], [2], [3]]);
    const { example: records, expected } = await chooseGolden(
      [rows],
      taking([inputs[0]!], (row) => (row === 1 ? Number.NaN : row)),
    );
    expect(records.slice(0, 2)).toEqual([{ price: 1 }, { price: 3 }]);
    expect(expected.slice(0, 2)).toEqual([{ ones: 0 }, { ones: 2 }]);
  });

  test('are no more than fifty of a wide table', async () => {
    const wide = Array.from({ length: 200 }, (_, at): Field => ({ name: `c${at}`, type: 'float' }));
    const rows = Array.from({ length: 300 }, (_, row) =>
      wide.map((_, at) => (row === at ? 9 : 1 / (1 + row))),
    );
    const ports = wide.map(({ name }): ModelPort => ({ name, type: 'float32', shape: ['N'] }));
    const { example: records } = await chooseGolden([batchOf(wide, rows)], taking(ports));
    expect(records.length).toBeGreaterThan(5);
    expect(records.length).toBeLessThanOrEqual(50);
  });
});

/** Half of the price; `shift` is added to that of row 1. */
const model = (shift: number): Model => ({
  inputs: inputs.slice(0, 1),
  outputs: [],
  run: async (batch, names) => {
    expect(names).toEqual(['probability']);
    const halves = Float32Array.from(numbersOf(batch.columns[0] as never), (price) => price / 2);
    halves[1]! += shift;
    return { probability: halves };
  },
  release: async () => {},
});

describe('a model that is loaded', () => {
  const card = {
    ...example,
    fields: fields.slice(0, 1),
    example: [{ price: 0.5 }, { price: 1 }],
    expected: [
      { probability: 0.25, label: 0 },
      { probability: 0.5, label: 0 },
    ],
  };

  test('goes on where it says what it said when it was made, to a hundred-thousandth', async () => {
    await requireGolden(model(0), card);
    await requireGolden(model(0.9e-5), card);
  });

  test('is refused where it does not, with the row, the output, and both values', async () => {
    await expect(requireGolden(model(2e-5), card)).rejects.toMatchObject({
      name: 'BadModel',
      message: expect.stringMatching(
        /row 1 of its golden rows .*output "probability": expected 0\.5, got 0\.5000\d+ \(allowed: 0\.00001 apart\)/,
      ),
    });
  });

  test('is asked nothing where its card has no golden rows', async () => {
    await requireGolden(model(1), { ...card, fields: [] });
  });
});
