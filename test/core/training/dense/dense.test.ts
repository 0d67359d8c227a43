import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../../../adapters/onnxruntime/load-model.ts';
import { GraphBuilder, int } from '../../../../core/onnx/graph.ts';
import { producer } from '../../../../core/onnx/producer.ts';
import type { Batch, Field } from '../../../../core/tables/batch.ts';
import { selectColumns, sliceRows } from '../../../../core/tables/slice.ts';
import { encodeDense } from '../../../../core/training/dense/encode.ts';
import { addDense } from '../../../../core/training/dense/graph.ts';
import { codeNames, codesOf, type DensePlan, planDense } from '../../../../core/training/dense/plan.ts';
import {
  type DenseStatistics,
  mergeStatistics,
  noStatistics,
  statisticsOf,
} from '../../../../core/training/dense/statistics.ts';
import { planFeatures } from '../../../../core/training/features.ts';
import { batchOf, type Cell, chance, mixedBatch, mixedInputs } from '../tables.ts';

/** What is learned of the batches, merged in their order. */
function learned(batches: readonly Batch[]): DenseStatistics {
  const { features } = planFeatures(
    batches[0]!.fields,
    batches[0]!.fields.map(({ name }) => name),
  );
  return batches
    .map((batch) => statisticsOf(batch, features))
    .reduce((sum, each) => mergeStatistics(sum, each, features), noStatistics(features));
}

function planOf(batches: readonly Batch[], mostWords = 256): DensePlan {
  const { inputs, features } = planFeatures(
    batches[0]!.fields,
    batches[0]!.fields.map(({ name }) => name),
  );
  const statistics = learned(batches);
  return planDense(statistics, inputs, features, { mostWords, missing: new Set(statistics.missing) });
}

const column = (name: string, type: Field['type'], cells: readonly Cell[]): Batch =>
  batchOf(
    [{ name, type }],
    cells.map((cell) => [cell]),
  );

/** The columns of numbers that a plan of the cells makes of them. */
function numbersOf(type: Field['type'], cells: readonly Cell[]): Record<string, number[]> {
  const batch = column('x', type, cells);
  const plan = planOf([batch]);
  const { numbers } = encodeDense(plan, batch);
  return Object.fromEntries(plan.numbers.map(({ name }, at) => [name, [...numbers[at]!]]));
}

describe('a number', () => {
  test('is standardised by the deviation of the whole; what is missing or infinite is its mean, and told', () => {
    // Of 1, 3, 5, 7 the mean is 4, the variance 5.
    const root = Math.sqrt(5);
    const { x, 'x is missing': missing } = numbersOf('float', [1, null, 3, 5, Infinity, 7]);
    expect(missing).toEqual([0, 1, 0, 0, 1, 0]);
    const expected = [-3 / root, 0, -1 / root, 1 / root, 0, 3 / root];
    for (const [row, value] of expected.entries()) expect(x![row]).toBeCloseTo(value, 15);
  });

  test('of one value in all rows is left out; whether it is missing is still told', () => {
    expect(numbersOf('float', [2.5, 2.5, 2.5])).toEqual({});
    expect(numbersOf('integer', [4, null, 4])).toEqual({ 'x is missing': [0, 1, 0] });
  });

  test('that is missing in all rows is left out', () => {
    expect(numbersOf('float', [null, null, NaN])).toEqual({});
    expect(numbersOf('float', [Infinity, -Infinity, null])).toEqual({});
  });

  test('whose spread no double holds is left out', () => {
    expect(numbersOf('float', [1e300, -1e300])).toEqual({});
    expect(numbersOf('float', [0, 5e-324])).toEqual({});
  });

  test('far from zero keeps its digits', () => {
    const { x } = numbersOf('integer', [1_000_000_000_000, 1_000_000_000_002]);
    expect(x).toEqual([-1, 1]);
  });
});

test('a boolean is 0 or 1, and its share of true where it is missing', () => {
  expect(numbersOf('boolean', [true, false, null, true, true])).toEqual({
    x: [1, 0, 0.75, 1, 1],
    'x is missing': [0, 0, 1, 0, 0],
  });
});

test('a time is waves of its parts: December is next to January', () => {
  const time = (month: number) => Date.UTC(2024, month - 1, 15, 12);
  const all = numbersOf('timestamp', [time(12), time(1), time(7), null]);
  expect(Object.keys(all)).toEqual([
    'x month sin',
    'x month cos',
    'x is missing',
    'x weekday sin',
    'x weekday cos',
  ]);
  const [sin, cos] = [all['x month sin']!, all['x month cos']!];
  const apart = (a: number, b: number) => Math.hypot(sin[a]! - sin[b]!, cos[a]! - cos[b]!);
  expect(apart(0, 1)).toBeLessThan(apart(1, 2));
  expect([sin[3], cos[3]]).toEqual([0, 0]);
  expect(all['x is missing']).toEqual([0, 0, 0, 1]);
});

