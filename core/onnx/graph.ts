import { ProtoWriter } from './protobuf.ts';

/** Element types and their numbers in onnx.proto's TensorProto.DataType. */
const dataTypes = { float: 1, uint8: 2, int64: 7, string: 8, bool: 9, double: 11 } as const;
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
  | { readonly kind: 'strings'; readonly values: readonly string[] }
  | { readonly kind: 'tensor'; readonly tensor: Tensor };

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const ints = (values: ArrayLike<number>): Attribute => ({ kind: 'ints', values });

const sizes = {
  1: ['rows'],
  2: ['rows', 'columns'],
  4: ['rows', 'channels', 'height', 'width'],
} as const;
type Rank = keyof typeof sizes;

/** An input or output of the model: a value a row, a row of values, or an image. */
interface Port {
  readonly name: string;
  readonly type: DataType;
  /** 1: [rows]; 2: [rows, columns]; 4: [rows, channels, height, width]. */
  readonly rank: Rank;
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
  readonly #taken = new Set<string>();
  #names = 0;

  input(name: string, type: DataType, rank: Rank = 1): string {
    this.#inputs.push({ name, type, rank });
    this.#taken.add(name);
    return name;
  }

  /** Names the value `from` as an output of the model. */
  output(name: string, type: DataType, from: string): void {
    this.#outputs.push({ name, type, rank: 1 });
    this.#node('Identity', [from], name, {}, '');
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
    this.#node(operator, inputs, output, attributes, domain);
    return output;
  }

  cast(value: string, to: DataType): string {
    return this.node('Cast', [value], { to: int(dataTypes[to]) });
  }

  /** The model's bytes. */
  finish(
    producer: { readonly name: string; readonly version: string },
    metadata: ReadonlyMap<string, string>,
  ): Uint8Array {
    const graph = new ProtoWriter();
    for (const node of this.#nodes) graph.message(1, node);
    graph.string(2, producer.name);
    for (const constant of this.#constants.values()) graph.message(5, constant);
    for (const port of this.#inputs) graph.message(11, valueInfo(port));
    for (const port of this.#outputs) graph.message(12, valueInfo(port));
    const model = new ProtoWriter()
      .int(1, versions.ir)
      .string(2, producer.name)
      .string(3, producer.version)
      .message(7, graph)
      .message(8, new ProtoWriter().string(1, '').int(2, versions.onnx))
      .message(8, new ProtoWriter().string(1, 'ai.onnx.ml').int(2, versions.ml));
    for (const [key, value] of metadata) model.message(14, new ProtoWriter().string(1, key).string(2, value));
    return model.finish().slice();
  }

  /** A name that no column of the table has. */
  #fresh(): string {
    for (;;) {
      const name = `_${this.#names++}`;
      if (!this.#taken.has(name)) return name;
    }
  }

  #node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>>,
    domain: string,
  ): void {
    const node = new ProtoWriter();
    for (const input of inputs) node.string(1, input);
    node.string(2, output).string(3, `${operator}${output}`).string(4, operator);
    for (const [name, attribute] of Object.entries(attributes))
      node.message(5, attributeProto(name, attribute));
    if (domain) node.string(7, domain);
    this.#nodes.push(node);
  }
}

function valueInfo({ name, type, rank }: Port): ProtoWriter {
  const shape = new ProtoWriter();
  for (const size of sizes[rank]) shape.message(1, new ProtoWriter().string(2, size));
  const tensor = new ProtoWriter().int(1, dataTypes[type]).message(2, shape);
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
    case 'tensor':
      return proto.message(5, tensorProto(attribute.tensor)).int(20, 4);
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
