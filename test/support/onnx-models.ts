import { ProtoWriter } from '../../core/onnx/protobuf.ts';

/** An ONNX file as its parts are said to be, right or wrong; types are numbers of TensorProto.DataType (1 is float32). */
export interface Parts {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly nodes: readonly {
    readonly operator: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly domain?: string;
  }[];
  readonly opset?: number;
  readonly ir?: number;
  /** Where a constant's bytes are said to lie. */
  readonly external?: string;
}

interface Port {
  readonly name: string;
  readonly type?: number;
  readonly shape: readonly (number | string)[];
}

export function onnxOf({ inputs, outputs, nodes, opset = 17, ir = 8, external }: Parts): Uint8Array {
  const graph = new ProtoWriter();
  for (const { operator, inputs, outputs, domain = '' } of nodes) {
    const node = new ProtoWriter();
    for (const name of inputs) node.string(1, name);
    for (const name of outputs) node.string(2, name);
    graph.message(1, node.string(4, operator).string(7, domain));
  }
  graph.string(2, 'graph');
  if (external !== undefined) {
    const entry = new ProtoWriter().string(1, 'location').string(2, external);
    graph.message(
      5,
      new ProtoWriter().int(1, 2).int(2, 1).string(8, 'weights').message(13, entry).int(14, 1),
    );
  }
  for (const port of inputs) graph.message(11, valueInfo(port));
  for (const port of outputs) graph.message(12, valueInfo(port));
  const domains = new Set(['', ...nodes.flatMap(({ domain = '' }) => domain)]);
  const model = new ProtoWriter().int(1, ir).message(7, graph);
  for (const domain of domains)
    model.message(8, new ProtoWriter().string(1, domain).int(2, domain === '' ? opset : 1));
  return model.finish().slice();
}

function valueInfo({ name, type = 1, shape }: Port): ProtoWriter {
  const dims = new ProtoWriter();
  for (const side of shape) {
    const dim = new ProtoWriter();
    dims.message(1, typeof side === 'number' ? dim.int(1, side) : dim.string(2, side));
  }
  const tensor = new ProtoWriter().int(1, type).message(2, dims);
  return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, tensor));
}
