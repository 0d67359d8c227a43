import type { Task } from '../../contracts/task.ts';
import type { Feed } from '../../onnx/bind.ts';
import { chainModels, type Link } from '../../onnx/chain.ts';
import { type DataType, GraphBuilder, int } from '../../onnx/graph.ts';
import { type ElementType, missingTime } from '../../onnx/model.ts';
import { parseModel } from '../../onnx/model-proto.ts';
import { producer } from '../../onnx/producer.ts';
import type { Field } from '../../tables/batch.ts';
import { addOutputs, modelMetadata } from '../../training/outputs.ts';
import type { TrainingTable } from '../../training/trainable.ts';
import type { Candidate } from './candidate.ts';
import type { OnnxParams } from './params.ts';

/**
 * One ONNX file: a vector input a raw column, the candidate as it stands, and behind it temperature and threshold and the
 * outputs of `addOutputs`. With a temperature of 1 and a threshold of one half the candidate's numbers are untouched.
 */
export function compose(
  { proto, feeds, output }: Candidate,
  params: OnnxParams,
  { fields, target, task }: TrainingTable,
): Uint8Array {
  const before = parseModel(beforeOf(feeds, fields));
  const after = parseModel(afterOf(output, params, task));
  const named = (ports: readonly { readonly name: string }[]) =>
    ports.map(({ name }) => [name, name] as const);
  const links: readonly Link[] = [
    { model: before, shared: new Map([...named(before.inputs), ...named(before.outputs)]) },
    {
      model: proto,
      shared: new Map([...feeds.map(({ input }) => [input, givenName(input)] as const), [output.name, said]]),
    },
    { model: after, shared: new Map([...named(after.inputs), ...named(after.outputs)]) },
  ];
  return chainModels(links, proto, producer, modelMetadata('onnx', target, task));
}

/** The names in the whole of what the candidate takes, and of what it says. */
const givenName = (input: string): string => `given/${input}`;
const said = 'said/';

/** From the columns to what the candidate takes. */
function beforeOf(feeds: readonly Feed[], fields: readonly Field[]): Uint8Array {
  const graph = new GraphBuilder();
  const columns = new Map<string, Typed>();
  for (const feed of feeds) {
    for (const name of feed.columns) {
      if (columns.has(name)) continue;
      const type = inputType(feed, fields.find((field) => field.name === name)!);
      columns.set(name, { value: graph.input(name, type), type });
    }
  }
  const shape = graph.constant({ type: 'int64', values: BigInt64Array.of(-1n, 1n) });
  for (const feed of feeds) {
    const type = dataTypes[feed.type];
    const [first, ...others] = feed.columns.map((name) => asType(graph, columns.get(name)!, type));
    const wide = (value: string) => graph.node('Reshape', [value, shape]);
    const isVector = feed.layout === 'vector' && feed.shape.length === 0;
    const value = isVector ? first! : graph.node('Concat', [first!, ...others].map(wide), { axis: int(1) });
    graph.output(givenName(feed.input), type, value);
  }
  return graph.finish(producer, new Map());
}

interface Typed {
  readonly value: string;
  readonly type: DataType;
}

const dataTypes = {
  ...{ float32: 'float', float64: 'double', int64: 'int64', int32: 'int32', bool: 'bool', string: 'string' },
} as const satisfies Readonly<Record<ElementType, DataType>>;

/** A vector is taken as the candidate takes it. In a matrix of floats numbers may be missing, and times are whole. */
function inputType({ layout, type }: Feed, { type: column }: Field): DataType {
  if (layout === 'vector' || !type.startsWith('float')) return dataTypes[type];
  if (column === 'timestamp') return 'int64';
  return column === 'boolean' ? 'float' : 'double';
}

function asType(graph: GraphBuilder, { value, type }: Typed, wanted: DataType): string {
  if (type === wanted) return value;
  const cast = graph.cast(value, wanted);
  if (type !== 'int64' || (wanted !== 'float' && wanted !== 'double')) return cast;
  const missing = graph.node('Equal', [value, graph.integer(missingTime)]);
  return graph.node('Where', [missing, graph.scalar(wanted, Number.NaN), cast]);
}

/** From what the candidate says to the model's outputs. */
function afterOf({ width, places }: Candidate['output'], params: OnnxParams, task: Task): Uint8Array {
  const graph = new GraphBuilder();
  const answers = graph.cast(graph.input(said, 'float', 2), 'float');
  const one = graph.constant({ type: 'int64', values: BigInt64Array.of(-1n) });
  const flat = (value: string) => graph.node('Reshape', [value, one]);
  const taken = (indices: string) => graph.node('Gather', [answers, indices], { axis: int(1) });
  if (task.kind === 'multiclass') {
    const isWhole = places.length === width && places.every((place, at) => place === at);
    const indices = () =>
      graph.constant({ type: 'int64', values: BigInt64Array.from(places, (place) => BigInt(place)) });
    addOutputs(graph, task, tempered(graph, isWhole ? answers : taken(indices()), params));
  } else {
    const value = flat(width === 1 ? answers : taken(graph.integer(places[0]!)));
    addOutputs(graph, task, { probability: task.kind === 'binary' ? moved(graph, value, params) : value });
  }
  return graph.finish(producer, new Map());
}

/** Probabilities this near to 0 have this one's logarithm. */
const leastProbability = 1e-12;

function logOf(graph: GraphBuilder, probability: string): string {
  return graph.node('Log', [graph.node('Max', [probability, graph.scalar('double', leastProbability)])]);
}

function tempered(graph: GraphBuilder, probability: string, { temperature }: OnnxParams) {
  if (temperature === 1) return { probability };
  const logs = logOf(graph, graph.cast(probability, 'double'));
  return { score: graph.cast(graph.node('Div', [logs, graph.scalar('double', temperature)]), 'float') };
}

/** The probability whose log odds are (log odds − those of the threshold) / temperature: above one half where the model's is above the threshold. */
function moved(graph: GraphBuilder, probability: string, { temperature, threshold }: OnnxParams): string {
  if (temperature === 1 && threshold === 0.5) return probability;
  const p = graph.cast(probability, 'double');
  const rest = graph.node('Sub', [graph.scalar('double', 1), p]);
  const odds = graph.node('Sub', [logOf(graph, p), logOf(graph, rest)]);
  // The threshold as the model's float32 numbers are compared with it.
  const own = Math.fround(threshold);
  const from = graph.node('Sub', [odds, graph.scalar('double', Math.log(own) - Math.log(1 - own))]);
  const score = graph.node('Div', [from, graph.scalar('double', temperature)]);
  return graph.cast(graph.node('Sigmoid', [score]), 'float');
}
