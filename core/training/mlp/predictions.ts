import { GraphBuilder } from '../../onnx/graph.ts';
import type { TensorValues } from '../../onnx/open-graph.ts';
import { producer } from '../../onnx/producer.ts';
import { addDense } from '../dense/graph.ts';
import { addOutputs, modelMetadata } from '../outputs.ts';
import { type Architecture, parameterCount, parametersOf } from './architecture.ts';
import { forward, int64s, type Seen, unpack } from './forward.ts';
import type { Matrix, Prepared } from './matrix.ts';
import type { RowsManifest } from './rows-manifest.ts';

/** Rows a run of the graph: as many as a model is given at once. */
const sliceRows = 8192;

/** What the network of those parameters says of the rows, in their order: see `Predicted`. */
export async function predict(
  { manifest, graph }: Prepared,
  architecture: Architecture,
  parameters: Float32Array,
  { rows, numbers, codes }: Matrix,
): Promise<Float32Array> {
  const name = `predict ${JSON.stringify(architecture)}`;
  const session = await graph(name, () => predictionGraph(manifest, architecture));
  const output = outputOf(manifest);
  const width = manifest.task.kind === 'multiclass' ? architecture.outputs : 1;
  const predictions = new Float32Array(rows * width);
  for (let start = 0; start < rows; start += sliceRows) {
    const end = Math.min(rows, start + sliceRows);
    const inputs: Record<string, TensorValues> = {
      parameters: { dims: [parameters.length], values: parameters },
    };
    const columns = architecture.numbers;
    if (columns > 0)
      inputs.numbers = {
        dims: [end - start, columns],
        values: numbers.subarray(start * columns, end * columns),
      };
    for (const [at, all] of codes.entries())
      inputs[`codes${at}`] = { dims: [end - start], values: all.subarray(start, end) };
    const results = await session.run(inputs, [output]);
    predictions.set(results[output]!.values as Float32Array, start * width);
  }
  return predictions;
}

const outputOf = ({ task }: RowsManifest): string =>
  task.kind === 'regression' ? 'prediction' : 'probability';

function predictionGraph(manifest: RowsManifest, architecture: Architecture): Uint8Array {
  const graph = new GraphBuilder();
  const { numbers, embeddings } = architecture;
  const seen = {
    numbers: numbers > 0 ? graph.tensorInput('numbers', 'float', ['rows', numbers]) : undefined,
    codes: embeddings.map((_, at) => graph.tensorInput(`codes${at}`, 'int32', ['rows'])),
  };
  const vector = graph.tensorInput('parameters', 'float', [parameterCount(architecture)]);
  addNetwork(graph, manifest, architecture, unpack(graph, architecture, vector), seen);
  return graph.finish(producer, new Map());
}

/** One ONNX file: a vector input a raw column, the task's outputs out. */
export function exportMlp(
  manifest: RowsManifest,
  architecture: Architecture,
  vector: Float32Array,
): Uint8Array {
  const graph = new GraphBuilder();
  const { numbers, codes } = addDense(graph, manifest.plan);
  const seen = { numbers: numbers && graph.cast(numbers, 'float'), codes };
  let at = 0;
  const parameters = parametersOf(architecture).map(({ dims, size }) => {
    at += size;
    return graph.constant({ type: 'float', values: vector.slice(at - size, at), dims });
  });
  addNetwork(graph, manifest, architecture, parameters, seen);
  return graph.finish(producer, modelMetadata('mlp', manifest.target, manifest.task));
}

/** The same operators in both, so that they give the same. */
function addNetwork(
  graph: GraphBuilder,
  { task, scale }: RowsManifest,
  architecture: Architecture,
  parameters: readonly string[],
  seen: Seen,
): void {
  const sums = forward(graph, architecture, parameters, seen).at(-1)!.output;
  const one = () => graph.node('Squeeze', [sums, int64s(graph, [1])]);
  const unscaled = () => {
    const spread = graph.node('Mul', [one(), graph.scalar('float', scale.deviation)]);
    return graph.node('Add', [spread, graph.scalar('float', scale.mean)]);
  };
  const score = { binary: one, multiclass: () => sums, regression: unscaled }[task.kind]();
  addOutputs(graph, task, { score });
}
