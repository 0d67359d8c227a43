import { type GraphBuilder, int } from '../../onnx/graph.ts';
import { activate } from './activations.ts';
import { type Architecture, parametersOf } from './architecture.ts';

/** What a network sees, by the names of the graph's values: the matrix [rows, numbers], and each category column's codes [rows]. */
export interface Seen {
  readonly numbers: string | undefined;
  readonly codes: readonly string[];
}

export interface Layer {
  readonly input: string;
  readonly weight: string;
  /** Before the activation. */
  readonly sum: string;
  /** After it. The last layer has none. */
  readonly output: string;
}

/** Each parameter's tensor, out of the vector of all of them. */
export function unpack(graph: GraphBuilder, architecture: Architecture, vector: string): readonly string[] {
  const parameters = parametersOf(architecture);
  const sizes = parameters.map(({ size }) => size);
  return graph
    .nodes('Split', [vector, int64s(graph, sizes)], sizes.length, { axis: int(0) })
    .map((part, at) => {
      const { kind, dims } = parameters[at]!;
      return kind === 'bias' ? part : graph.node('Reshape', [part, int64s(graph, dims)]);
    });
}

export const int64s = (graph: GraphBuilder, values: readonly number[]): string =>
  graph.constant({ type: 'int64', values: BigInt64Array.from(values, BigInt) });

/** The layers from first to last. `drop` thins a hidden layer's output out. */
export function forward(
  graph: GraphBuilder,
  architecture: Architecture,
  parameters: readonly string[],
  seen: Seen,
  drop: (output: string, layer: number) => string = (output) => output,
): readonly Layer[] {
  const { embeddings, hidden, activation } = architecture;
  const embedded = seen.codes.map((codes, at) => graph.node('Gather', [parameters[at]!, codes]));
  const parts = [...(seen.numbers === undefined ? [] : [seen.numbers]), ...embedded];
  let input = parts.length === 1 ? parts[0]! : graph.node('Concat', parts, { axis: int(1) });
  const layers: Layer[] = [];
  for (let layer = 0; layer <= hidden.length; layer++) {
    const [weight = '', bias = ''] = parameters.slice(embeddings.length + 2 * layer);
    const sum = graph.node('Gemm', [input, weight, bias]);
    const output = layer < hidden.length ? activate(graph, activation, sum) : sum;
    layers.push({ input, weight, sum, output });
    input = layer < hidden.length ? drop(output, layer) : output;
  }
  return layers;
}
