import { GraphBuilder, int, ints } from '../../onnx/graph.ts';
import { producer } from '../../onnx/producer.ts';
import type { FeatureBins } from '../bins/bin-plan.ts';
import { setBytes, setHas } from '../bins/bin-set.ts';
import type { BinsManifest } from '../bins/bins-manifest.ts';
import { addFeatures } from '../bins/export-features.ts';
import { importanceMetadata, importanceOf } from '../importance.ts';
import { addOutputs, modelMetadata } from '../outputs.ts';
import type { Objective } from './objective.ts';
import type { Setup } from './setup.ts';
import type { Tree } from './tree.ts';

/**
 * One ONNX file: a vector input a raw column, the outputs of `addOutputs` out.
 * ONNX Runtime sums the trees' float32 leaves in order; the base goes with the leaves of each output's first tree, so that its
 * sums are ours, bit for bit.
 */
export function exportGbdt(
  { plan, target, task }: BinsManifest,
  trees: readonly Tree[],
  { base, objective }: Pick<Setup, 'base' | 'objective'>,
): Uint8Array {
  const graph = new GraphBuilder();
  const matrix = addFeatures(graph, plan.inputs, plan.features);
  const scores = graph.node('TreeEnsemble', [matrix], ensembleOf(trees, plan.features, base), 'ai.onnx.ml');
  addOutputs(graph, task, { score: scoreOf(graph, objective, scores) });
  const { gains, splits } = usesOf(plan.features.length, trees);
  const importance = importanceMetadata(importanceOf(plan, gains, splits));
  return graph.finish(producer, new Map([...modelMetadata('gbdt', target, task), importance]));
}

/** What the splits by each feature gained, and how many there are. */
function usesOf(features: number, trees: readonly Tree[]) {
  const gains = new Float64Array(features);
  const splits = new Uint32Array(features);
  for (const tree of trees) {
    for (const [node, feature] of tree.feature.entries()) {
      gains[feature]! += tree.gains[node]!;
      splits[feature]!++;
    }
  }
  return { gains, splits };
}

function scoreOf(graph: GraphBuilder, { kind }: Objective, scores: string): string {
  if (kind === 'softmax') return scores;
  const axis = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
  const score = graph.node('Squeeze', [scores, axis]);
  return kind === 'poisson' ? graph.node('Exp', [score]) : score;
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
  /** The output that a leaf's weight is added to. */
  readonly target: number[];
  /** The sets of the member nodes in their order, each closed by NaN. */
  readonly members: number[];
}

function ensembleOf(trees: readonly Tree[], features: readonly FeatureBins[], base: Float32Array) {
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
    target: [],
    members: [],
  };
  const waiting = new Map(base.entries());
  for (const [at, tree] of trees.entries()) {
    const output = at % base.length;
    if (tree.nodes === 0) continue;
    appendTree(all, tree, features, output, waiting.get(output) ?? 0);
    waiting.delete(output);
  }
  for (const [output, score] of waiting) appendLeaf(all, output, score);
  const floats = (values: readonly number[]) =>
    ({ kind: 'tensor', tensor: { type: 'float', values: Float32Array.from(values) } }) as const;
  return {
    n_targets: int(base.length),
    tree_roots: ints(all.roots),
    nodes_featureids: ints(all.feature),
    nodes_modes: { kind: 'tensor', tensor: { type: 'uint8', values: Uint8Array.from(all.mode) } },
    nodes_splits: floats(all.split),
    nodes_missing_value_tracks_true: ints(all.missingTrue),
    nodes_truenodeids: ints(all.trueChild),
    nodes_trueleafs: ints(all.trueIsLeaf),
    nodes_falsenodeids: ints(all.falseChild),
    nodes_falseleafs: ints(all.falseIsLeaf),
    leaf_targetids: ints(all.target),
    leaf_weights: floats(all.weight),
    ...(all.members.length > 0 ? { membership_values: floats(all.members) } : {}),
  } as const;
}

function appendTree(
  all: Ensemble,
  tree: Tree,
  features: readonly FeatureBins[],
  output: number,
  base: number,
): void {
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
  for (const value of tree.values) {
    all.weight.push(Math.fround(base + value));
    all.target.push(output);
  }
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
function appendLeaf(all: Ensemble, output: number, value: number): void {
  all.roots.push(all.feature.length);
  for (const list of [all.feature, all.mode, all.split, all.missingTrue]) list.push(0);
  for (const list of [all.trueIsLeaf, all.falseIsLeaf]) list.push(1);
  for (const list of [all.trueChild, all.falseChild]) list.push(all.weight.length);
  all.weight.push(value);
  all.target.push(output);
}
