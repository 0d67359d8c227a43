import type { Importance } from '../../contracts/study.ts';
import { GraphBuilder, int, ints } from '../../onnx/graph.ts';
import { producer } from '../../onnx/producer.ts';
import type { FeatureBins } from '../bins/bin-plan.ts';
import { setBytes, setHas } from '../bins/bin-set.ts';
import type { BinsManifest } from '../bins/bins-manifest.ts';
import { addFeatures } from '../bins/export-features.ts';
import { importanceMetadata } from '../importance.ts';
import { addOutputs, modelMetadata } from '../outputs.ts';
import { noBin, nodeAt, nodeCount, type Tree, viewOf } from './tree.ts';

/**
 * One ONNX file: a vector input a raw column, the outputs of `addOutputs` out. A leaf of ai.onnx.ml 5's TreeEnsemble speaks of
 * one target alone. So where leaves hold a share of each class, the ensemble says for each tree which leaf a row comes to
 * (exact in float32 up to 2^24), and the mean of these rows of a table of all leaves is the probability: one walk a tree,
 * whatever the number of classes.
 */
export function exportForest(
  { plan, target, task }: BinsManifest,
  trees: readonly Tree[],
  width: number,
  importance: readonly Importance[],
): Uint8Array {
  const graph = new GraphBuilder();
  const matrix = addFeatures(graph, plan.inputs, plan.features);
  const ensemble = (attributes: object) =>
    graph.node(
      'TreeEnsemble',
      [matrix],
      { ...ensembleOf(trees, plan.features), ...attributes },
      'ai.onnx.ml',
    );
  const probability = width === 1 ? addMean(graph, trees, ensemble) : addTable(graph, trees, width, ensemble);
  addOutputs(graph, task, { probability });
  const metadata = [...modelMetadata('forest', target, task), importanceMetadata(importance)];
  return graph.finish(producer, new Map(metadata));
}

type AddEnsemble = (leaves: object) => string;

const modes = { atMost: 0, member: 6 } as const;
const average = 0;
const sum = 1;

const floats = (values: Float32Array) => ({ kind: 'tensor', tensor: { type: 'float', values } }) as const;

function addMean(graph: GraphBuilder, trees: readonly Tree[], ensemble: AddEnsemble): string {
  const weights = joined(trees);
  const means = ensemble({
    ...{ n_targets: int(1), aggregate_function: int(average) },
    ...{ leaf_targetids: ints(new Uint8Array(weights.length)), leaf_weights: floats(weights) },
  });
  const axis = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
  return graph.node('Squeeze', [means, axis]);
}

function addTable(graph: GraphBuilder, trees: readonly Tree[], width: number, ensemble: AddEnsemble): string {
  const values = joined(trees);
  const leaves = values.length / width;
  const owners = trees.flatMap((tree, at) => new Array<number>(nodeCount(tree) + 1).fill(at));
  const places = ensemble({
    ...{ n_targets: int(trees.length), aggregate_function: int(sum) },
    ...{
      leaf_targetids: ints(owners),
      leaf_weights: floats(Float32Array.from({ length: leaves }, (_, at) => at)),
    },
  });
  const table = graph.constant({ type: 'float', values, dims: [leaves, width] });
  const shares = graph.node('Gather', [table, graph.cast(places, 'int64')], { axis: int(0) });
  const axes = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
  return graph.node('ReduceMean', [shares, axes], { keepdims: int(0) });
}

/** The leaves' values, tree after tree. */
function joined(trees: readonly Tree[]): Float32Array {
  const values = new Float32Array(trees.reduce((total, tree) => total + tree.values.length, 0));
  let at = 0;
  for (const tree of trees) {
    values.set(tree.values, at);
    at += tree.values.length;
  }
  return values;
}

/** Nodes of all trees, by position; children that are leaves index the leaves. A tree that is a leaf is a node both of whose children are it. */
function ensembleOf(trees: readonly Tree[], features: readonly FeatureBins[]) {
  const count = trees.reduce((total, tree) => total + Math.max(1, nodeCount(tree)), 0);
  const all = {
    roots: new Uint32Array(trees.length),
    feature: new Uint16Array(count),
    mode: new Uint8Array(count),
    split: new Float32Array(count),
    missingTrue: new Uint8Array(count),
    child: [new Uint32Array(count), new Uint32Array(count)] as const,
    isLeaf: [new Uint8Array(count), new Uint8Array(count)] as const,
    members: [] as number[],
  };
  let first = 0;
  let firstLeaf = 0;
  for (const [at, tree] of trees.entries()) {
    all.roots[at] = first;
    appendNodes(all, tree, features, first, firstLeaf);
    first += Math.max(1, nodeCount(tree));
    firstLeaf += nodeCount(tree) + 1;
  }
  return {
    tree_roots: ints(all.roots),
    nodes_featureids: ints(all.feature),
    nodes_modes: { kind: 'tensor', tensor: { type: 'uint8', values: all.mode } },
    nodes_splits: floats(all.split),
    nodes_missing_value_tracks_true: ints(all.missingTrue),
    nodes_truenodeids: ints(all.child[0]),
    nodes_trueleafs: ints(all.isLeaf[0]),
    nodes_falsenodeids: ints(all.child[1]),
    nodes_falseleafs: ints(all.isLeaf[1]),
    ...(all.members.length > 0 ? { membership_values: floats(Float32Array.from(all.members)) } : {}),
  } as const;
}

interface Nodes {
  readonly feature: Uint16Array;
  readonly mode: Uint8Array;
  readonly split: Float32Array;
  readonly missingTrue: Uint8Array;
  readonly child: readonly [Uint32Array, Uint32Array];
  readonly isLeaf: readonly [Uint8Array, Uint8Array];
  /** The sets of the member nodes in their order, each closed by NaN. */
  readonly members: number[];
}

function appendNodes(
  all: Nodes,
  tree: Tree,
  features: readonly FeatureBins[],
  first: number,
  firstLeaf: number,
): void {
  const view = viewOf(tree);
  const count = nodeCount(tree);
  const link = (side: 0 | 1, at: number, child: number): void => {
    all.child[side][at] = child >= 0 ? first + child : firstLeaf + ~child;
    all.isLeaf[side][at] = Number(child < 0);
  };
  if (count === 0) for (const side of [0, 1] as const) link(side, first, ~0);
  for (let node = 0; node < count; node++) {
    const at = first + node;
    const { feature, bin, left, right, other, set } = nodeAt(view, node);
    all.feature[at] = feature;
    link(0, at, left);
    link(1, at, right);
    if (set === undefined) {
      const bins = features[feature]!;
      const edges = bins.kind === 'edges' ? bins.edges : [];
      all.split[at] = edges[bin] ?? Number.POSITIVE_INFINITY;
      all.missingTrue[at] = Number(other !== noBin);
    } else {
      all.mode[at] = modes.member;
      appendSet(all.members, tree.sets.subarray(set * setBytes, (set + 1) * setBytes));
    }
  }
}

function appendSet(members: number[], set: Uint8Array): void {
  for (let bin = 0; bin < 8 * setBytes; bin++) if (setHas(set, bin)) members.push(bin);
  members.push(Number.NaN);
}
