import { ProtoWriter } from './protobuf.ts';

/** Element types and their numbers in onnx.proto's TensorProto.DataType. */
const dataTypes = { float: 1, uint8: 2, int32: 6, int64: 7, string: 8, bool: 9, double: 11 } as const;
export type DataType = keyof typeof dataTypes;

/** A constant; without `dims` a vector of its values. */
export type Tensor = { readonly dims?: readonly number[] } & (
  | { readonly type: 'float'; readonly values: Float32Array }
  | { readonly type: 'double'; readonly values: Float64Array }
  | { readonly type: 'int64'; readonly values: BigInt64Array }
  | { readonly type: 'uint8'; readonly values: Uint8Array }
  | { readonly type: 'string'; readonly values: readonly string[] }
);

export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'ints'; readonly values: ArrayLike<number> }
  | { readonly kind: 'floats'; readonly values: Float32Array }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly values: readonly string[] }
  | { readonly kind: 'tensor'; readonly tensor: Tensor }
  | { readonly kind: 'graph'; readonly graph: GraphBuilder };

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const ints = (values: ArrayLike<number>): Attribute => ({ kind: 'ints', values });

/** A value a row, a row of values, or an image. */
const shapes = {
  1: ['rows'],
  2: ['rows', 'columns'],
  4: ['rows', 'channels', 'height', 'width'],
} as const;
type Rank = keyof typeof shapes;

/** An input or output of a graph. */
interface Port {
  readonly name: string;
  readonly type: DataType;
  readonly shape: Shape;
}

/** A size or the name of one a dimension. */
type Shape = readonly (number | string)[];

/** The names of one model: of its ports, and how many were made. */
interface Names {
  readonly taken: Set<string>;
  next: number;
}

/** The operators of ai.onnx 21 and ai.onnx.ml 5, which ONNX 1.16 introduced with IR 10. */
const versions = { ir: 10, onnx: 21, ml: 5 } as const;

/**
 * Builds one ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; the field numbers are from there).
 * Nodes run in the order in which they are added.
 */
export class GraphBuilder {
  readonly #inputs: Port[] = [];
  readonly #outputs: Port[] = [];
  readonly #constants = new Map<string, ProtoWriter>();
  readonly #nodes: ProtoWriter[] = [];
  readonly #names: Names;

  constructor(names: Names = { taken: new Set(), next: 0 }) {
    this.#names = names;
  }

  input(name: string, type: DataType, rank: Rank = 1): string {
    return this.tensorInput(name, type, shapes[rank]);
  }

  /** An input of that shape, for graphs of our own. */
  tensorInput(name: string, type: DataType, shape: Shape): string {
    this.#inputs.push({ name, type, shape });
    this.#names.taken.add(name);
    return name;
  }

  /** Names the value `from` as an output of the model. */
  output(name: string, type: DataType, from: string): void {
    this.tensorOutput(name, type, shapes[1], from);
  }

  /** The same of that shape. */
  tensorOutput(name: string, type: DataType, shape: Shape, from: string): void {
    this.#outputs.push({ name, type, shape });
    this.#node('Identity', [from], [name], {}, '');
  }

