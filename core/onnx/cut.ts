import {
  attributeFloat,
  attributeInt,
  attributeNumbers,
  attributeStrings,
  type ModelProto,
  type Node,
  partOf,
} from './model-proto.ts';
import { type Classifier, classifierOf } from './trees/classifier.ts';
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
  /** From what the ensembles give to the model's outputs; undefined where these are outputs. */
  readonly after: Uint8Array | undefined;
  /** Outputs of the model that are the ensembles' own under another name. */
  readonly aliases: ReadonlyMap<string, string>;
  /** What was taken out, from its inputs to its outputs: to compare with. */
  readonly taken: Uint8Array;
}

/** A `LabelEncoder` of a string input. */
export interface Encoder {
  readonly input: string;
  /** Whether its input has the shape [rows, 1], and so its values. */
  readonly isMatrix: boolean;
  readonly output: string;
  readonly type: 'float32' | 'int64';
  readonly values: ReadonlyMap<string, number>;
  /** Of a word that it does not know. */
  readonly otherwise: number;
}

export interface EnsembleNode {
  /** A float matrix [rows, features]. */
  readonly input: string;
  /** Sums [rows, targets], or a classifier's scores [rows, classes]. */
  readonly output: string;
  readonly ensemble: Ensemble;
  /** With the output of its labels [rows]; undefined where the sums are all. */
  readonly classifier: (Classifier & { readonly output: string }) | undefined;
}

/** onnx.proto's TensorProto.DataType. */
const types = { float32: 1, int64: 7, string: 8 } as const;

/** Undefined where there is nothing to take out: no ensemble that is understood, or graphs within the graph. */
export function cutTrees(model: ModelProto): Cut | undefined {
  const ensembles = ensemblesOf(model);
  if (ensembles.length === 0) return undefined;
  const encoders = encodersOf(model);
  const encoded = new Map(encoders.map(({ output, type }) => [output, types[type]] as const));
  const given = new Map(ensembles.flatMap(givenBy));
  const isInput = (name: string) => model.inputs.some((input) => input.name === name);
  const matrices = [...new Set(ensembles.map(({ input }) => input))].filter((name) => !isInput(name));
  const aliases = aliasesOf(model, given);
  const results = model.outputs
    .map(({ name }) => name)
    .filter((name) => !given.has(name) && !aliases.has(name));
  const part = (inputs: ReadonlyMap<string, number>, outputs: readonly string[]) =>
    outputs.length === 0 ? undefined : partOf(model, inputs, outputs);
  const taken = part(new Map(ensembles.map(({ input }) => [input, types.float32])), [
    ...given.keys(),
    ...encoded.keys(),
  ]);
  const before = part(encoded, matrices);
  const after = part(new Map([...encoded, ...given]), results);
  const isWhole = (before || matrices.length === 0) && (after || results.length === 0);
  return taken && isWhole ? { encoders, ensembles, matrices, before, after, aliases, taken } : undefined;
}

/** The ensembles that no other of them comes before. */
function ensemblesOf({ nodes, inputs }: ModelProto): readonly EnsembleNode[] {
  const behindTrees = new Set<string>();
  const others = new Set(
    inputs.filter(({ elementType }) => elementType !== types.float32).map(({ name }) => name),
  );
  return nodes.flatMap((node): EnsembleNode[] => {
    const isFirst = !node.inputs.some((name) => behindTrees.has(name));
    const found = isFirst && !others.has(node.inputs[0] ?? '') ? ensembleNodeOf(node) : undefined;
    if (found || !isFirst) for (const name of node.outputs) behindTrees.add(name);
    return found ? [found] : [];
  });
}

function ensembleNodeOf(node: Node): EnsembleNode | undefined {
  const [input = '', [first = '', second = '']] = [node.inputs[0], node.outputs];
  const ensemble = ensembleOf(node);
  if (ensemble) return { input, output: first, ensemble, classifier: undefined };
  const found = second === '' ? undefined : classifierOf(node);
  if (!found) return undefined;
  const classifier = { ...found.classifier, output: first };
  return { input, output: second, ensemble: found.ensemble, classifier };
}

/** The types of a node's outputs, by their names. */
const givenBy = ({ output, classifier }: EnsembleNode): readonly (readonly [string, number])[] => {
  const labels = classifier?.labels instanceof BigInt64Array ? types.int64 : types.string;
  return [[output, types.float32], ...(classifier ? [[classifier.output, labels] as const] : [])];
};

function aliasesOf(
  { nodes, outputs }: ModelProto,
  given: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, string> {
  const own = new Map([...given.keys()].map((name) => [name, name]));
  for (const { operator, domain, inputs, outputs: made } of nodes) {
    const of = own.get(inputs[0] ?? '');
    if (operator === 'Identity' && domain === '' && of !== undefined) own.set(made[0] ?? '', of);
  }
  return new Map(
    outputs.flatMap(({ name }) => {
      const of = own.get(name);
      return of === undefined || given.has(name) ? [] : [[name, of] as const];
    }),
  );
}

/** The values of words, a vector. */
export function encodeWords(encoder: Encoder, words: readonly string[]): Float32Array | BigInt64Array {
  const { values, otherwise, type } = encoder;
  return type === 'float32'
    ? Float32Array.from(words, (word) => values.get(word) ?? otherwise)
    : BigInt64Array.from(words, (word) => BigInt(values.get(word) ?? otherwise));
}

function encodersOf(model: ModelProto): readonly Encoder[] {
  const strings = new Map(
    model.inputs
      .filter(({ elementType, shape = [''] }) => elementType === types.string && isOfOne(shape))
      .map(({ name, shape = [''] }) => [name, shape.length === 2]),
  );
  const outputs = new Set(model.outputs.map(({ name }) => name));
  return model.nodes.flatMap((node) => {
    const isOurs = node.operator === 'LabelEncoder' && node.domain === 'ai.onnx.ml';
    const isMatrix = strings.get(node.inputs[0] ?? '');
    if (!isOurs || isMatrix === undefined || outputs.has(node.outputs[0] ?? '')) return [];
    return encoderOf(node, isMatrix) ?? [];
  });
}

/** [rows] or [rows, 1]. */
const isOfOne = ([, width = 1, ...more]: readonly (number | string)[]): boolean =>
  width === 1 && more.length === 0;

function encoderOf(node: Node, isMatrix: boolean): Encoder | undefined {
  const keys = attributeStrings(node, 'keys_strings');
  const floats = attributeNumbers(node, 'values_floats');
  const numbers = floats ?? attributeNumbers(node, 'values_int64s');
  if (keys.length === 0 || numbers?.length !== keys.length) return undefined;
  const values = new Map<string, number>();
  for (const [at, key] of keys.entries()) if (!values.has(key)) values.set(key, numbers[at]!);
  return {
    input: node.inputs[0]!,
    isMatrix,
    output: node.outputs[0]!,
    type: floats ? 'float32' : 'int64',
    values,
    otherwise: floats
      ? (attributeFloat(node, 'default_float') ?? 0)
      : (attributeInt(node, 'default_int64') ?? -1),
  };
}
