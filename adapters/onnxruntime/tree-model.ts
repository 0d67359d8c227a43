import { Tensor } from 'onnxruntime-node';
import { type Cut, type Encoder, encodeWords } from '../../core/onnx/cut.ts';
import { probeRows } from '../../core/onnx/trees/probe.ts';
import { type TreeScorer, treeScorer } from '../../core/onnx/trees/scorer.ts';
import { openSession, type Session } from './session.ts';

/** How far a sum may lie from ONNX Runtime's: relative to it, absolute below 1. They are added in the same order. */
const bound = 1e-6;

/** A model of which ONNX Runtime runs all but the trees and the encoding of words. */
export interface TreeModel {
  /** Their values are fed in place of their strings. */
  readonly encoders: readonly Encoder[];
  /** `feed` gives the tensor of a model's input or of an encoder's values. */
  run(feed: (name: string) => Tensor, wanted: readonly string[]): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

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
): Promise<Readonly<Record<string, Tensor>>> {
  const matrices = before ? await before.run(feed, cut.matrices) : {};
  const sums: Record<string, Tensor> = {};
  for (const [k, { input, output, ensemble }] of cut.ensembles.entries())
    sums[output] = sumsOf(scorers[k]!, matrices[input] ?? feed(input), ensemble.targets);
  const rest = wanted.filter((name) => sums[name] === undefined);
  if (!after || rest.length === 0) return sums;
  return { ...sums, ...(await after.run((name) => sums[name] ?? feed(name), rest)) };
}

function sumsOf(scorer: TreeScorer, matrix: Tensor, targets: number): Tensor {
  const [rows = 0, width = 0] = matrix.dims;
  if (matrix.type !== 'float32' || matrix.dims.length !== 2 || width < scorer.width)
    throw new TypeError(`trees over ${scorer.width} features got ${matrix.type} [${matrix.dims.join(', ')}]`);
  return new Tensor('float32', scorer.score(matrix.data as Float32Array, width), [rows, targets]);
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
  for (const [k, { input, output, ensemble }] of ensembles.entries()) {
    const feed = (name: string) => {
      const own = words.get(name);
      if (own) return new Tensor('string', own, [own.length]);
      return name === input ? probes[k]! : probes[ensembles.findIndex((each) => each.input === name)]!;
    };
    const wanted = k === 0 ? [output, ...encoders.map((encoder) => encoder.output)] : [output];
    const theirs = await taken.run(feed, wanted);
    requireEqual(output, theirs, sumsOf(scorers[k]!, probes[k]!, ensemble.targets).data as Float32Array);
    if (k > 0) continue;
    for (const encoder of encoders)
      requireEqual(encoder.output, theirs, encodeWords(encoder, words.get(encoder.input)!));
  }
}

/** Words that it knows, none, and one that nothing knows. */
const wordsOf = ({ values }: Encoder): string[] => [...[...values.keys()].slice(0, 4096), '', '\u{10FFFD}'];

function requireEqual(
  output: string,
  theirs: Readonly<Record<string, Tensor>>,
  ours: Float32Array | BigInt64Array,
): void {
  const expected = theirs[output]!.data as Float32Array | BigInt64Array;
  if (expected.length !== ours.length)
    throw new RangeError(`"${output}" has ${ours.length} values, ONNX Runtime gives ${expected.length}`);
  for (let i = 0; i < ours.length; i++) {
    const [own, other] = [Number(ours[i]), Number(expected[i])];
    if (Object.is(own, other) || Math.abs(own - other) <= bound * Math.max(1, Math.abs(other))) continue;
    throw new RangeError(`"${output}" is ${own} at probe ${i}, ONNX Runtime gives ${other}`);
  }
}