  /** A graph to be a node's attribute: it sees this one's values, and shares no name with it. */
  body(): GraphBuilder {
    return new GraphBuilder(this.#names);
  }

  constant(tensor: Tensor): string {
    const name = this.#fresh();
    this.#constants.set(name, tensorProto(tensor).string(8, name));
    return name;
  }

  scalar(type: 'float' | 'double', value: number): string {
    return type === 'float'
      ? this.constant({ type, values: Float32Array.of(value), dims: [] })
      : this.constant({ type, values: Float64Array.of(value), dims: [] });
  }

  integer(value: number | bigint): string {
    return this.constant({ type: 'int64', values: BigInt64Array.of(BigInt(value)), dims: [] });
  }

  /** A node of one output, whose name is the answer; `ml` takes the operator from ai.onnx.ml. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain: '' | 'ai.onnx.ml' = '',
  ): string {
    const output = this.#fresh();
    this.#node(operator, inputs, [output], attributes, domain);
    return output;
  }

  /** A node of ai.onnx with so many outputs. */
  nodes(
    operator: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.#fresh());
    this.#node(operator, inputs, names, attributes, '');
    return names;
  }

  cast(value: string, to: DataType): string {
    return this.node('Cast', [value], { to: int(dataTypes[to]) });
  }

  /** The model's bytes. */
  finish(
    producer: { readonly name: string; readonly version: string },
    metadata: ReadonlyMap<string, string>,
  ): Uint8Array {
    const model = new ProtoWriter()
      .int(1, versions.ir)
      .string(2, producer.name)
      .string(3, producer.version)
      .message(7, this.proto(producer.name))
      .message(8, new ProtoWriter().string(1, '').int(2, versions.onnx))
      .message(8, new ProtoWriter().string(1, 'ai.onnx.ml').int(2, versions.ml));
    for (const [key, value] of metadata) model.message(14, new ProtoWriter().string(1, key).string(2, value));
    return model.finish().slice();
  }

  /** GraphProto. */
  proto(name: string): ProtoWriter {
    const graph = new ProtoWriter();
    for (const node of this.#nodes) graph.message(1, node);
    graph.string(2, name);
    for (const constant of this.#constants.values()) graph.message(5, constant);
    for (const port of this.#inputs) graph.message(11, valueInfo(port));
    for (const port of this.#outputs) graph.message(12, valueInfo(port));
    return graph;
  }

  /** A name that no column of the table has. */
  #fresh(): string {
    for (;;) {
      const name = `_${this.#names.next++}`;
      if (!this.#names.taken.has(name)) return name;
    }
  }

  #node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    domain: string,
  ): void {
    const node = new ProtoWriter();
    for (const input of inputs) node.string(1, input);
    for (const output of outputs) node.string(2, output);
    node.string(3, `${operator}${outputs[0]}`).string(4, operator);
    for (const [name, attribute] of Object.entries(attributes))
      node.message(5, attributeProto(name, attribute));
    if (domain) node.string(7, domain);
    this.#nodes.push(node);
  }
}

function valueInfo({ name, type, shape }: Port): ProtoWriter {
  const dimensions = new ProtoWriter();
  for (const size of shape) {
    const dimension = new ProtoWriter();
    dimensions.message(1, typeof size === 'number' ? dimension.int(1, size) : dimension.string(2, size));
  }
  const tensor = new ProtoWriter().int(1, dataTypes[type]).message(2, dimensions);
  return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, tensor));
}

function tensorProto(tensor: Tensor): ProtoWriter {
  const proto = new ProtoWriter();
  for (const size of tensor.dims ?? [tensor.values.length]) proto.int(1, size);
  proto.int(2, dataTypes[tensor.type]);
  if (tensor.type === 'string') for (const word of tensor.values) proto.string(6, word);
  else {
    const { buffer, byteOffset, byteLength } = tensor.values;
    proto.bytes(9, new Uint8Array(buffer, byteOffset, byteLength));
  }
  return proto;
}

function attributeProto(name: string, attribute: Attribute): ProtoWriter {
  const proto = new ProtoWriter().string(1, name);
  switch (attribute.kind) {
    case 'float':
      return proto.float(2, attribute.value).int(20, 1);
    case 'int':
      return proto.int(3, attribute.value).int(20, 2);
    case 'string':
      return proto.string(4, attribute.value).int(20, 3);
    case 'tensor':
      return proto.message(5, tensorProto(attribute.tensor)).int(20, 4);
    case 'graph':
      return proto.message(6, attribute.graph.proto(name)).int(20, 5);
    case 'floats': {
      const { buffer, byteOffset, byteLength } = attribute.values;
      return proto.bytes(7, new Uint8Array(buffer, byteOffset, byteLength)).int(20, 6);
    }
    case 'ints':
      return proto.ints(8, attribute.values).int(20, 7);
    case 'strings':
      for (const word of attribute.values) proto.string(9, word);
      return proto.int(20, 8);
  }
}
