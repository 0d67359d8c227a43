import type { TensorValues } from '../../onnx/open-graph.ts';
import { type Architecture, parameterCount, parametersOf } from './architecture.ts';
import { dropoutScale, fillMask } from './chance.ts';
import type { Standing } from './checkpoint.ts';
import type { Prepared } from './matrix.ts';
import { type MlpParams, rateAt } from './params.ts';
import { adam, trainingGraph } from './training-graph.ts';

/** The training side as the graph takes it. */
export type Table = Readonly<Record<string, TensorValues>>;

/** Labels are numbers of about one size, or the places of classes. */
export function tableOf({ manifest, train }: Prepared): Table {
  const { plan, task, scale } = manifest;
  const { rows, numbers, codes, labels, weights } = train;
  const width = plan.numbers.length;
  return {
    ...(width > 0 && { numbers: { dims: [rows, width], values: numbers } }),
    ...Object.fromEntries(codes.map((values, at) => [`codes${at}`, { dims: [rows], values }])),
    labels: {
      dims: [rows],
      values:
        task.kind === 'multiclass'
          ? Int32Array.from(labels)
          : Float32Array.from(labels, (label) => (label - scale.mean) / scale.deviation),
    },
    ...(weights && { weights: { dims: [rows], values: Float32Array.from(weights) } }),
  };
}

interface Steps {
  readonly architecture: Architecture;
  readonly params: MlpParams;
  readonly seed: number;
  readonly table: Table;
  /** The rows that the epoch has left, in its order. */
  readonly order: Int32Array;
  readonly batchSize: number;
  /** Steps of the most that the study gives. */
  readonly all: number;
}

type Moved = Pick<Standing, 'steps' | 'parameters' | 'mean' | 'square'>;

/** As many whole minibatches as one run of the graph takes, from where the run stands. */
export async function takeSteps(
  prepared: Pick<Prepared, 'graph'>,
  steps: Steps,
  from: Moved,
): Promise<Moved> {
  const { architecture, params, seed, table, order, batchSize } = steps;
  const count = Math.min(Math.floor(order.length / batchSize), stepsOfRun(steps));
  const parameters = parameterCount(architecture);
  const dropout = params.dropout > 0;
  const made = { architecture, dropout, weighted: table.weights !== undefined };
  const graph = await prepared.graph(`train ${JSON.stringify(made)}`, () => trainingGraph(made));
  const vector = (values: Float32Array) => ({ dims: [values.length], values });
  const scalar = (value: number) => ({ dims: [], values: Float32Array.of(value) });
  const inputs: Record<string, TensorValues> = {
    ...table,
    ...stepSizes(params, from.steps, count, steps.all),
    batches: { dims: [count, batchSize], values: order.subarray(0, count * batchSize) },
    ...(!made.weighted && { share: scalar(1 / batchSize) }),
    l2: vector(decays(architecture, made.weighted ? params.alpha : params.alpha / batchSize)),
    parameters: vector(from.parameters),
    mean: vector(from.mean),
    square: vector(from.square),
  };
  if (dropout) {
    inputs.scale = scalar(dropoutScale(params.dropout));
    for (const [layer, units] of architecture.hidden.entries()) {
      const size = batchSize * units;
      const values = new Uint8Array(count * size);
      for (let step = 0; step < count; step++) {
        const mask = values.subarray(step * size, (step + 1) * size);
        fillMask(mask, params.dropout, seed, from.steps + step, layer);
      }
      inputs[`mask${layer}`] = { dims: [count, batchSize, units], values };
    }
  }
  const out = await graph.run(inputs, ['parameters_out', 'mean_out', 'square_out']);
  const taken = (name: string) => out[name]!.values as Float32Array;
  if (taken('parameters_out').length !== parameters) throw new RangeError('the graph lost parameters');
  return {
    steps: from.steps + count,
    parameters: taken('parameters_out'),
    mean: taken('mean_out'),
    square: taken('square_out'),
  };
}

/** A run of the graph is to take well below a second, and its masks some tens of megabytes. */
const runFlops = 1e10;
const runBytes = 2 ** 25;
const runRows = 2 ** 17;

function stepsOfRun({ architecture, params, batchSize }: Steps): number {
  // Forward, by weights and by inputs: a product and a sum each.
  const weights = parametersOf(architecture).reduce(
    (sum, { kind, size }) => sum + (kind === 'weight' ? size : 0),
    0,
  );
  const units = architecture.hidden.reduce((sum, each) => sum + each, 0);
  const rows = Math.min(runRows, runFlops / (6 * weights), params.dropout > 0 ? runBytes / units : runRows);
  return Math.max(1, Math.floor(rows / batchSize));
}

/**
 * `rate`: what Adam's step is multiplied by, with its bias corrections and those of the graph's moments; `keep`: what is left
 * of a parameter after its decay. `before`: steps that were taken already.
 */
function stepSizes(params: MlpParams, before: number, count: number, all: number): Table {
  const rate = new Float32Array(count);
  const keep = new Float32Array(count);
  const unscaled = (1 - adam.beta1) / Math.sqrt(1 - adam.beta2);
  for (let at = 0; at < count; at++) {
    const step = before + at + 1;
    const learning = params.learning_rate_init * rateAt(params.schedule, (step - 1) / all);
    const corrected = Math.sqrt(1 - adam.beta2 ** step) / (1 - adam.beta1 ** step);
    rate[at] = learning * corrected * unscaled;
    keep[at] = 1 - learning * params.weight_decay;
  }
  return { rate: { dims: [count], values: rate }, keep: { dims: [count], values: keep } };
}

/**
 * The L2 penalty of each parameter: biases have none, nor embeddings, which Adam would bring to zero at its full rate wherever
 * a minibatch has not met their text.
 */
function decays(architecture: Architecture, penalty: number): Float32Array {
  const parts = parametersOf(architecture);
  const all = new Float32Array(parameterCount(architecture));
  let at = 0;
  for (const { kind, size } of parts) {
    if (kind === 'weight') all.fill(penalty, at, at + size);
    at += size;
  }
  return all;
}
