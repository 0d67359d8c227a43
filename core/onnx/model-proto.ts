import { joinBytes } from '../bytes.ts';
import { FanfareError } from '../errors.ts';
import {
  type ProtoField,
  protoBytes,
  protoFields,
  protoFloats,
  protoInts,
  protoStrings,
} from './proto-fields.ts';
import { ProtoWriter } from './protobuf.ts';

/** An ONNX file taken apart (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; the field numbers are from there). */
export interface ModelProto {
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Constants by name. */
  readonly initializers: ReadonlyMap<string, Uint8Array>;
  /** All fields of the model and of its graph, as they stand in the file. */
  readonly fields: readonly ProtoField[];
  /** The version of each domain's operators. */
  readonly versions: ReadonlyMap<string, number>;
  readonly graph: readonly ProtoField[];
  /** What it says of itself. */
  readonly metadata: ReadonlyMap<string, string>;
}

export interface Node {
  readonly operator: string;
  /** '' is ai.onnx. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Each attribute's fields. */
  readonly attributes: ReadonlyMap<string, readonly ProtoField[]>;
  readonly bytes: Uint8Array;
}

/** A graph's input or output: ValueInfoProto. */
export interface Value {
  readonly name: string;
  /** TensorProto.DataType; 0 where it is no tensor. */
  readonly elementType: number;
  /** A number or a name ('' where it has none) a dimension; undefined where it says nothing of them. */
  readonly shape: readonly (number | string)[] | undefined;
  readonly bytes: Uint8Array;
}

/** Fields of GraphProto. */
export const inGraph = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;

/** `BadModel` if the bytes are no protobuf message, or one without a graph. */
export function parseModel(bytes: Uint8Array): ModelProto {
  const fields = protoFields(bytes);
  const graphs = protoBytes(fields, 7);
  if (graphs.length === 0) {
    throw new FanfareError(
      'BadModel',
      `the model of ${bytes.length} bytes is no ONNX file: it holds no graph`,
    );
  }
  const graph = protoFields(joinBytes(graphs));
  const all = (number: number) => protoBytes(graph, number);
  return {
    fields,
    graph,
    versions: new Map(
      protoBytes(fields, 8).map((each) => {
        const of = protoFields(each);
        return [plainDomain(protoStrings(of, 1)[0] ?? ''), protoInts(of, 2)[0] ?? 0];
      }),
    ),
    metadata: new Map(
      protoBytes(fields, 14).map((each) => {
        const of = protoFields(each);
        return [protoStrings(of, 1)[0] ?? '', protoStrings(of, 2)[0] ?? ''];
      }),
    ),
    nodes: all(inGraph.node).map(nodeOf),
    inputs: all(inGraph.input).map(valueInfoOf),
    outputs: all(inGraph.output).map(valueInfoOf),
    initializers: new Map(
      all(inGraph.initializer).map((tensor) => [protoStrings(protoFields(tensor), 8)[0] ?? '', tensor]),
    ),
  };
}

const plainDomain = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);

export function nodeOf(bytes: Uint8Array): Node {
  const fields = protoFields(bytes);
  const [operator = ''] = protoStrings(fields, 4);
  const [domain = ''] = protoStrings(fields, 7);
  const attributes = protoBytes(fields, 5).map((attribute) => protoFields(attribute));
  return {
    operator,
    domain: plainDomain(domain),
    inputs: protoStrings(fields, 1),
    outputs: protoStrings(fields, 2),
    attributes: new Map(attributes.map((each) => [protoStrings(each, 1)[0] ?? '', each])),
    bytes,
  };
}

function valueInfoOf(bytes: Uint8Array): Value {
  const fields = protoFields(bytes);
  const [tensor] = protoBytes(fields, 2).flatMap((type) => protoBytes(protoFields(type), 1));
  const inTensor = tensor ? protoFields(tensor) : [];
  const [shape] = protoBytes(inTensor, 2);
  return {
    name: protoStrings(fields, 1)[0] ?? '',
    elementType: protoInts(inTensor, 1)[0] ?? 0,
    shape: shape && protoBytes(protoFields(shape), 1).map(dimensionOf),
    bytes,
  };
}

