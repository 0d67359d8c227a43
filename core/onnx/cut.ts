import {
  attributeFloat,
  attributeInt,
  attributeNumbers,
  attributeStrings,
  type ModelProto,
  type Node,
  partOf,
} from './model-proto.ts';
import { type Ensemble, ensembleOf } from './trees/ensemble.ts';

/** A model taken apart at its trees; what stays of it is ONNX again. */
export interface Cut {
  /** Look up what they say, and the strings need not go into the model. */
  readonly encoders: readonly Encoder[];
  readonly ensembles: readonly EnsembleNode[];
  /** The ensembles' inputs that are no inputs of the model: the outputs of `before`. */
  readonly matrices: readonly string[];
  /** From the model's inputs and the encoders' values to `matrices`; undefined where there are none. */
  readonly before: Uint8Array | undefined;
  /** From the ensembles' sums to the model's outputs; undefined where these are outputs. */
  readonly after: Uint8Array | undefined;
  /** What was taken out, from its inputs to its outputs: to compare with. */
  readonly taken: Uint8Array;
}

/** A `LabelEncoder` of a string input. */
export interface Encoder {
  readonly input: string;
  readonly output: string;
  readonly type: 'float32' | 'int64';
  readonly values: ReadonlyMap<string, number>;
  /** Of a word that it does not know. */
  readonly otherwise: number;
}

interface EnsembleNode {
  /** A float matrix [rows, features], and sums [rows, targets]. */
  readonly input: string;
  readonly output: string;
  readonly ensemble: Ensemble;
}

/** onnx.proto's TensorProto.DataType. */
const types = { float32: 1, int64: 7, string: 8 } as const;

/** Undefined where there is nothing to take out: no ensemble that is understood, or graphs within the graph. */
export function cutTrees(model: ModelProto): Cut | undefined {
  const ensembles = ensemblesOf(model);
  if (ensembles.length === 0) return undefined;
  const encoders = encodersOf(model);
  const encoded = new Map(encoders.map(({ output, type }) => [output, types[type]] as const));
  const sums = new Map(ensembles.map(({ output }) => [output, types.float32] as const));
  const isInput = (name: string) => model.inputs.some((input) => input.name === name);
  const matrices = [...new Set(ensembles.map(({ input }) => input))].filter((name) => !isInput(name));
  const results = model.outputs.map(({ name }) => name).filter((name) => !sums.has(name));
  const part = (inputs: ReadonlyMap<string, number>, outputs: readonly string[]) =>
    outputs.length === 0 ? undefined : partOf(model, inputs, outputs);
  const taken = part(new Map(ensembles.map(({ input }) => [input, types.float32])), [
    ...sums.keys(),
    ...encoded.keys(),
  ]);
  const before = part(encoded, matrices);
  const after = part(new Map([...encoded, ...sums]), results);
  const isWhole = (before || matrices.length === 0) && (after || results.length === 0);
  return taken && isWhole ? { encoders, ensembles, matrices, before, after, taken } : undefined;
}

/** The ensembles that no other of them comes before. */
function ensemblesOf({ nodes }: ModelProto): readonly EnsembleNode[] {
  const behindTrees = new Set<string>();
  return nodes.flatMap((node): EnsembleNode[] => {
    const [input = '', output = ''] = [node.inputs[0], node.outputs[0]];
    const isFirst = !node.inputs.some((name) => behindTrees.has(name));
    const ensemble = isFirst ? ensembleOf(node) : undefined;
    if (ensemble || !isFirst) for (const name of node.outputs) behindTrees.add(name);
    return ensemble ? [{ input, output, ensemble }] : [];
  });
}

/** The values of words, a vector. */
export function encodeWords(encoder: Encoder, words: readonly string[]): Float32Array | BigInt64Array {
  const { values, otherwise, type } = encoder;
  return type === 'float32'
    ? Float32Array.from(words, (word) => values.get(word) ?? otherwise)
    : BigInt64Array.from(words, (word) => BigInt(values.get(word) ?? otherwise));
}

function encodersOf(model: ModelProto): readonly Encoder[] {
  const strings = new Set(
    model.inputs.filter(({ elementType }) => elementType === types.string).map(({ name }) => name),
  );
  const outputs = new Set(model.outputs.map(({ name }) => name));
  return model.nodes.flatMap((node) => {
    const isOurs = node.operator === 'LabelEncoder' && node.domain === 'ai.onnx.ml';
    if (!isOurs || !strings.has(node.inputs[0] ?? '') || outputs.has(node.outputs[0] ?? '')) return [];
    return encoderOf(node) ?? [];
  });
}

function encoderOf(node: Node): Encoder | undefined {
  const keys = attributeStrings(node, 'keys_strings');
  const floats = attributeNumbers(node, 'values_floats');
  const numbers = floats ?? attributeNumbers(node, 'values_int64s');
  if (keys.length === 0 || numbers?.length !== keys.length) return undefined;
  const values = new Map<string, number>();
  for (const [at, key] of keys.entries()) if (!values.has(key)) values.set(key, numbers[at]!);
  return {
    input: node.inputs[0]!,
    output: node.outputs[0]!,
    type: floats ? 'float32' : 'int64',
    values,
    otherwise: floats
      ? (attributeFloat(node, 'default_float') ?? 0)
      : (attributeInt(node, 'default_int64') ?? -1),
  };
}
