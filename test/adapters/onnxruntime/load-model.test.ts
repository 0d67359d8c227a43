import { describe, expect, test } from 'vitest';
import { loadModel } from '../../../adapters/onnxruntime/load-model.ts';
import { Rows } from '../../../core/code/rows.ts';
import { bindInputs } from '../../../core/onnx/bind.ts';
import { unfitRows } from '../../../core/onnx/fit.ts';
import { type DataType, GraphBuilder, int } from '../../../core/onnx/graph.ts';
import { frameOf } from '../../../core/tables/batch.ts';
import { batchOf, type Cell } from '../../core/training/tables.ts';
import { onnxOf } from '../../support/onnx-models.ts';

/** A model that gives back what it takes. */
function echo(type: DataType): Uint8Array {
  const graph = new GraphBuilder();
  graph.output('out', type, graph.input('in', type));
  return graph.finish({ name: 'test', version: '1' }, new Map());
}

async function echoed(
  type: DataType,
  column: 'float' | 'integer' | 'boolean' | 'timestamp' | 'string',
  cells: Cell[],
) {
  const model = await loadModel(echo(type));
  const batch = batchOf(
    [{ name: 'in', type: column }],
    cells.map((cell) => [cell]),
  );
  try {
    return [...((await model.run(batch, ['out'])).out ?? [])];
  } finally {
    await model.release();
  }
}

describe('a batch column reaches the model', () => {
  test('as NaN, an empty string or the least int64 where it is missing', async () => {
    expect(await echoed('double', 'float', [1.5, null])).toEqual([1.5, Number.NaN]);
    expect(await echoed('double', 'integer', [7, null])).toEqual([7, Number.NaN]);
    expect(await echoed('float', 'boolean', [true, null])).toEqual([1, Number.NaN]);
    expect(await echoed('string', 'string', ['é', null, ''])).toEqual(['é', '', '']);
    expect(await echoed('int64', 'timestamp', [-1, null])).toEqual([-1n, -(2n ** 63n)]);
  });

  test('converted where nothing is lost', async () => {
    expect(await echoed('int64', 'integer', [2 ** 40, -3])).toEqual([2n ** 40n, -3n]);
    expect(await echoed('int64', 'float', [3, -4])).toEqual([3n, -4n]);
    expect(await echoed('int64', 'boolean', [true, false])).toEqual([1n, 0n]);
    expect(await echoed('bool', 'boolean', [true, false])).toEqual([1, 0]);
    expect(await echoed('float', 'integer', [16_777_216])).toEqual([16_777_216]);
  });

  test('or is refused with its row and value', async () => {
    await expect(echoed('int64', 'float', [1, 2.5])).rejects.toThrow(
      'row 1 of the batch, column "in": 2.5 is no int64',
    );
    await expect(echoed('int64', 'integer', [1, null])).rejects.toThrow(
      'it is missing, and the model takes no missing int64',
    );
    await expect(echoed('float', 'integer', [16_777_217])).rejects.toThrow('16777217 is no float32');
    await expect(echoed('double', 'string', ['1'])).rejects.toThrow(
      'column "in" holds string values, the model takes float64',
    );
    await expect(echoed('bool', 'integer', [1])).rejects.toMatchObject({ name: 'BadTable' });
  });

  test('in the order of the rows, over many slices', async () => {
    const cells = Array.from({ length: 20_000 }, (_, row) => row);
    expect(await echoed('double', 'integer', cells)).toEqual(cells);
    expect(await echoed('double', 'integer', [])).toEqual([]);
  });
});

test('every row that does not fit is named once, with the first reason', async () => {
  const inputs = [
    { name: 'a', type: 'int64', shape: ['rows'] },
    { name: 'b', type: 'bool', shape: ['rows'] },
  ] as const;
  const fields = [
    { name: 'a', type: 'float' },
    { name: 'b', type: 'boolean' },
  ] as const;
  const batch = batchOf(fields, [
    [1, true],
    [1.5, null],
    [2, null],
    [null, true],
  ]);
  expect(unfitRows(bindInputs(inputs, fields), batch)).toEqual([
    { row: 1, column: 'a', reason: '1.5 is no int64' },
    { row: 2, column: 'b', reason: 'it is missing, and the model takes no missing bool' },
    { row: 3, column: 'a', reason: 'it is missing, and the model takes no missing int64' },
  ]);
});

test('a missing column, an unknown output and bytes that are no model are told', async () => {
  const model = await loadModel(echo('double'));
  const other = batchOf([{ name: 'else', type: 'float' }], [[1]]);
  await expect(model.run(other, ['out'])).rejects.toMatchObject({
    name: 'MissingInput',
    message: 'the model wants a column "in"; did you mean else? (there are: else)',
  });
  const right = batchOf([{ name: 'in', type: 'float' }], [[1]]);
  await expect(model.run(right, ['score'])).rejects.toThrow('the model has no output "score"; it has out');
  await model.release();
  await expect(loadModel(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ name: 'BadModel' });
});

test('one float matrix is filled with the named columns, row by row', async () => {
  const graph = new GraphBuilder();
  graph.output(
    'sum',
    'float',
    graph.node('ReduceSum', [graph.input('x', 'float', 2), axis(graph)], { keepdims: int(0) }),
  );
  const model = await loadModel(graph.finish({ name: 'test', version: '1' }, new Map()));
  const batch = batchOf(
    [
      { name: 'b', type: 'integer' },
      { name: 'a', type: 'float' },
    ],
    [
      [10, 1],
      [20, 2],
    ],
  );
  const feeds = bindInputs(model.inputs, batch.fields, { named: { x: ['a', 'b'] } });
  expect([...((await model.run(batch, ['sum'], feeds)).sum ?? [])]).toEqual([11, 22]);
  await model.release();
});

test('tensors go into an input of their shape', async () => {
  const shaped = onnxOf({
    inputs: [{ name: 'x', shape: ['rows', 'channels', 2] }],
    nodes: [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }],
    outputs: [{ name: 'y', shape: ['rows', 'channels', 2] }],
  });
  const model = await loadModel(shaped);
  const tensors = (shape: number[]) =>
    frameOf(
      new Rows({ rows: 2, fields: [], columns: [] }).with({
        x: { type: 'tensor', shape, values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
      }).batch,
    );
  expect([...((await model.run(tensors([2, 2]), ['y'])).y ?? [])]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  await expect(model.run(tensors([4, 1]), ['y'])).rejects.toThrow(
    'column "x" holds tensor values [4, 1] a row, the model takes float32 [channels, 2]',
  );
  await model.release();
});

const axis = (graph: GraphBuilder): string => graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
