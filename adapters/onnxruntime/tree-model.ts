import { Tensor } from 'onnxruntime-node';
import { type Cut, type Encoder, type EnsembleNode, encodeWords } from '../../core/onnx/cut.ts';
import { classify } from '../../core/onnx/trees/classifier.ts';
import { probeRows } from '../../core/onnx/trees/probe.ts';
import { type TreeScorer, treeScorer } from '../../core/onnx/trees/scorer.ts';
import { openSession, type Session } from './session.ts';

/** How far a number may lie from ONNX Runtime's: relative to it, absolute below 1. They are added in the same order. */
const bound = 1e-6;

/** A model of which ONNX Runtime runs all but the trees and the encoding of words. */
export interface TreeModel {
  /** Their values are fed in place of their strings. */
  readonly encoders: readonly Encoder[];
  /** `feed` gives the tensor of a model's input or of an encoder's values. */
  run(feed: (name: string) => Tensor, wanted: readonly string[]): Promise<Tensors>;
  release(): Promise<void>;
}

type Tensors = Readonly<Record<string, Tensor>>;

/** Undefined where the trees are too large, or do not give what ONNX Runtime gives; `warn` is told the latter. */
export async function openTreeModel(
  cut: Cut,
  threads: number,
  warn: (line: string) => void,
): Promise<TreeModel | undefined> {
  const scorers = cut.ensembles.map(({ ensemble }) => treeScorer(ensemble));
  if (!scorers.every((scorer) => scorer !== undefined)) return undefined;
  const opened: Session[] = [];
  const open = async (bytes: Uint8Array | undefined) => {
    const session = bytes && (await openSession(bytes, threads));
    if (session) opened.push(session);
    return session;
  };
  const release = async () => void (await Promise.all(opened.map((session) => session.release())));
  try {
    const taken = await openSession(cut.taken, threads);
    try {
      await check(cut, scorers, taken);
    } finally {
      await taken.release();
    }
    const parts = { cut, scorers, before: await open(cut.before), after: await open(cut.after) };
    return { encoders: cut.encoders, run: (feed, wanted) => run(parts, feed, wanted), release };
  } catch (error) {
    await release();
    warn(
      `the model's trees are left to ONNX Runtime: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

interface Parts {
  readonly cut: Cut;
  readonly scorers: readonly TreeScorer[];
  readonly before: Session | undefined;
  readonly after: Session | undefined;
}

async function run(
  { cut, scorers, before, after }: Parts,
  feed: (name: string) => Tensor,
  wanted: readonly string[],
): Promise<Tensors> {
  const matrices = before ? await before.run(feed, cut.matrices) : {};
  const given: Record<string, Tensor> = {};
  for (const [k, node] of cut.ensembles.entries())
    Object.assign(given, evaluated(node, scorers[k]!, matrices[node.input] ?? feed(node.input)));
  for (const [name, of] of cut.aliases) given[name] = given[of]!;
  const rest = wanted.filter((name) => given[name] === undefined);
  if (!after || rest.length === 0) return given;
  return { ...given, ...(await after.run((name) => given[name] ?? feed(name), rest)) };
}

/** What the node gives, by its outputs' names. */
function evaluated(
  { output, ensemble, classifier }: EnsembleNode,
  scorer: TreeScorer,
  matrix: Tensor,
): Tensors {
  const [rows = 0, width = 0] = matrix.dims;
  if (matrix.type !== 'float32' || matrix.dims.length !== 2 || width < scorer.width)
    throw new TypeError(`trees over ${scorer.width} features got ${matrix.type} [${matrix.dims.join(', ')}]`);
  const sums = scorer.score(matrix.data as Float32Array, width);
  if (!classifier) return { [output]: new Tensor('float32', sums, [rows, ensemble.targets]) };
  const { labels } = classifier;
  const { places, scores } = classify(classifier, sums);
  return {
    [output]: new Tensor('float32', scores, [rows, labels.length]),
    [classifier.output]:
      labels instanceof BigInt64Array
        ? new Tensor('int64', numbersAt(labels, places), [rows])
        : new Tensor(
            'string',
            Array.from(places, (place) => labels[place]!),
            [rows],
          ),
  };
}

function numbersAt(labels: BigInt64Array, places: Uint32Array): BigInt64Array {
  const out = new BigInt64Array(places.length);
  for (let row = 0; row < out.length; row++) out[row] = labels[places[row]!]!;
  return out;
}

/** Compares what was taken out of a model with the same in ONNX Runtime; throws where it differs. */
async function check(
  { encoders, ensembles }: Cut,
  scorers: readonly TreeScorer[],
  taken: Session,
): Promise<void> {
  const probes = ensembles.map(({ ensemble }, k) => {
    const width = Math.max(1, scorers[k]!.width);
    const values = probeRows(scorers[k]!, ensemble, width);
    return new Tensor('float32', values, [values.length / width, width]);
  });
  const words = new Map(encoders.map((encoder) => [encoder.input, wordsOf(encoder)]));
  const columns = new Set(encoders.flatMap(({ input, isMatrix }) => (isMatrix ? [input] : [])));
  for (const [k, node] of ensembles.entries()) {
    const feed = (name: string) => {
      const own = words.get(name);
      if (own) return new Tensor('string', own, columns.has(name) ? [own.length, 1] : [own.length]);
      return name === node.input ? probes[k]! : probes[ensembles.findIndex((each) => each.input === name)]!;
    };
    const ours = evaluated(node, scorers[k]!, probes[k]!);
    const encoded = k === 0 ? encoders : [];
    const wanted = [...Object.keys(ours), ...encoded.map((encoder) => encoder.output)];
    const theirs = await taken.run(feed, wanted);
    for (const [name, { data }] of Object.entries(ours)) requireEqual(name, theirs, data as Values);
    for (const encoder of encoded)
      requireEqual(encoder.output, theirs, encodeWords(encoder, words.get(encoder.input)!));
  }
}

/** Words that it knows, none, and one that nothing knows. */
const wordsOf = ({ values }: Encoder): string[] => [...[...values.keys()].slice(0, 4096), '', '\u{10FFFD}'];

type Values = Float32Array | BigInt64Array | readonly string[];

function requireEqual(output: string, theirs: Tensors, ours: Values): void {
  const expected = theirs[output]!.data as Values;
  if (expected.length !== ours.length)
    throw new RangeError(`"${output}" has ${ours.length} values, ONNX Runtime gives ${expected.length}`);
  for (let i = 0; i < ours.length; i++) {
    if (Object.is(ours[i], expected[i])) continue;
    const [own, other] = [Number(ours[i]), Number(expected[i])];
    const isNear = Math.abs(own - other) <= bound * Math.max(1, Math.abs(other));
    if (ours instanceof Float32Array && isNear) continue;
    throw new RangeError(`"${output}" is ${ours[i]} at probe ${i}, ONNX Runtime gives ${expected[i]}`);
  }
}