describe('a category', () => {
  const words = ['b', 'a', 'c', 'a', 'b', 'a', 'd'];
  const codes = (plan: DensePlan, cells: readonly Cell[]) => [
    ...encodeDense(plan, column('x', 'string', cells)).codes[0]!,
  ];

  test('has a code by its frequency, equal ones by their code units; one that was never seen is none of them', () => {
    const plan = planOf([column('x', 'string', words)]);
    expect(codeNames(plan.categories[0]!)).toEqual(['x = a', 'x = b', 'x = c', 'x = d']);
    expect(codes(plan, ['a', 'd', 'never', null, ''])).toEqual([1, 4, 0, 0, 0]);
  });

  test('shares a code if it is rare, as one that was never seen does then, and the missing have their own', () => {
    const plan = planOf([column('x', 'string', [...words, null])], 2);
    expect(codeNames(plan.categories[0]!)).toEqual(['x = a', 'x = b', 'x is rare', 'x is missing']);
    expect(codes(plan, ['a', 'b', 'c', 'never', null, ''])).toEqual([1, 2, 3, 3, 4, 4]);
  });

  test('of one text in all rows is left out', () => {
    expect(planOf([column('x', 'string', ['a', 'a'])]).categories).toEqual([]);
    expect(planOf([column('x', 'string', [null, null])]).categories).toEqual([]);
  });

  test('of too many texts is refused', () => {
    const many = (from: number) =>
      column(
        'x',
        'string',
        Array.from({ length: 1000 }, (_, k) => `w${from + k}`),
      );
    const features = [{ kind: 'category', column: 'x' }] as const;
    const half = {
      rows: 262_000,
      missing: [],
      features: [
        { kind: 'category', counts: Array.from({ length: 262_000 }, (_, k) => [`w${k}`, 1] as const) },
      ],
    } as const;
    expect(mergeStatistics(half, statisticsOf(many(0), features), features).features[0]!.kind).toBe(
      'category',
    );
    expect(() => mergeStatistics(half, statisticsOf(many(262_000), features), features)).toThrow(
      'inputs: column "x" has more than 262144 different texts; leave it out of the inputs',
    );
  });
});

test('statistics of parts merge into those of the whole, wherever it is cut', () => {
  const whole = selectColumns(mixedBatch(300, 5), mixedInputs);
  const once = planOf([whole]);
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 6 }), (cuts) => {
      const ends = [0, ...cuts.toSorted((a, b) => a - b), 300];
      const parts = ends.slice(1).map((end, at) => sliceRows(whole, ends[at]!, end));
      expect(planOf(parts)).toEqual(once);
    }),
    { numRuns: 40 },
  );
});

describe('the exported graph', () => {
  async function graphOf(plan: DensePlan, batch: Batch) {
    const graph = new GraphBuilder();
    const { numbers, codes } = addDense(graph, plan);
    for (const at of plan.numbers.keys()) {
      const place = graph.integer(at);
      graph.output(`number ${at}`, 'double', graph.node('Gather', [numbers!, place], { axis: int(1) }));
    }
    for (const [at, name] of codes.entries()) graph.output(`code ${at}`, 'int64', name);
    const model = await loadModel(graph.finish(producer, new Map()));
    const values = await model.run(
      batch,
      model.outputs.map(({ name }) => name),
    );
    await model.release();
    return values;
  }

  test.each([256, 20])('gives the very numbers and codes, with %i words a category', async (mostWords) => {
    const train = selectColumns(mixedBatch(3000, 1), mixedInputs);
    const plan = planOf([train], mostWords);
    const other = selectColumns(mixedBatch(2000, 7), mixedInputs);
    const { numbers, codes } = encodeDense(plan, other);
    const values = await graphOf(plan, other);
    // Two waves of three parts; price, seats, stops, direct, late before; four of them may be missing.
    expect(numbers).toHaveLength(6 + 5 + 4);
    for (const [at, column] of numbers.entries())
      expect(values[`number ${at}`], plan.numbers[at]!.name).toEqual(column);
    for (const [at, column] of codes.entries())
      expect([...(values[`code ${at}`] as BigInt64Array)].map(Number)).toEqual([...column]);
    const { categories } = plan;
    expect(categories.map(codesOf)).toEqual([
      mostWords === 20 ? 22 : Math.min(258, codesOf(categories[0]!)),
      3,
    ]);
    expect(Math.max(...codes[0]!)).toBe(codesOf(categories[0]!));
  });

  test('takes infinite numbers, texts that were never seen, and a table without a number', async () => {
    const fields = [
      { name: 'x', type: 'float' },
      { name: 'c', type: 'string' },
    ] as const;
    const next = chance(3);
    const train = batchOf(
      fields,
      Array.from({ length: 50 }, (_, k): Cell[] => [next(), `w${k % 3}`]),
    );
    const strange = batchOf(fields, [
      [Infinity, 'never'],
      [-Infinity, 'w1'],
      [null, null],
    ]);
    const values = await graphOf(planOf([train]), strange);
    expect([...(values['number 0'] as Float64Array)]).toEqual([0, 0, 0]);
    expect([...(values['code 0'] as BigInt64Array)]).toEqual([0n, 2n, 0n]);
    const words = selectColumns(train, ['c']);
    const alone = await graphOf(planOf([words]), selectColumns(strange, ['c']));
    expect(Object.keys(alone)).toEqual(['code 0']);
  });
});
