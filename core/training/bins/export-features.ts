import { type DataType, type GraphBuilder, int } from '../../onnx/graph.ts';
import { missingTime } from '../../onnx/model.ts';
import type { DatePart } from '../date-parts.ts';
import type { FeatureBins, PlannedInput } from './bin-plan.ts';

/** The type of a model's input: whole numbers and booleans have no missing value, so such a column becomes a float. */
function inputType({ type, missing }: PlannedInput): DataType {
  switch (type) {
    case 'float':
      return 'double';
    case 'integer':
      return missing ? 'double' : 'int64';
    case 'boolean':
      return missing ? 'float' : 'bool';
    case 'timestamp':
      return 'int64';
    case 'string':
      return 'string';
  }
}

/**
 * Adds the inputs, a vector a column, and the features made of them; answers the float matrix [rows, features]. A number
 * is rounded to float32 by way of double, as in training; a category becomes its bin.
 */
export function addFeatures(
  graph: GraphBuilder,
  inputs: readonly PlannedInput[],
  features: readonly FeatureBins[],
): string {
  const types = new Map(inputs.map((input) => [input.name, input.type]));
  for (const input of inputs) graph.input(input.name, inputType(input));
  const times = new Map<string, Time>();
  const one = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
  const vectors = features.map((bins) => {
    const { column } = bins.feature;
    if (bins.kind === 'categories') return addCategory(graph, column, bins.categories);
    if (bins.feature.kind === 'number') return addNumber(graph, column, types.get(column) === 'integer');
    const time = times.get(column) ?? addTime(graph, column);
    times.set(column, time);
    return addPart(graph, time, bins.feature.part);
  });
  const columns = vectors.map((vector) => graph.node('Unsqueeze', [vector, one]));
  return graph.node('Concat', columns, { axis: int(1) });
}

function addNumber(graph: GraphBuilder, column: string, whole: boolean): string {
  return graph.cast(whole ? graph.cast(column, 'double') : column, 'float');
}

function addCategory(graph: GraphBuilder, column: string, categories: readonly string[]): string {
  // A column that was empty in training still needs a table; the tree has no split by it.
  const words = categories.length > 0 ? categories : [''];
  const attributes = {
    keys_strings: { kind: 'strings', values: words },
    values_floats: { kind: 'floats', values: Float32Array.from(words, (_, k) => k + 1) },
    default_float: { kind: 'float', value: 0 },
  } as const;
  return graph.node('LabelEncoder', [column], attributes, 'ai.onnx.ml');
}

/** Names of values: whether the time is missing; days since 1970-01-01; milliseconds of the day. */
interface Time {
  readonly missing: string;
  readonly day: string;
  readonly millis: string;
}

/** ONNX divides integers towards zero, but its Mod takes the divisor's sign: floor division is (x − x mod y) / y. */
function addTime(graph: GraphBuilder, column: string): Time {
  const dayMillis = graph.integer(86_400_000);
  const missing = graph.node('Equal', [column, graph.integer(missingTime)]);
  const time = graph.node('Where', [missing, graph.integer(0), column]);
  const millis = graph.node('Mod', [time, dayMillis]);
  const day = graph.node('Div', [graph.node('Sub', [time, millis]), dayMillis]);
  return { missing, day, millis };
}

function addPart(graph: GraphBuilder, { missing, day, millis }: Time, part: DatePart): string {
  const value = graph.cast(partOf[part](integers(graph), day, millis), 'float');
  return graph.node('Where', [missing, graph.scalar('float', Number.NaN), value]);
}

const partOf: Readonly<Record<DatePart, (to: Integers, day: string, millis: string) => string>> = {
  month: (to, day) => monthOf(to, day),
  weekday: (to, day) => to.mod(to.add(day, 3), 7),
  minute: (to, _day, millis) => to.div(millis, 60_000),
};

/** As `month` in core/training/date-parts.ts: only the first step may meet a negative number. */
function monthOf(to: Integers, day: string): string {
  const dayOfEra = to.mod(to.add(day, 719_468), 146_097);
  const leaps = to.plus(
    to.minus(to.div(dayOfEra, 1460), to.div(dayOfEra, 36_524)),
    to.div(dayOfEra, 146_096),
  );
  const year = to.div(to.minus(dayOfEra, leaps), 365);
  const before = to.minus(to.plus(to.mul(year, 365), to.div(year, 4)), to.div(year, 100));
  const fromMarch = to.div(to.add(to.mul(to.minus(dayOfEra, before), 5), 2), 153);
  return to.add(to.mod(to.add(fromMarch, 2), 12), 1);
}

type Integers = ReturnType<typeof integers>;

/** int64 arithmetic on named values; the second operand is a constant but for `plus` and `minus`. */
function integers(graph: GraphBuilder) {
  const withConstant = (operator: string) => (value: string, by: number) =>
    graph.node(operator, [value, graph.integer(by)]);
  return {
    add: withConstant('Add'),
    mul: withConstant('Mul'),
    div: withConstant('Div'),
    mod: withConstant('Mod'),
    plus: (a: string, b: string) => graph.node('Add', [a, b]),
    minus: (a: string, b: string) => graph.node('Sub', [a, b]),
  };
}
