import { type GraphBuilder, int, ints } from '../../onnx/graph.ts';
import { addInputs } from '../graph-inputs.ts';
import { addPart, addTime, type Time } from '../graph-times.ts';
import { type DenseCategory, type DenseNumber, type DensePlan, waveTable } from './plan.ts';

/** Names of values of a graph. */
export interface DenseValues {
  /** The plan's numbers, double [N, numbers]; undefined where it has none. */
  readonly numbers: string | undefined;
  /** A code a row, int64 [N], for each of the plan's categories. */
  readonly codes: readonly string[];
}

/** Adds the inputs, a vector of raw values a column, and what `encodeDense` makes of them. */
export function addDense(graph: GraphBuilder, plan: DensePlan): DenseValues {
  addInputs(graph, plan.inputs);
  const codes = plan.categories.map((category) => addCodes(graph, category));
  if (plan.numbers.length === 0) return { numbers: undefined, codes };
  const doubles = (values: readonly number[]) =>
    graph.constant({ type: 'double', values: Float64Array.from(values) });
  const raw = addRaw(graph, plan);
  // Neither NaN nor an infinity is 0 from itself.
  const isOut = graph.node('IsNaN', [graph.node('Sub', [raw, raw])]);
  const filled = graph.node('Where', [isOut, doubles(plan.numbers.map(({ fill }) => fill)), raw]);
  const centred = graph.node('Sub', [filled, doubles(plan.numbers.map(({ mean }) => mean))]);
  return { numbers: graph.node('Mul', [centred, doubles(plan.numbers.map(({ scale }) => scale))]), codes };
}

/** What the numbers are made from, double [N, numbers]; NaN where it is missing. */
function addRaw(graph: GraphBuilder, { inputs, numbers }: DensePlan): string {
  const types = new Map(inputs.map(({ name, type }) => [name, type]));
  const axis = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
  const times = new Map<string, Time>();
  const timeOf = (column: string): Time => {
    const time = times.get(column) ?? addTime(graph, column);
    times.set(column, time);
    return time;
  };
  const columns = numbers.map(({ from }) => {
    const time = types.get(from.column) === 'timestamp' ? timeOf(from.column) : undefined;
    return graph.node('Unsqueeze', [addColumn(graph, from, time), axis]);
  });
  return graph.node('Concat', columns, { axis: int(1) });
}

function addColumn(graph: GraphBuilder, from: DenseNumber['from'], time: Time | undefined): string {
  if (from.kind === 'part' && time) {
    const values = graph.constant({ type: 'double', values: waveTable(from.part, from.wave) });
    const wave = graph.node('Gather', [values, addPart(graph, time, from.part)]);
    return graph.node('Where', [time.missing, graph.scalar('double', Number.NaN), wave]);
  }
  if (time) return graph.cast(time.missing, 'double');
  const number = graph.cast(from.column, 'double');
  if (from.kind === 'number') return number;
  return graph.cast(graph.node('IsNaN', [graph.node('Sub', [number, number])]), 'double');
}

function addCodes(graph: GraphBuilder, { column, words, other, missing }: DenseCategory): string {
  const attributes = {
    keys_strings: { kind: 'strings', values: ['', ...words] },
    values_int64s: ints([missing, ...words.map((_, at) => at + 1)]),
    default_int64: int(other),
  } as const;
  return graph.node('LabelEncoder', [column], attributes, 'ai.onnx.ml');
}