function dimensionOf(bytes: Uint8Array): number | string {
  const fields = protoFields(bytes);
  return protoInts(fields, 1)[0] ?? protoStrings(fields, 2)[0] ?? '';
}

/** The numbers of an attribute: of ints, or of a tensor of floats or bytes. Undefined where the node has it not. */
export function attributeNumbers(node: Node, name: string): ArrayLike<number> | undefined {
  const attribute = node.attributes.get(name);
  if (!attribute) return undefined;
  const [tensor] = protoBytes(attribute, 5);
  if (tensor) return tensorNumbers(tensor);
  const floats = protoFloats(attribute, 7);
  return floats.length > 0 ? floats : protoInts(attribute, 8);
}

export const attributeStrings = (node: Node, name: string): readonly string[] =>
  protoStrings(node.attributes.get(name) ?? [], 9);

export const attributeInt = (node: Node, name: string): number | undefined =>
  protoInts(node.attributes.get(name) ?? [], 3)[0];

export const attributeFloat = (node: Node, name: string): number | undefined =>
  protoFloats(node.attributes.get(name) ?? [], 2)[0];

export const attributeString = (node: Node, name: string): string | undefined =>
  protoStrings(node.attributes.get(name) ?? [], 4)[0];

/** A tensor of float32 (1), uint8 (2) or double (11), raw or not; undefined for another type. */
function tensorNumbers(tensor: Uint8Array): ArrayLike<number> | undefined {
  const fields = protoFields(tensor);
  const [type] = protoInts(fields, 2);
  const [raw] = protoBytes(fields, 9).map((bytes) => bytes.slice());
  if (type === 1) return raw ? new Float32Array(raw.buffer) : protoFloats(fields, 4);
  if (type === 2) return raw ?? protoInts(fields, 5);
  if (type === 11 && raw) return new Float64Array(raw.buffer);
  return undefined;
}

/**
 * The part of a model that leads from `inputs` to `outputs`: values of its graph, which become the part's own. Inputs of
 * the model that lie on the way stay inputs. Undefined where a node holds a graph of its own, which may see any value.
 */
export function partOf(
  model: ModelProto,
  inputs: ReadonlyMap<string, number>,
  outputs: readonly string[],
): Uint8Array | undefined {
  if (model.nodes.some(hasGraph)) return undefined;
  const made = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const reached = new Set<string>();
  const nodes = new Set<Node>();
  const open = [...outputs];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const node = made.get(name);
    if (inputs.has(name) || !node) continue;
    nodes.add(node);
    open.push(...node.inputs);
  }
  const graph = new ProtoWriter();
  for (const node of model.nodes) if (nodes.has(node)) graph.bytes(inGraph.node, node.bytes);
  graph.string(2, 'part');
  for (const [name, tensor] of model.initializers)
    if (reached.has(name) && !inputs.has(name)) graph.bytes(inGraph.initializer, tensor);
  for (const { name, bytes } of model.inputs)
    if (reached.has(name) && !inputs.has(name)) graph.bytes(inGraph.input, bytes);
  for (const [name, type] of inputs)
    if (reached.has(name)) graph.message(inGraph.input, tensorValue(name, type));
  for (const name of outputs) {
    const own = model.outputs.find((output) => output.name === name);
    graph.bytes(inGraph.output, own?.bytes ?? new ProtoWriter().string(1, name).finish());
  }
  return withGraph(model, graph);
}

const hasGraph = ({ attributes }: Node): boolean =>
  [...attributes.values()].some((fields) => fields.some(({ number }) => number === 6 || number === 11));

const tensorValue = (name: string, type: number): ProtoWriter =>
  new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, new ProtoWriter().int(1, type)));

/** The model with another graph. */
export function withGraph({ fields }: ModelProto, graph: ProtoWriter): Uint8Array {
  const rest = fields.filter(({ number }) => number !== 7).map(({ bytes }) => bytes);
  return joinBytes([...rest, new ProtoWriter().message(7, graph).finish()]);
}
