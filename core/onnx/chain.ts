import { inGraph, type ModelProto } from './model-proto.ts';
import { type ProtoField, protoBytes, protoFields, protoInts } from './proto-fields.ts';
import { ProtoWriter } from './protobuf.ts';

/** A model that is a part of another one. */
export interface Link {
  readonly model: ModelProto;
  /** Names in the whole of the values that it shares with other parts; all others get a name of its own. */
  readonly shared: ReadonlyMap<string, string>;
}

/** The parts' format is at least this: constants are no inputs. */
const leastFormat = 8;

/**
 * One model of several: their nodes one after the other, with the inputs of the first and the outputs of the last. The
 * operators are of the versions that the part `of` is written for, which the other parts' must be the same in.
 */
export function chainModels(
  links: readonly Link[],
  of: ModelProto,
  producer: { readonly name: string; readonly version: string },
  metadata: ReadonlyMap<string, string>,
): Uint8Array {
  const graph = new ProtoWriter();
  for (const [at, { model, shared }] of links.entries()) {
    const rename = renaming(`part${at}/`, shared);
    for (const { bytes } of model.nodes) graph.message(inGraph.node, renamedNode(bytes, rename));
    for (const tensor of model.initializers.values())
      graph.message(inGraph.initializer, renamed(tensor, 8, rename));
  }
  graph.string(2, producer.name);
  for (const { bytes } of links[0]!.model.inputs) graph.bytes(inGraph.input, bytes);
  for (const { bytes } of links.at(-1)!.model.outputs) graph.bytes(inGraph.output, bytes);
  const [format = leastFormat] = protoInts(of.fields, 1);
  const whole = new ProtoWriter()
    .int(1, Math.max(format, leastFormat))
    .string(2, producer.name)
    .string(3, producer.version)
    .message(7, graph);
  for (const [domain, version] of versionsOf(links, of))
    whole.message(8, new ProtoWriter().string(1, domain).int(2, version));
  for (const [key, value] of metadata) whole.message(14, new ProtoWriter().string(1, key).string(2, value));
  for (const { model } of links) for (const own of protoBytes(model.fields, 25)) whole.bytes(25, own);
  return whole.finish().slice();
}

/** Those of the one part, and of the domains that it does not use. */
const versionsOf = (links: readonly Link[], of: ModelProto): ReadonlyMap<string, number> =>
  new Map([...links.flatMap(({ model }) => [...model.versions]), ...of.versions]);

type Rename = (name: string) => string;

/** '' stands for what is left out. */
const renaming =
  (prefix: string, shared: ReadonlyMap<string, string>): Rename =>
  (name) =>
    name === '' ? '' : (shared.get(name) ?? prefix + name);

const text = new TextDecoder();

/** A message whose names at one field are changed. */
function renamed(bytes: Uint8Array, at: number, rename: Rename): ProtoWriter {
  const out = new ProtoWriter();
  for (const { number, value, bytes: whole } of protoFields(bytes)) {
    if (number === at && typeof value !== 'number') out.string(number, rename(text.decode(value)));
    else out.raw(whole);
  }
  return out;
}

/** NodeProto: input 1, output 2, name 3, attribute 5. */
function renamedNode(bytes: Uint8Array, rename: Rename): ProtoWriter {
  const out = new ProtoWriter();
  for (const { number, value, bytes: whole } of protoFields(bytes)) {
    if (typeof value === 'number') out.raw(whole);
    else if (number <= 3) out.string(number, rename(text.decode(value)));
    else if (number === 5) out.message(number, renamedAttribute(value, rename));
    else out.raw(whole);
  }
  return out;
}

/** AttributeProto: g 6, graphs 11, which see the values around them. */
function renamedAttribute(bytes: Uint8Array, rename: Rename): ProtoWriter {
  const out = new ProtoWriter();
  for (const { number, value, bytes: whole } of protoFields(bytes)) {
    if ((number === 6 || number === 11) && typeof value !== 'number')
      out.message(number, renamedGraph(protoFields(value), rename));
    else out.raw(whole);
  }
  return out;
}

/** A graph within a node. What it says of values on the way is left out: ONNX Runtime finds it. */
function renamedGraph(fields: readonly ProtoField[], rename: Rename): ProtoWriter {
  const out = new ProtoWriter();
  for (const { number, value, bytes } of fields) {
    if (typeof value === 'number') out.raw(bytes);
    else if (number === inGraph.node) out.message(number, renamedNode(value, rename));
    else if (number === inGraph.initializer) out.message(number, renamed(value, 8, rename));
    else if (number === inGraph.input || number === inGraph.output)
      out.message(number, renamed(value, 1, rename));
    else if (number !== inGraph.valueInfo) out.raw(bytes);
  }
  return out;
}

/** Values that stand in a sparse form, which keep their names. */
export const hasSparse = ({ graph }: ModelProto): boolean => protoBytes(graph, 15).length > 0;
