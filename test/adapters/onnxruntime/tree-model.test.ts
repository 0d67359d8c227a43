import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../../adapters/onnxruntime/load-model.ts';
import { openTreeModel } from '../../../adapters/onnxruntime/tree-model.ts';
import { type Cut, cutTrees } from '../../../core/onnx/cut.ts';
import { GraphBuilder, int } from '../../../core/onnx/graph.ts';
import { parseModel } from '../../../core/onnx/model-proto.ts';
import { batchOf } from '../../core/training/tables.ts';
import { depthOf, ensembleNode, regressorNode, type Shape, treesOf } from './random-trees.ts';

const silent = (line: string): never => {
  throw new Error(`nothing should be told, but was: ${line}`);
};

const width = 3;

/** A graph whose output is the ensemble's own: [rows, targets]. */
function bare(addNode: (graph: GraphBuilder, matrix: string) => string): Uint8Array {
  const graph = new GraphBuilder();
  const matrix = graph.input('x', 'float', 2);
  graph.output('y', 'float', addNode(graph, matrix));
  return graph.finish({ name: 'test', version: '1' }, new Map());
}

/** Says that the operators are those of ai.onnx.ml 3: version 5 took the regressor out. */
function asVersion3(bytes: Uint8Array): void {
  const at = Buffer.from(bytes).lastIndexOf('ai.onnx.ml\x10\x05');
  expect(at).toBeGreaterThan(0);
  bytes[at + 11] = 3;
}

/** What ONNX Runtime makes of it without us. */
async function runtime(bytes: Uint8Array, matrix: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const { y } = await session.run({ x: new Tensor('float32', matrix, [matrix.length / width, width]) });
  await session.release();
  return y!.data as Float32Array;
}

async function ours(bytes: Uint8Array, matrix: Float32Array): Promise<Float32Array> {
  const cut = cutTrees(parseModel(bytes));
  expect(cut).toBeDefined();
  const model = await openTreeModel(cut!, 1, silent);
  expect(model).toBeDefined();
  const x = new Tensor('float32', matrix, [matrix.length / width, width]);
  const { y } = await model!.run(() => x, ['y']);
  await model!.release();
  return y!.data as Float32Array;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.integer(),
  trees: fc.integer({ min: 1, max: 9 }),
  depth: fc.integer({ min: 0, max: 7 }),
  targets: fc.integer({ min: 1, max: 3 }),
  width: fc.constant(width),
});

/** Values that fall on the thresholds (halves), between them, and outside; whole numbers for the last, which sets test. */
const cell = fc.oneof(
  fc.integer({ min: -10, max: 10 }).map((value) => value / 2),
  fc.float({ min: -6, max: 6, noNaN: true }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, Math.fround(2 ** -149)),
);
const setCell = fc.oneof(fc.integer({ min: -2, max: 60 }), fc.constant(Number.NaN));
const rows = fc
  .array(fc.tuple(cell, cell, setCell), { minLength: 1, maxLength: 40 })
  .map((all) => Float32Array.from(all.flat()));

