import { joinBytes } from '../bytes.ts';
import { inGraph, type ModelProto, type Node, parseModel, withGraph } from './model-proto.ts';
import { protoFields, protoStrings } from './proto-fields.ts';
import { ProtoWriter } from './protobuf.ts';

/**
 * A model whose outputs are tensors. A `ZipMap` makes a map of label and number a row, which no column holds and takes
 * longer than most models: an `Identity` takes its place, so that the output of its name is the tensor behind it.
 */
export function withoutZipMaps(model: ModelProto): {
  readonly model: ModelProto;
  readonly bytes: Uint8Array | undefined;
} {
  const zips = new Map(
    model.nodes
      .filter((node) => isZipMap(node) && model.outputs.some(({ name }) => name === node.outputs[0]))
      .map((node) => [node.outputs[0]!, node]),
  );
  if (zips.size === 0) return { model, bytes: undefined };
  const graph = new ProtoWriter();
  for (const { number, value, bytes } of model.graph) {
    if (typeof value === 'number') {
      graph.raw(bytes);
      continue;
    }
    const [name = ''] = number === inGraph.output ? protoStrings(protoFields(value), 1) : [];
    const node = number === inGraph.node ? model.nodes.find((each) => each.bytes === value) : undefined;
    if (node && zips.get(node.outputs[0] ?? '') === node) graph.message(inGraph.node, identity(node));
    else if (zips.has(name)) graph.message(inGraph.output, matrix(name));
    else graph.raw(bytes);
  }
  const whole = withGraph(model, graph);
  const bytes = model.versions.has('') ? whole : joinBytes([whole, operators(oldest)]);
  return { model: parseModel(bytes), bytes };
}

const isZipMap = ({ operator, domain }: Node): boolean => operator === 'ZipMap' && domain === 'ai.onnx.ml';

const identity = ({ inputs, outputs }: Node): ProtoWriter =>
  new ProtoWriter()
    .string(1, inputs[0] ?? '')
    .string(2, outputs[0] ?? '')
    .string(4, 'Identity');

/** A float tensor [rows, classes]: a `ZipMap` takes no other. */
function matrix(name: string): ProtoWriter {
  const shape = new ProtoWriter();
  for (const side of ['rows', 'classes']) shape.message(1, new ProtoWriter().string(2, side));
  const tensor = new ProtoWriter().int(1, 1).message(2, shape);
  return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, tensor));
}

/** The first version of ai.onnx with IR 4, which any `Identity` is of. */
const oldest = 9;

const operators = (version: number): Uint8Array =>
  new ProtoWriter().message(8, new ProtoWriter().string(1, '').int(2, version)).finish();
