import { stream } from '../../../core/chance.ts';
import { type Attribute, type GraphBuilder, int, ints } from '../../../core/onnx/graph.ts';

/** A tree as a person would draw it. */
export type Drawn =
  | { readonly weights: readonly number[] }
  | {
      readonly feature: number;
      readonly mode: number;
      readonly split: number;
      readonly members: readonly number[];
      readonly missingTrue: boolean;
      readonly yes: Drawn;
      readonly no: Drawn;
    };

export interface Shape {
  readonly seed: number;
  readonly trees: number;
  readonly depth: number;
  /** Exactly so many a tree; otherwise what chance gives within the depth. */
  readonly leaves?: number;
  readonly targets: number;
  readonly width: number;
}

const member = 6;

/** Random trees; sets test the last feature alone, and it is tested by nothing else. */
export function treesOf({ seed, trees, depth, leaves, targets, width }: Shape, sets: boolean): Drawn[] {
  const random = stream(`trees ${seed}`);
  const whole = (below: number) => Math.floor(random() * below);
  const grow = (left: number, size: number | undefined): Drawn => {
    const isLeaf = size === undefined ? left === 0 || random() < 0.15 : size === 1;
    if (isLeaf) return { weights: Array.from({ length: targets }, () => Math.fround(random() * 4 - 2)) };
    const isSet = sets && random() < 0.3;
    const part = size === undefined ? undefined : 1 + whole(size - 1);
    return {
      feature: isSet ? width - 1 : whole(width - 1),
      mode: isSet ? member : whole(member),
      split: (whole(21) - 10) / 2,
      members: isSet ? Array.from({ length: 1 + whole(8) }, () => 1 + whole(59)) : [],
      missingTrue: random() < 0.5,
      yes: grow(left - 1, part),
      no: grow(left - 1, size === undefined ? undefined : size - part!),
    };
  };
  return Array.from({ length: trees }, () => grow(depth, leaves));
}

export const depthOf = (tree: Drawn): number =>
  'weights' in tree ? 0 : 1 + Math.max(depthOf(tree.yes), depthOf(tree.no));

const tensor = (values: readonly number[]): Attribute => ({
  kind: 'tensor',
  tensor: { type: 'float', values: Float32Array.from(values) },
});

/** A leaf is of the target that its place gives; a tree that is a leaf is a node whose children are one leaf. */
export function ensembleNode(
  graph: GraphBuilder,
  matrix: string,
  trees: readonly Drawn[],
  targets: number,
): string {
  const nodes: (readonly [feature: number, mode: number, split: number, missing: number])[] = [];
  const children: [yes: number, yesLeaf: number, no: number, noLeaf: number][] = [];
  const weights: number[] = [];
  const ids: number[] = [];
  const members: number[] = [];
  const leaf = (own: readonly number[]) => {
    const target = weights.length % targets;
    ids.push(target);
    return weights.push(own[target]!) - 1;
  };
  const add = (tree: Drawn): readonly [number, number] => {
    if ('weights' in tree) return [leaf(tree.weights), 1];
    const at = nodes.push([tree.feature, tree.mode, tree.split, Number(tree.missingTrue)]) - 1;
    if (tree.mode === member) members.push(...new Set(tree.members), Number.NaN);
    children.push([0, 0, 0, 0]);
    const yes = add(tree.yes);
    const no = add(tree.no);
    children[at] = [...yes, ...no];
    return [at, 0];
  };
  const roots = trees.map((tree) => {
    if (!('weights' in tree)) return add(tree)[0];
    const only = leaf(tree.weights);
    children.push([only, 1, only, 1]);
    return nodes.push([0, 0, 0, 0]) - 1;
  });
  const column = (at: number) => ints(children.map((each) => each[at]!));
  const attributes = {
    n_targets: int(targets),
    tree_roots: ints(roots),
    nodes_featureids: ints(nodes.map(([feature]) => feature)),
    nodes_modes: {
      kind: 'tensor',
      tensor: { type: 'uint8', values: Uint8Array.from(nodes, ([, mode]) => mode) },
    },
    nodes_splits: tensor(nodes.map(([, , split]) => split)),
    nodes_missing_value_tracks_true: ints(nodes.map(([, , , missing]) => missing)),
    nodes_truenodeids: column(0),
    nodes_trueleafs: column(1),
    nodes_falsenodeids: column(2),
    nodes_falseleafs: column(3),
    leaf_targetids: ints(ids),
    leaf_weights: tensor(weights),
    ...(members.length > 0 ? { membership_values: tensor(members) } : {}),
  } as const;
  return graph.node('TreeEnsemble', [matrix], attributes, 'ai.onnx.ml');
}

const modeNames = ['LEQ', 'LT', 'GTE', 'GT', 'EQ', 'NEQ'];

/** The older operator, whose leaves have a weight for every target. */
export function regressorNode(
  graph: GraphBuilder,
  matrix: string,
  trees: readonly Drawn[],
  targets: number,
): string {
  const nodes: {
    tree: number;
    id: number;
    mode: string;
    feature: number;
    split: number;
    missing: number;
    yes: number;
    no: number;
  }[] = [];
  const votes: { tree: number; id: number; target: number; weight: number }[] = [];
  for (const [number, whole] of trees.entries()) {
    let next = 0;
    const add = (tree: Drawn): number => {
      const id = next++;
      const node = { tree: number, id, mode: 'LEAF', feature: 0, split: 0, missing: 0, yes: 0, no: 0 };
      nodes.push(node);
      if ('weights' in tree) {
        for (const [target, weight] of tree.weights.entries())
          votes.push({ tree: number, id, target, weight });
        return id;
      }
      Object.assign(node, {
        mode: `BRANCH_${modeNames[tree.mode]}`,
        feature: tree.feature,
        split: tree.split,
      });
      Object.assign(node, { missing: Number(tree.missingTrue), yes: add(tree.yes), no: add(tree.no) });
      return id;
    };
    add(whole);
  }
  const floats = (values: readonly number[]) =>
    ({ kind: 'floats', values: Float32Array.from(values) }) as const;
  const attributes = {
    n_targets: int(targets),
    base_values: floats(Array.from({ length: targets }, (_, target) => target + 0.25)),
    nodes_treeids: ints(nodes.map(({ tree }) => tree)),
    nodes_nodeids: ints(nodes.map(({ id }) => id)),
    nodes_featureids: ints(nodes.map(({ feature }) => feature)),
    nodes_modes: { kind: 'strings', values: nodes.map(({ mode }) => mode) },
    nodes_values: floats(nodes.map(({ split }) => split)),
    nodes_missing_value_tracks_true: ints(nodes.map(({ missing }) => missing)),
    nodes_truenodeids: ints(nodes.map(({ yes }) => yes)),
    nodes_falsenodeids: ints(nodes.map(({ no }) => no)),
    target_treeids: ints(votes.map(({ tree }) => tree)),
    target_nodeids: ints(votes.map(({ id }) => id)),
    target_ids: ints(votes.map(({ target }) => target)),
    target_weights: floats(votes.map(({ weight }) => weight)),
  } as const;
  return graph.node('TreeEnsembleRegressor', [matrix], attributes, 'ai.onnx.ml');
}