describe('trees give what ONNX Runtime gives, bit for bit', () => {
  test('for TreeEnsemble, with every mode, sets, missing values and several targets', async () => {
    let deepest = 0;
    await fc.assert(
      fc.asyncProperty(shapes, rows, async (shape, matrix) => {
        const trees = treesOf(shape, true);
        deepest = Math.max(deepest, ...trees.map(depthOf));
        const bytes = bare((graph, x) => ensembleNode(graph, x, trees, shape.targets));
        expect(await ours(bytes, matrix)).toEqual(await runtime(bytes, matrix));
      }),
      { numRuns: 60, seed: 1 },
    );
    expect(deepest).toBeGreaterThan(5);
  });

  test('for TreeEnsembleRegressor, with base values and leaves of several targets', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, rows, async (shape, matrix) => {
        const bytes = bare((graph, x) => regressorNode(graph, x, treesOf(shape, false), shape.targets));
        asVersion3(bytes);
        expect(await ours(bytes, matrix)).toEqual(await runtime(bytes, matrix));
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  test.each([32, 33, 64, 65, 128, 129, 700])(
    'with trees of %i leaves, over many slabs of rows',
    async (leaves) => {
      const shape = { seed: leaves, trees: 3, depth: 12, leaves, targets: 1, width };
      const bytes = bare((graph, x) => ensembleNode(graph, x, treesOf(shape, true), 1));
      const matrix = Float32Array.from({ length: 1500 * width }, (_, i) =>
        i % width === 2 ? i % 61 : ((i * 7919) % 97) / 8 - 6,
      );
      expect(await ours(bytes, matrix)).toEqual(await runtime(bytes, matrix));
    },
  );
});

/** Numbers and words into trees, as exporters of gradient boosting write it: cast, concatenate, trees, a sigmoid. */
function boosted(): Uint8Array {
  const graph = new GraphBuilder();
  const one = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
  const number = (name: string) => graph.cast(graph.input(name, 'double'), 'float');
  const city = graph.node(
    'LabelEncoder',
    [graph.input('city', 'string')],
    {
      keys_strings: { kind: 'strings', values: ['Oslo', 'Rome', 'Nice'] },
      values_floats: { kind: 'floats', values: Float32Array.of(1, 2, 3) },
      default_float: { kind: 'float', value: 0 },
    },
    'ai.onnx.ml',
  );
  const vectors = [number('a'), number('b'), city].map((each) => graph.node('Unsqueeze', [each, one]));
  const matrix = graph.node('Concat', vectors, { axis: int(1) });
  const sums = ensembleNode(
    graph,
    matrix,
    treesOf({ seed: 5, trees: 20, depth: 5, targets: 1, width }, true),
    1,
  );
  graph.output('probability', 'float', graph.node('Sigmoid', [graph.node('Squeeze', [sums, one])]));
  graph.output('code', 'float', city);
  return graph.finish({ name: 'test', version: '1' }, new Map());
}

const fields = [
  { name: 'a', type: 'float' },
  { name: 'b', type: 'float' },
  { name: 'city', type: 'string' },
] as const;

test('words are encoded by their dictionary, unseen and missing ones by the default, and may be asked for themselves', async () => {
  const cells = [
    [0.5, -1, 'Rome'],
    [null, 2.5, 'Bonn'],
    [1e30, null, null],
    [-3, 0, 'Nice'],
  ] as const;
  const bytes = boosted();
  const model = await loadModel(bytes, { warn: silent });
  const found = await model.run(
    batchOf(
      fields,
      cells.map((row) => [...row]),
    ),
    ['code', 'probability'],
  );
  await model.release();
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const column = (at: 0 | 1) => Float64Array.from(cells, (row) => row[at] ?? Number.NaN);
  const expected = await session.run({
    a: new Tensor('float64', column(0), [4]),
    b: new Tensor('float64', column(1), [4]),
    city: new Tensor('string', ['Rome', 'Bonn', '', 'Nice'], [4]),
  });
  await session.release();
  expect(found.code).toEqual(Float32Array.of(2, 0, 0, 3));
  expect(found.probability).toEqual(expected.probability!.data);
});

test.each([
  [
    'a test that answers the other way',
    planted((tests) => ({ ...tests, passes: (value) => !tests.passes(value) })),
  ],
  ['a threshold that takes its own value in', planted((tests) => ({ ...tests, passes: () => true }))],
])('%s makes the check drop the trees, and says so', async (_, plant) => {
  const cut = cutTrees(parseModel(boosted()))!;
  const told: string[] = [];
  expect(await openTreeModel(cut, 1, (line) => told.push(line))).toBeDefined();
  expect(told).toEqual([]);
  expect(await openTreeModel(plant(cut), 1, (line) => told.push(line))).toBeUndefined();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(
    /^the model's trees are left to ONNX Runtime: "_\d+" is -?[\d.e-]+ at probe \d+, ONNX Runtime gives/,
  );
});

test('a word that is encoded wrongly makes the check drop them as well', async () => {
  const cut = cutTrees(parseModel(boosted()))!;
  const encoders = cut.encoders.map((encoder) => ({
    ...encoder,
    values: new Map([...encoder.values, ['Oslo', 9]]),
  }));
  const told: string[] = [];
  expect(cut.encoders).toHaveLength(1);
  expect(await openTreeModel({ ...cut, encoders }, 1, (line) => told.push(line))).toBeUndefined();
  expect(told).toEqual([expect.stringMatching(/is 9 at probe 0, ONNX Runtime gives 1$/)]);
});

type Test = Cut['ensembles'][number]['ensemble']['trees'][number]['tests'][number];

/** Changes one test of one tree. */
function planted(change: (test: Test) => Test): (cut: Cut) => Cut {
  return (cut) => {
    const [first, ...others] = cut.ensembles;
    const [tree, ...trees] = first!.ensemble.trees;
    const tests = tree!.tests.map((each, at) => (at === tree!.tests.length - 1 ? change(each) : each));
    const ensemble = { ...first!.ensemble, trees: [{ ...tree!, tests }, ...trees] };
    return { ...cut, ensembles: [{ ...first!, ensemble }, ...others] };
  };
}
