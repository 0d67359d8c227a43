import { GraphBuilder, int } from '../../onnx/graph.ts';
import { producer } from '../../onnx/producer.ts';
import { backThrough } from './activations.ts';
import { type Architecture, parameterCount, parametersOf } from './architecture.ts';
import { forward, int64s, type Layer, unpack } from './forward.ts';

/** Adam's (Kingma & Ba, 2015, https://arxiv.org/abs/1412.6980), and scikit-learn's defaults of them. */
export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

export interface TrainingGraph {
  readonly architecture: Architecture;
  /** Whether hidden layers are thinned out by `mask0`, `mask1` … */
  readonly dropout: boolean;
  /** Whether rows have weights. */
  readonly weighted: boolean;
}

/**
 * A graph that takes a network through minibatches, each with its backward pass and its step of Adam, in one `Scan`.
 * In: `numbers` [N, columns], `codes0` … int32 [N] a category column, `labels` float [N] (int32 of classes), `weights` [N]: the
 * table; `batches` int32 [S, B]: the rows of each step; `rate` and `keep` [S]: see `stepSizes`; `share`: 1 / B, where rows have no
 * weights; `l2` [P]; `scale`
 * and `mask0` … uint8 [S, B, units]: the dropout; `parameters`, `mean`, `square` [P]: where it stands. Out: the last three, moved.
 */
export function trainingGraph(made: TrainingGraph): Uint8Array {
  const graph = new GraphBuilder();
  const { architecture, dropout, weighted } = made;
  const { numbers, embeddings, hidden, loss } = architecture;
  const count = parameterCount(architecture);
  if (numbers > 0) graph.tensorInput('numbers', 'float', ['N', numbers]);
  for (const at of embeddings.keys()) graph.tensorInput(`codes${at}`, 'int32', ['N']);
  graph.tensorInput('labels', loss === 'softmax' ? 'int32' : 'float', ['N']);
  if (weighted) graph.tensorInput('weights', 'float', ['N']);
  for (const scalar of [...(weighted ? [] : ['share']), ...(dropout ? ['scale'] : [])])
    graph.tensorInput(scalar, 'float', []);
  graph.tensorInput('l2', 'float', [count]);
  for (const name of state) graph.tensorInput(name, 'float', [count]);
  graph.tensorInput('batches', 'int32', ['S', 'B']);
  for (const name of sizes) graph.tensorInput(name, 'float', ['S']);
  const masks = dropout ? hidden.map((_, layer) => `mask${layer}`) : [];
  for (const [layer, name] of masks.entries()) graph.tensorInput(name, 'uint8', ['S', 'B', hidden[layer]!]);

  const scanned = ['batches', ...sizes, ...masks];
  const outputs = graph.nodes('Scan', [...state, ...scanned], state.length, {
    body: { kind: 'graph', graph: stepBody(graph, made) },
    num_scan_inputs: int(scanned.length),
  });
  for (const [at, name] of state.entries()) graph.tensorOutput(`${name}_out`, 'float', [count], outputs[at]!);
  return graph.finish(producer, new Map());
}

const state = ['parameters', 'mean', 'square'] as const;
const sizes = ['rate', 'keep'] as const;

/** One step: the Scan's body, which sees the table in the graph around it. */
function stepBody(around: GraphBuilder, { architecture, dropout, weighted }: TrainingGraph): GraphBuilder {
  const graph = around.body();
  const { hidden } = architecture;
  const count = parameterCount(architecture);
  const [vector = '', mean = '', square = ''] = state.map((name) =>
    graph.tensorInput(`step_${name}`, 'float', [count]),
  );
  const rows = graph.tensorInput('rows', 'int32', ['B']);
  const [rate = '', keep = ''] = sizes.map((name) => graph.tensorInput(`step_${name}`, 'float', []));
  const masks = dropout
    ? hidden.map((units, layer) => {
        const mask = graph.cast(graph.tensorInput(`step_mask${layer}`, 'uint8', ['B', units]), 'float');
        return graph.node('Mul', [mask, 'scale']);
      })
    : [];
  const rowsOf = (name: string) => graph.node('Gather', [name, rows]);
  const thin = (value: string, layer: number) =>
    dropout && layer < hidden.length ? graph.node('Mul', [value, masks[layer]!]) : value;

  const parameters = unpack(graph, architecture, vector);
  const seen = {
    numbers: architecture.numbers > 0 ? rowsOf('numbers') : undefined,
    codes: architecture.embeddings.map((_, at) => rowsOf(`codes${at}`)),
  };
  const layers = forward(graph, architecture, parameters, seen, thin);
  const weights = weighted ? rowsOf('weights') : undefined;
  const share = weights === undefined ? 'share' : shareOf(graph, weights);
  const error = lossGradient(graph, architecture, layers.at(-1)!.output, rowsOf('labels'));
  const first = graph.node('Mul', [
    weights === undefined
      ? error
      : graph.node('Mul', [error, graph.node('Unsqueeze', [weights, int64s(graph, [1])])]),
    share,
  ]);
  const gradient = backward(graph, architecture, layers, first, seen.codes, thin);
  const l2 = weights === undefined ? 'l2' : graph.node('Mul', ['l2', share]);
  const whole = graph.node('Add', [gradient, graph.node('Mul', [l2, vector])]);
  const moved = adamStep(graph, { vector, mean, square, rate, keep }, whole);
  for (const [at, name] of state.entries()) graph.tensorOutput(`next_${name}`, 'float', [count], moved[at]!);
  return graph;
}

