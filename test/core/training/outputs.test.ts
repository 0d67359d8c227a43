import { expect, test } from 'vitest';
import { loadModel } from '../../../adapters/onnxruntime/load-model.ts';
import type { Task } from '../../../core/contracts/task.ts';
import { GraphBuilder, int } from '../../../core/onnx/graph.ts';
import { addOutputs, modelMetadata, refuseOutputNames } from '../../../core/training/outputs.ts';
import { batchOf } from './tables.ts';

/** A model that takes a score a class, as columns `s0`, `s1` …, or one. */
async function outputsOf(task: Task, scores: readonly (readonly number[])[], as: 'score' | 'probability') {
  const graph = new GraphBuilder();
  const width = scores[0]!.length;
  const inputs = Array.from({ length: width }, (_, at) =>
    graph.cast(graph.input(`s${at}`, 'double'), 'float'),
  );
  const one = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
  const from =
    width === 1
      ? inputs[0]!
      : graph.node(
          'Concat',
          inputs.map((input) => graph.node('Unsqueeze', [input, one])),
          { axis: int(1) },
        );
  addOutputs(graph, task, as === 'score' ? { score: from } : { probability: from });
  const target = { kind: 'column', column: 'y' } as const;
  const model = await loadModel(
    graph.finish({ name: 'test', version: '1' }, modelMetadata('test', target, task)),
  );
  const batch = batchOf(
    inputs.map((_, at) => ({ name: `s${at}`, type: 'float' })),
    scores,
  );
  const names = model.outputs.map(({ name }) => name);
  const values = await model.run(batch, names);
  await model.release();
  return { types: model.outputs.map(({ name, type, shape }) => [name, type, shape?.length]), values };
}

test('two classes: the probability of the second, and the one above a half', async () => {
  const { types, values } = await outputsOf({ kind: 'binary', classes: [0, 1] }, [[0], [1], [-1]], 'score');
  expect(types).toEqual([
    ['probability', 'float32', 1],
    ['label', 'int64', 1],
  ]);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  expect([...(values['probability'] as Float32Array)].map((p) => p.toFixed(6))).toEqual(
    [0, 1, -1].map((x) => sigmoid(x).toFixed(6)),
  );
  expect([...values['label']!]).toEqual([0n, 1n, 0n]);
  const named = await outputsOf({ kind: 'binary', classes: ['no', 'yes'] }, [[0.4], [0.6]], 'probability');
  expect([...named.values['label']!]).toEqual(['no', 'yes']);
  const numbered = await outputsOf({ kind: 'binary', classes: [1, 2] }, [[0.4], [0.6]], 'probability');
  expect([...numbered.values['label']!]).toEqual([1n, 2n]);
});

test('more classes: the probability of each, and the first of the most probable', async () => {
  const scores = [
    [0, 0, Math.log(2)],
    [1, 1, 0],
  ];
  const { types, values } = await outputsOf(
    { kind: 'multiclass', classes: ['a', 'b', 'c'] },
    scores,
    'score',
  );
  expect(types).toEqual([
    ['probability', 'float32', 2],
    ['label', 'string', 1],
  ]);
  const [a, b, c] = values['probability'] as Float32Array;
  expect([a, b, c].map((p) => p!.toFixed(6))).toEqual(['0.250000', '0.250000', '0.500000']);
  expect([...values['label']!]).toEqual(['c', 'a']);
  const whole = await outputsOf(
    { kind: 'multiclass', classes: [-1, 3, 5] },
    [[0.1, 0.2, 0.7]],
    'probability',
  );
  expect([...whole.values['label']!]).toEqual([5n]);
});

test('a quantity: the number', async () => {
  const { types, values } = await outputsOf({ kind: 'regression' }, [[2.5], [-1]], 'score');
  expect(types).toEqual([['prediction', 'float32', 1]]);
  expect([...values['prediction']!]).toEqual([2.5, -1]);
});

test('an input that has the name of an output is refused', () => {
  expect(() => refuseOutputNames(['x', 'label'], { kind: 'binary', classes: [0, 1] })).toThrow(
    'inputs: column "label" has the name of a model output (probability, label)',
  );
  expect(() => refuseOutputNames(['label'], { kind: 'regression' })).not.toThrow();
});
