import { GraphBuilder, int, ints } from '../../onnx/graph.ts';
import { producer } from '../../onnx/producer.ts';
import type { FeatureBins } from '../bins/bin-plan.ts';
import { setBytes, setHas } from '../bins/bin-set.ts';
import type { BinsManifest } from '../bins/bins-manifest.ts';
import { addFeatures } from '../bins/export-features.ts';
import { addOutputs, modelMetadata } from '../outputs.ts';
import type { Tree } from './tree.ts';

/**
 * One ONNX file: a vector input a raw column, the outputs of `addOutputs` out.
 * ONNX Runtime sums the trees' float32 leaves in order; the base goes with the first tree's leaves, so that its sums are
 * ours, bit for bit.
 */
export function exportGbdt(manifest: BinsManifest, trees: readonly Tree[], base: number): Uint8Array {
  const { plan, target, task } = manifest;
  const graph = new GraphBuilder();
  const matrix = addFeatures(graph, plan.inputs, plan.features);
  const ensemble = graph.node('TreeEnsemble', [matrix], ensembleOf(trees, plan.features, base), 'ai.onnx.ml');
  const axis = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
  addOutputs(graph, task, { score: graph.node('Squeeze', [ensemble, axis]) });
  return graph.finish(producer, modelMetadata('gbdt', target, task));
}

/** The modes of ai.onnx.ml 5's TreeEnsemble that are used. */
const modes = { atMost: 0, member: 6 } as const;

/** Nodes and leaves of all trees, by position; children that are leaves index the leaves. */
interface Ensemble {
  readonly roots: number[];
  readonly feature: number[];
  readonly mode: number[];
  readonly split: number[];
  readonly missingTrue: number[];
  readonly trueChild: number[];
  readonly trueIsLeaf: number[];
  readonly falseChild: number[];
  readonly falseIsLeaf: number[];
  readonly weight: number[];
  /** The sets of the member nodes in their order, each closed by NaN. */
  readonly members: number[];
}

function ensembleOf(trees: readonly Tree[], features: readonly FeatureBins[], base: number) {
  const all: Ensemble = {
    roots: [],
    feature: [],
    mode: [],
    split: [],
    missingTrue: [],
    trueChild: [],
    trueIsLeaf: [],
    falseChild: [],
    falseIsLeaf: [],
    weight: [],
    members: [],
  };
  const grown = trees.filter((tree) => tree.nodes > 0);
  for (const [k, tree] of grown.entries()) appendTree(all, tree, features, k === 0 ? base : 0);
  if (grown.length === 0) appendLeaf(all, base);
  const floats = (values: readonly number[]) =>
    ({ kind: 'tensor', tensor: { type: 'float', values: Float32Array.from(values) } }) as const;
  return {
    n_targets: int(1),
    tree_roots: ints(all.roots),
    nodes_featureids: ints(all.feature),
    nodes_modes: { kind: 'tensor', tensor: { type: 'uint8', values: Uint8Array.from(all.mode) } },
    nodes_splits: floats(all.split),
    nodes_missing_value_tracks_true: ints(all.missingTrue),
    nodes_truenodeids: ints(all.trueChild),
    nodes_trueleafs: ints(all.trueIsLeaf),
    nodes_falsenodeids: ints(all.falseChild),
    nodes_falseleafs: ints(all.falseIsLeaf),
    leaf_targetids: ints(new Uint8Array(all.weight.length)),
    leaf_weights: floats(all.weight),
    ...(all.members.length > 0 ? { membership_values: floats(all.members) } : {}),
  } as const;
}

function appendTree(all: Ensemble, tree: Tree, features: readonly FeatureBins[], base: number): void {
  const firstNode = all.feature.length;
  const firstLeaf = all.weight.length;
  const place = (child: number): number => (child >= 0 ? firstNode + child : firstLeaf + ~child);
  all.roots.push(firstNode);
  for (let node = 0; node < tree.nodes; node++) {
    const feature = tree.feature[node]!;
    all.feature.push(feature);
    appendTest(all, features[feature]!, tree.sets.subarray(node * setBytes, (node + 1) * setBytes));
    all.trueChild.push(place(tree.left[node]!));
    all.trueIsLeaf.push(Number(tree.left[node]! < 0));
    all.falseChild.push(place(tree.right[node]!));
    all.falseIsLeaf.push(Number(tree.right[node]! < 0));
  }
  for (const value of tree.values) all.weight.push(Math.fround(base + value));
}

function appendTest(all: Ensemble, bins: FeatureBins, set: Uint8Array): void {
  if (bins.kind === 'categories') {
    all.mode.push(modes.member);
    all.split.push(0);
    all.missingTrue.push(0);
    for (let bin = 1; bin <= bins.categories.length; bin++) if (setHas(set, bin)) all.members.push(bin);
    all.members.push(Number.NaN);
    return;
  }
  const { edges } = bins;
  let last = 0;
  while (last < edges.length && setHas(set, last + 1)) last++;
  all.mode.push(modes.atMost);
  all.split.push(edges[last] ?? Number.POSITIVE_INFINITY);
  all.missingTrue.push(Number(setHas(set, edges.length + 1)));
}

/** A tree that is a leaf: one node, both of whose children are it. */
function appendLeaf(all: Ensemble, value: number): void {
  all.roots.push(all.feature.length);
  for (const list of [all.feature, all.mode, all.split, all.missingTrue]) list.push(0);
  for (const list of [all.trueIsLeaf, all.falseIsLeaf]) list.push(1);
  for (const list of [all.trueChild, all.falseChild]) list.push(all.weight.length);
  all.weight.push(value);
}