/** 1 / the sum of the weights; where all are zero the gradient is zero too. */
const shareOf = (graph: GraphBuilder, weights: string): string =>
  graph.node('Reciprocal', [
    graph.node('Max', [
      graph.node('ReduceSum', [weights], { keepdims: int(0) }),
      graph.scalar('float', 1e-30),
    ]),
  ]);

/** By the last layer's sums [B, outputs], of each row alone: prediction less label, for each of the three losses. */
function lossGradient(
  graph: GraphBuilder,
  { loss, outputs }: Architecture,
  sums: string,
  labels: string,
): string {
  const column = () => graph.node('Unsqueeze', [labels, int64s(graph, [1])]);
  switch (loss) {
    case 'softmax': {
      const offOn = graph.constant({ type: 'float', values: Float32Array.of(0, 1) });
      const wanted = graph.node('OneHot', [graph.cast(labels, 'int64'), graph.integer(outputs), offOn]);
      return graph.node('Sub', [graph.node('Softmax', [sums], { axis: int(1) }), wanted]);
    }
    case 'log':
      return graph.node('Sub', [graph.node('Sigmoid', [sums]), column()]);
    case 'squared':
      return graph.node('Sub', [sums, column()]);
  }
}

/** The gradient by all parameters, as one vector, from that by the last layer's sums. */
function backward(
  graph: GraphBuilder,
  architecture: Architecture,
  layers: readonly Layer[],
  last: string,
  codes: readonly string[],
  thin: (value: string, layer: number) => string,
): string {
  const { activation, embeddings, numbers } = architecture;
  const flat = int64s(graph, [-1]);
  const found: string[] = [];
  let bySum = last;
  for (let layer = layers.length - 1; layer >= 0; layer--) {
    const { input, weight } = layers[layer]!;
    const byWeight = graph.node('Gemm', [input, bySum], { transA: int(1) });
    const byBias = graph.node('ReduceSum', [bySum, int64s(graph, [0])], { keepdims: int(0) });
    found.unshift(graph.node('Reshape', [byWeight, flat]), byBias);
    if (layer === 0) break;
    const byInput = thin(graph.node('Gemm', [bySum, weight], { transB: int(1) }), layer - 1);
    const { sum, output } = layers[layer - 1]!;
    bySum = backThrough(graph, activation, { x: sum, y: output }, byInput);
  }
  if (embeddings.length > 0) {
    const byInput = graph.node('Gemm', [bySum, layers[0]!.weight], { transB: int(1) });
    const widths = [...(numbers > 0 ? [numbers] : []), ...embeddings.map(({ size }) => size)];
    const parts = graph.nodes('Split', [byInput, int64s(graph, widths)], widths.length, { axis: int(1) });
    const own = parts.slice(-embeddings.length);
    found.unshift(
      ...own.map((part, at) => {
        const table = parametersOf(architecture)[at]!.dims;
        return graph.node('Reshape', [addRows(graph, table, codes[at]!, part), flat]);
      }),
    );
  }
  return graph.node('Concat', found, { axis: int(0) });
}

/** A matrix of zeros to whose row `codes[i]` row i of `rows` is added, one after the other. */
function addRows(graph: GraphBuilder, dims: readonly number[], codes: string, rows: string): string {
  const zeros = graph.node('ConstantOfShape', [int64s(graph, dims)]);
  const column = graph.node('Unsqueeze', [codes, int64s(graph, [1])]);
  const places = graph.node('Expand', [column, int64s(graph, [1, dims[1]!])]);
  return graph.node('ScatterElements', [zeros, places, rows], {
    axis: int(0),
    reduction: { kind: 'string', value: 'add' },
  });
}

interface Moment {
  readonly vector: string;
  readonly mean: string;
  readonly square: string;
  readonly rate: string;
  readonly keep: string;
}

/**
 * Adam with weight decay apart from the gradient (Loshchilov & Hutter, 2019, https://arxiv.org/abs/1711.05101). `mean` and
 * `square` are Adam's m / (1 − β1) and v / (1 − β2), which saves two products a parameter; `stepSizes` makes up for it.
 */
function adamStep(
  graph: GraphBuilder,
  { vector, mean, square, rate, keep }: Moment,
  gradient: string,
): readonly string[] {
  const scaled = (value: string, by: number) => graph.node('Mul', [value, graph.scalar('float', by)]);
  const nextMean = graph.node('Add', [scaled(mean, adam.beta1), gradient]);
  const nextSquare = graph.node('Add', [scaled(square, adam.beta2), graph.node('Mul', [gradient, gradient])]);
  const epsilon = graph.scalar('float', adam.epsilon / Math.sqrt(1 - adam.beta2));
  const size = graph.node('Add', [graph.node('Sqrt', [nextSquare]), epsilon]);
  const step = graph.node('Mul', [graph.node('Div', [nextMean, size]), rate]);
  return [graph.node('Sub', [graph.node('Mul', [vector, keep]), step]), nextMean, nextSquare];
}
