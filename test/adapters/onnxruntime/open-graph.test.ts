import { expect, test } from 'vitest';
import { openGraph } from '../../../adapters/onnxruntime/open-graph.ts';
import { GraphBuilder, int } from '../../../core/onnx/graph.ts';
import { producer } from '../../../core/onnx/producer.ts';

/** After each row of `steps`, `state` times two plus those rows of `table`: the body of a Scan sees the whole graph. */
function scanGraph(): Uint8Array {
  const graph = new GraphBuilder();
  graph.tensorInput('state', 'float', [1]);
  graph.tensorInput('table', 'float', ['rows']);
  graph.tensorInput('steps', 'int64', ['steps', 2]);
  const body = graph.body();
  const before = body.tensorInput('before', 'float', [1]);
  const places = body.tensorInput('places', 'int64', [2]);
  const [first = '', second = ''] = body.nodes('Split', [body.node('Gather', ['table', places])], 2, {
    num_outputs: int(2),
  });
  const twice = body.node('Mul', [before, body.scalar('float', 2)]);
  body.tensorOutput('after', 'float', [1], body.node('Add', [twice, body.node('Add', [first, second])]));
  body.tensorOutput('seen', 'float', [1], body.node('Neg', [first]));
  const [last = '', seen = ''] = graph.nodes('Scan', ['state', 'steps'], 2, {
    body: { kind: 'graph', graph: body },
    num_scan_inputs: int(1),
  });
  graph.tensorOutput('last', 'float', [1], last);
  graph.tensorOutput('all', 'float', ['steps', 1], seen);
  return graph.finish(producer, new Map());
}

test('a graph with a Scan gives the tensors that are asked for', async () => {
  const graph = await openGraph(scanGraph());
  const inputs = {
    state: { dims: [1], values: Float32Array.of(1) },
    table: { dims: [4], values: Float32Array.of(10, 20, 30, 40) },
    steps: { dims: [3, 2], values: BigInt64Array.of(0n, 1n, 2n, 2n, 3n, 0n) },
  };
  // ((1 · 2 + 10 + 20) · 2 + 30 + 30) · 2 + 40 + 10
  expect(await graph.run(inputs, ['last'])).toEqual({ last: { dims: [1], values: Float32Array.of(298) } });
  const { all } = await graph.run(inputs, ['last', 'all']);
  expect(all).toEqual({ dims: [3, 1], values: Float32Array.of(-10, -30, -40) });
  await graph.release();
});

test('bytes that are no graph are refused', async () => {
  await expect(openGraph(Uint8Array.of(1, 2, 3))).rejects.toThrow(
    expect.objectContaining({ name: 'BadModel' }),
  );
});
