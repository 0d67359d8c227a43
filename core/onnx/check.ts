import { FanfareError } from '../errors.ts';
import { inGraph, type ModelProto, type Node, nodeOf } from './model-proto.ts';
import { type ProtoField, protoBytes, protoFields, protoInts, protoStrings } from './proto-fields.ts';

/** The operators that ONNX Runtime has of its own. */
const known: readonly string[] = [
  '',
  'ai.onnx.ml',
  'com.microsoft',
  'ai.onnx.training',
  'ai.onnx.preview.training',
];

/** The latest that the ONNX Runtime of package.json takes (1.30), of the format and of the operators of a domain. */
const latest = {
  ir: 13,
  operators: new Map([
    ['', 26],
    ['ai.onnx.ml', 5],
  ]) as ReadonlyMap<string, number>,
} as const;

/**
 * What can be said of a model without running it. `BadModel`, with every mistake: weights that lie in other files, operators
 * that ONNX Runtime has not, versions that it does not know.
 */
export function requireRunnable(model: ModelProto): void {
  const wrong = [...newer(model), ...external(model), ...foreign(model)];
  if (wrong.length > 0) throw new FanfareError('BadModel', wrong.join('\n'));
}

function newer({ versions, fields }: ModelProto): string[] {
  const [ir = 0] = protoInts(fields, 1);
  const format =
    ir <= latest.ir
      ? []
      : [
          `the model is of version ${ir} of the format (IR); up to ${latest.ir} can be run here: export it for an older one`,
        ];
  const operators = [...versions].flatMap(([domain, version]) => {
    const most = latest.operators.get(domain);
    if (most === undefined || version <= most) return [];
    return `the model needs version ${version} of the operators of ${domain || 'ai.onnx'}; up to ${most} can be run here: export it for an older one (target_opset, opset_version)`;
  });
  return [...format, ...operators];
}

/** TensorProto: name 8, external_data 13 (entries of key 1 and value 2), data_location 14, which is 1 for external. */
function external({ graph }: ModelProto): string[] {
  const tensors = tensorsOf(graph).map((tensor) => protoFields(tensor));
  const outside = tensors.filter((tensor) => protoInts(tensor, 14)[0] === 1);
  const [first] = outside;
  if (first === undefined) return [];
  const [name = ''] = protoStrings(first, 8);
  const entries = protoBytes(first, 13).map((entry) => protoFields(entry));
  const place = entries.find((entry) => protoStrings(entry, 1)[0] === 'location');
  const location = (place && protoStrings(place, 2)[0]) ?? '';
  const leaves = /^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(location);
  return [
    `the model's ${JSON.stringify(name)}${outside.length > 1 ? ` and ${outside.length - 1} more of its constants lie` : ' lies'} in another file, ${JSON.stringify(location)}${leaves ? ', outside its folder' : ''}: save it as one file (onnx.save_model(model, path, save_as_external_data=False); torch.onnx.export(…, external_data=False))`,
  ];
}

type Fields = readonly ProtoField[];

/** A graph's constants, those in its nodes' attributes (AttributeProto: t 5, tensors 10, g 6, graphs 11) and in graphs of these. */
function tensorsOf(graph: Fields): Uint8Array[] {
  const attributes = protoBytes(graph, inGraph.node).flatMap((node) =>
    protoBytes(protoFields(node), 5).map((attribute) => protoFields(attribute)),
  );
  return [
    ...protoBytes(graph, inGraph.initializer),
    ...attributes.flatMap((attribute) => [...protoBytes(attribute, 5), ...protoBytes(attribute, 10)]),
    ...attributes.flatMap(graphsIn).flatMap(tensorsOf),
  ];
}

const graphsIn = (attribute: Fields): Fields[] =>
  [...protoBytes(attribute, 6), ...protoBytes(attribute, 11)].map((graph) => protoFields(graph));

/** ModelProto's functions (25; FunctionProto: name 1, node 7, domain 10) are operators of the model's own. */
function foreign({ fields, graph }: ModelProto): string[] {
  const functions = protoBytes(fields, 25).map((each) => protoFields(each));
  const own = new Set(
    functions.map((each) => `${protoStrings(each, 10)[0] ?? ''}:${protoStrings(each, 1)[0]}`),
  );
  const nodes = [...nodesOf(graph), ...functions.flatMap((each) => protoBytes(each, 7).map(nodeOf))];
  const strange = nodes.filter(
    ({ domain, operator }) => !known.includes(domain) && !own.has(`${domain}:${operator}`),
  );
  const names = [...new Set(strange.map(({ domain, operator }) => `${operator} (of ${domain})`))];
  if (names.length === 0) return [];
  return [`the model uses operators of its own, which ONNX Runtime has not: ${names.join(', ')}`];
}

function nodesOf(graph: Fields): Node[] {
  const nodes = protoBytes(graph, inGraph.node).map(nodeOf);
  return [
    ...nodes,
    ...nodes.flatMap(({ attributes }) => [...attributes.values()].flatMap(graphsIn).flatMap(nodesOf)),
  ];
}
