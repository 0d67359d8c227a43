// A logistic regression over numeric columns, by gradient descent: an epoch is one look at the training side.
import { defineTrainable, GraphBuilder, type Rows, type TrainingRows } from 'fanfare';

/** One side of the table in memory: `inputs.length` numbers a row, missing ones as 0 after scaling. */
interface Side {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** What the training side says of each input. */
interface Scale {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

interface Loaded extends Scale {
  readonly train: Side;
  readonly validation: Side;
}

export default defineTrainable<{ learning_rate: number; l2: number }, Loaded>({
  resource: 'epochs',

  async load(data) {
    const scale = await scaleOf(data);
    return {
      ...scale,
      train: await sideOf(data, data.train(), scale),
      validation: await sideOf(data, data.validation(), scale),
    };
  },

  *train({ params, data, loaded, from, until }) {
    const { train, validation } = loaded;
    // The last weight is the intercept.
    const weights = from.checkpoint
      ? new Float64Array(from.checkpoint.slice().buffer)
      : new Float64Array(data.inputs.length + 1);
    for (let epoch = from.resource + 1; epoch <= until; epoch++) {
      descend(weights, train, params);
      yield {
        resource: epoch,
        value: logLoss(weights, validation),
        checkpoint: () => new Uint8Array(weights.slice().buffer),
        model: () => onnxOf(data.inputs, weights, loaded),
      };
    }
  },
});

async function scaleOf(data: TrainingRows): Promise<Scale> {
  const sums = data.inputs.map(() => ({ count: 0, sum: 0, squares: 0 }));
  for await (const rows of data.train()) {
    for (const [at, name] of data.inputs.entries()) {
      const of = sums[at]!;
      for (const value of rows.numbers(name)) {
        if (Number.isNaN(value)) continue;
        of.count++;
        of.sum += value;
        of.squares += value * value;
      }
    }
  }
  const means = Float64Array.from(sums, ({ count, sum }) => sum / count);
  const deviations = Float64Array.from(sums, ({ count, squares }, at) =>
    Math.sqrt(squares / count - means[at]! ** 2),
  );
  return { means, deviations };
}

async function sideOf(data: TrainingRows, batches: AsyncIterable<Rows>, scale: Scale): Promise<Side> {
  const x: number[] = [];
  const y: number[] = [];
  for await (const rows of batches) {
    const columns = data.inputs.map((name) => rows.numbers(name));
    for (const [row, label] of data.target(rows).entries()) {
      if (Number.isNaN(label)) continue;
      y.push(label);
      for (const [at, column] of columns.entries()) {
        const scaled = (column[row]! - scale.means[at]!) / scale.deviations[at]!;
        x.push(Number.isNaN(scaled) ? 0 : scaled);
      }
    }
  }
  return { x: Float64Array.from(x), y: Float64Array.from(y) };
}

/** The probability of one row, which begins at `start`. */
function probabilityOf(weights: Float64Array, x: Float64Array, start: number): number {
  const inputs = weights.length - 1;
  let sum = weights[inputs]!;
  for (let at = 0; at < inputs; at++) sum += weights[at]! * x[start + at]!;
  return 1 / (1 + Math.exp(-sum));
}

/** One step against the gradient of the log loss over all rows. */
function descend(
  weights: Float64Array,
  { x, y }: Side,
  params: { readonly learning_rate: number; readonly l2: number },
): void {
  const inputs = weights.length - 1;
  const gradient = new Float64Array(weights.length);
  for (const [row, label] of y.entries()) {
    const start = row * inputs;
    const error = probabilityOf(weights, x, start) - label;
    for (let at = 0; at < inputs; at++) gradient[at]! += error * x[start + at]!;
    gradient[inputs]! += error;
  }
  for (const [at, slope] of gradient.entries()) {
    const decay = at < inputs ? params.l2 * weights[at]! : 0;
    weights[at]! -= params.learning_rate * (slope / y.length + decay);
  }
}

function logLoss(weights: Float64Array, { x, y }: Side): number {
  const inputs = weights.length - 1;
  let sum = 0;
  for (const [row, label] of y.entries()) {
    const probability = probabilityOf(weights, x, row * inputs);
    sum -= Math.log(label === 1 ? probability : 1 - probability);
  }
  return sum / y.length;
}

/** The same sums in ONNX: an input a column, scaled, 0 where it is missing. */
function onnxOf(inputs: readonly string[], weights: Float64Array, scale: Scale): Uint8Array {
  const graph = new GraphBuilder();
  const number = (value: number): string => graph.scalar('float', value);
  const zero = number(0);
  const terms = inputs.map((name, at) => {
    const centred = graph.node('Sub', [graph.input(name, 'float'), number(scale.means[at]!)]);
    const scaled = graph.node('Div', [centred, number(scale.deviations[at]!)]);
    const filled = graph.node('Where', [graph.node('IsNaN', [scaled]), zero, scaled]);
    return graph.node('Mul', [filled, number(weights[at]!)]);
  });
  const sum = graph.node('Sum', terms);
  const probability = graph.node('Sigmoid', [graph.node('Add', [sum, number(weights[inputs.length]!)])]);
  const label = graph.cast(graph.node('Greater', [probability, number(0.5)]), 'int64');
  graph.output('probability', 'float', probability);
  graph.output('label', 'int64', label);
  return graph.finish({ name: 'logistic-regression', version: '1' }, new Map());
}
