import { FanfareError } from '../errors.ts';
import { type ElementType, elementTypes, type ModelOutput, type ModelPort } from './model.ts';
import { attributeNumbers, attributeStrings, type ModelProto, type Node, type Value } from './model-proto.ts';

/** The numbers of TensorProto.DataType. */
const typeNames: Readonly<Record<number, ElementType>> = {
  1: 'float32',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  11: 'float64',
};

/** ONNX's own names of the types that are not taken, as far as models come with them. */
const otherTypes: Readonly<Record<number, string>> = {
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  10: 'float16',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
};

/**
 * What a model takes: its inputs but for those that have a constant as default. `BadModel` for a type that is none of ours,
 * or where it does not take any number of rows.
 */
export const inputsOf = ({ inputs, initializers }: ModelProto): readonly ModelPort[] =>
  inputs.filter(({ name }) => !initializers.has(name)).map((input) => ofAnyRows(portOf(input, 'input')));

/**
 * Those of types that are none of ours are left out: a model is good for the rest. `nodes`: of the model as it was before its
 * `ZipMap`s went, which say what its outputs are about.
 */
export function outputsOf(model: ModelProto, nodes = model.nodes): readonly ModelOutput[] {
  const outputs = model.outputs.filter(({ elementType }) => typeNames[elementType] !== undefined);
  const ports = outputs.map((output) => portOf(output, 'output'));
  const classifiers = nodes.filter((node) => labelsIn(node) !== undefined);
  const origins = new Map(ports.map(({ name }) => [name, originOf(nodes, name)]));
  const roles = rolesOf(ports, (name) => origins.get(name)?.from === 1);
  const ours = classesTold(model);
  return ports.map((port) => ({
    ...port,
    role: roles.get(port.name),
    labels: isFloat(port)
      ? (labelsIn(origins.get(port.name)?.node ?? (classifiers.length === 1 ? classifiers[0] : undefined)) ??
        ours)
      : undefined,
  }));
}

/** What a model of ours says of its classes. */
function classesTold({ metadata }: ModelProto): readonly string[] | undefined {
  const told = metadata.get('fanfare.classes');
  return told === undefined ? undefined : (JSON.parse(told) as readonly unknown[]).map(String);
}

function portOf({ name, elementType, shape }: Value, what: 'input' | 'output'): ModelPort {
  const type = typeNames[elementType];
  if (type) return { name, type, shape };
  const other = otherTypes[elementType] ?? `ONNX's type ${elementType}`;
  const given = elementType === 0 ? 'no tensor' : `of ${other}`;
  throw new FanfareError(
    'BadModel',
    `the model's ${what} "${name}" is ${given}; allowed: ${elementTypes.join(', ')}`,
  );
}

function ofAnyRows(port: ModelPort): ModelPort {
  const { name, shape } = port;
  const [rows = ''] = shape ?? [];
  if (shape?.length !== 0 && (typeof rows === 'string' || rows < 1)) return port;
  const given = shape?.length === 0 ? 'one number for all rows' : `exactly ${rows} rows at a time`;
  throw new FanfareError(
    'BadModel',
    `the model's input "${name}" [${shape?.join(', ')}] takes ${given}; export it with a first dimension that may vary (torch: dynamic_axes or dynamic_shapes; skl2onnx: None)`,
  );
}

const isFloat = ({ type }: ModelPort): boolean => type === 'float32' || type === 'float64';

/**
 * `probability`: the output of that name; else the one that a classifier's scores lead to; else the one float output that is
 * called like it. `class`: the one output that is no float. Two candidates are none.
 */
function rolesOf(
  ports: readonly ModelPort[],
  isScores: (name: string) => boolean,
): ReadonlyMap<string, 'probability' | 'class'> {
  const floats = ports.filter(isFloat);
  const rules = [
    floats.filter(({ name }) => name === 'probability'),
    floats.filter(({ name }) => isScores(name)),
    floats.filter(({ name }) => /prob/i.test(name)),
  ];
  const probable = rules.find((found) => found.length > 0) ?? [];
  const others = ports.filter((port) => !isFloat(port));
  const classes = others.filter(({ name }) => name === 'class' || name === 'label');
  const found = classes.length === 1 ? classes : others;
  return new Map([
    ...(probable.length === 1 ? [[probable[0]!.name, 'probability'] as const] : []),
    ...(found.length === 1 ? [[found[0]!.name, 'class'] as const] : []),
  ]);
}

/** The classifier that a value comes of, and whether of its labels (0) or its scores (1): the nearest one before it. */
function originOf(
  nodes: readonly Node[],
  output: string,
): { readonly node: Node; readonly from: number } | undefined {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const seen = new Set<string>();
  const open = [output];
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    const node = makers.get(name);
    if (seen.has(name) || !node) continue;
    seen.add(name);
    if (labelsIn(node)) return { node, from: node.outputs.length === 1 ? 1 : node.outputs.indexOf(name) };
    open.push(...node.inputs);
  }
  return undefined;
}

/** The classes of a classifier node, or of a `ZipMap` that was one. */
function labelsIn(node: Node | undefined): readonly string[] | undefined {
  if (node === undefined) return undefined;
  for (const name of ['classlabels_strings', 'classlabels_int64s', 'classlabels_ints']) {
    const words = attributeStrings(node, name);
    if (words.length > 0) return words;
    const numbers = attributeNumbers(node, name) ?? [];
    if (numbers.length > 0) return Array.from(numbers, String);
  }
  return undefined;
}
