import {
  attributeInt,
  attributeNumbers,
  attributeString,
  attributeStrings,
  type Node,
} from '../model-proto.ts';
import { nextUp } from './neighbours.ts';

/**
 * Trees whose leaves' weights are added up: what `TreeEnsemble` (ai.onnx.ml 5), `TreeEnsembleRegressor` and
 * `TreeEnsembleClassifier` (1, 3) hold.
 */
export interface Ensemble {
  readonly trees: readonly Tree[];
  /** Numbers a row. */
  readonly targets: number;
  /** Whether the sums are divided by the number of trees. */
  readonly averages: boolean;
  /** Added to each target's sum at the end. */
  readonly base: Float32Array | null;
}

/** Its leaves stand in the order in which a walk meets them that goes the true way first. */
export interface Tree {
  readonly tests: readonly Test[];
  readonly leaves: readonly Leaf[];
}

/** Where it passes, leaves `from` to `middle` can be reached, otherwise `middle` to `end` (exclusive both). */
export interface Test {
  readonly feature: number;
  readonly passes: (value: number) => boolean;
  /** The float32 values from which on, going up, its answer may change; NaN has one of its own. */
  readonly changes: readonly number[];
  readonly isSet: boolean;
  readonly from: number;
  readonly middle: number;
  readonly end: number;
}

export type Leaf = readonly { readonly target: number; readonly weight: number }[];

/** The modes in the order of their numbers in ai.onnx.ml 5. */
const modes = ['LEQ', 'LT', 'GTE', 'GT', 'EQ', 'NEQ', 'MEMBER'] as const;
type Mode = (typeof modes)[number];

/** A node of either operator. A child below 0 is leaf ~child. */
interface Branch {
  readonly feature: number;
  readonly mode: Mode;
  readonly values: readonly number[];
  readonly missingTrue: boolean;
  readonly yes: number;
  readonly no: number;
}

interface Parts {
  readonly roots: readonly number[];
  readonly branches: readonly (Branch | undefined)[];
  readonly leaves: readonly Leaf[];
}

/** More leaves in a tree are not looked for in sets. */
const mostLeaves = 1024;

/** The ensemble of a node, or undefined if it is none, or one that is not evaluated here: double, least or greatest, transforms. */
export function ensembleOf(node: Node): Ensemble | undefined {
  if (node.domain !== 'ai.onnx.ml') return undefined;
  const isOld = node.operator === 'TreeEnsembleRegressor';
  if (!isOld && node.operator !== 'TreeEnsemble') return undefined;
  const aggregate =
    (isOld ? attributeString(node, 'aggregate_function') : attributeInt(node, 'aggregate_function')) ?? 'SUM';
  const averages = aggregate === 'AVERAGE' || aggregate === 0;
  if (!averages && aggregate !== 'SUM' && aggregate !== 1) return undefined;
  const transform = isOld ? attributeString(node, 'post_transform') : attributeInt(node, 'post_transform');
  if (![undefined, 'NONE', 0].includes(transform)) return undefined;
  const trees = treesIn(isOld ? partsOfOld(node, 'target') : partsOfEnsemble(node));
  const targets = attributeInt(node, 'n_targets') ?? 1;
  const base = attributeNumbers(node, 'base_values');
  // A base of another length is none to ONNX Runtime.
  const isBase = base instanceof Float32Array && base.length === targets;
  return trees && { trees, targets, averages, base: isBase ? base : null };
}

/** The trees of a `TreeEnsembleClassifier`, whose targets are the places of its classes; undefined as in `ensembleOf`. */
export const classifierTrees = (node: Node): readonly Tree[] | undefined =>
  node.domain === 'ai.onnx.ml' && node.operator === 'TreeEnsembleClassifier'
    ? treesIn(partsOfOld(node, 'class'))
    : undefined;

function treesIn(parts: Parts | undefined): readonly Tree[] | undefined {
  const trees = parts?.roots.map((root) => treeAt(root, parts));
  return trees?.every((tree) => tree !== undefined) ? trees : undefined;
}

function partsOfEnsemble(node: Node): Parts | undefined {
  const all = (name: string) => attributeNumbers(node, name) ?? [];
  const splits = all('nodes_splits');
  const weights = all('leaf_weights');
  if (!(splits instanceof Float32Array && weights instanceof Float32Array)) return undefined;
  const targets = all('leaf_targetids');
  const [features, kinds, missing] = [
    'nodes_featureids',
    'nodes_modes',
    'nodes_missing_value_tracks_true',
  ].map(all);
  const child = (ids: string, leafs: string) => {
    const [id, isLeaf] = [all(ids), all(leafs)];
    return (at: number) => (isLeaf[at] === 1 ? ~id[at]! : id[at]!);
  };
  const yes = child('nodes_truenodeids', 'nodes_trueleafs');
  const no = child('nodes_falsenodeids', 'nodes_falseleafs');
  const sets = membersOf(all('membership_values'));
  const branches = Array.from(splits, (split, at): Branch => {
    const mode = modes[kinds![at]!]!;
    const values = mode === 'MEMBER' ? (sets.next().value ?? []) : [split];
    return {
      feature: features![at]!,
      mode,
      values,
      missingTrue: missing![at] === 1,
      yes: yes(at),
      no: no(at),
    };
  });
  return {
    roots: Array.from(all('tree_roots')),
    branches,
    leaves: Array.from(weights, (weight, at) => [{ target: targets[at]!, weight }]),
  };
}

/** The sets of the member nodes in their order, each closed by NaN. */
function* membersOf(values: ArrayLike<number>): Generator<readonly number[], undefined> {
  let set: number[] = [];
  for (const value of Array.from(values)) {
    if (!Number.isNaN(value)) set.push(value);
    else {
      yield set;
      set = [];
    }
  }
}

/** Of the operators of ai.onnx.ml 1 and 3. */
function partsOfOld(node: Node, weighed: 'target' | 'class'): Parts | undefined {
  // Those are doubles.
  if (
    ['nodes_values_as_tensor', `${weighed}_weights_as_tensor`, 'base_values_as_tensor'].some((name) =>
      node.attributes.has(name),
    )
  )
    return undefined;
  const all = (name: string) => attributeNumbers(node, name) ?? [];
  const [trees, ids, features, splits] = [
    'nodes_treeids',
    'nodes_nodeids',
    'nodes_featureids',
    'nodes_values',
  ].map(all);
  const [yes, no] = ['nodes_truenodeids', 'nodes_falsenodeids'].map(all);
  const missing = attributeNumbers(node, 'nodes_missing_value_tracks_true');
  const kinds = attributeStrings(node, 'nodes_modes').map((mode) => mode.replace('BRANCH_', ''));
  if (kinds.some((kind) => kind !== 'LEAF' && !modes.includes(kind as Mode))) return undefined;
  const places = new Map(kinds.map((_, at) => [`${trees![at]}/${ids![at]}`, at]));
  const leaves: { target: number; weight: number }[][] = kinds.map(() => []);
  const [leafTrees, leafNodes, targets, weights] = [
    `${weighed}_treeids`,
    `${weighed}_nodeids`,
    `${weighed}_ids`,
    `${weighed}_weights`,
  ].map(all);
  for (let i = 0; i < weights!.length; i++) {
    const place = places.get(`${leafTrees![i]}/${leafNodes![i]}`);
    if (place !== undefined) leaves[place]!.push({ target: targets![i]!, weight: weights![i]! });
  }
  const child = (at: number, id: number) => {
    const place = places.get(`${trees![at]}/${id}`) ?? at;
    return kinds[place] === 'LEAF' ? ~place : place;
  };
  const branches = kinds.map((kind, at): Branch | undefined =>
    kind === 'LEAF'
      ? undefined
      : {
          feature: features![at]!,
          mode: kind as Mode,
          values: [splits![at]!],
          missingTrue: missing?.[at] === 1,
          yes: child(at, yes![at]!),
          no: child(at, no![at]!),
        },
  );
  const roots = kinds.flatMap((kind, at) =>
    at === 0 || trees![at] !== trees![at - 1] ? [kind === 'LEAF' ? ~at : at] : [],
  );
  return { roots, branches, leaves };
}

/** Undefined for a tree of too many leaves, which one with a cycle has. */
function treeAt(root: number, { branches, leaves }: Parts): Tree | undefined {
  const found: Leaf[] = [];
  const tests: Test[] = [];
  let steps = 0;
  const visit = (at: number): void => {
    if (++steps > 2 * mostLeaves) return;
    const branch = branches[at];
    if (at < 0 || !branch) {
      found.push(leaves[~at] ?? []);
      return;
    }
    const from = found.length;
    visit(branch.yes);
    const middle = found.length;
    visit(branch.no);
    tests.push({
      feature: branch.feature,
      passes: passing(branch),
      changes: changesOf(branch),
      isSet: branch.mode === 'MEMBER',
      ...{ from, middle, end: found.length },
    });
  };
  visit(root);
  return steps > 2 * mostLeaves || found.length > mostLeaves ? undefined : { tests, leaves: found };
}

function changesOf({ mode, values }: Branch): readonly number[] {
  const after = values.map(nextUp).filter((value) => !Number.isNaN(value));
  if (mode === 'LEQ' || mode === 'GT') return after;
  return mode === 'LT' || mode === 'GTE' ? values : [...values, ...after];
}

/** Comparisons as C has them: with NaN all are false but ≠. */
function passing({ mode, values, missingTrue }: Branch): (value: number) => boolean {
  const compares = comparison(mode, values);
  return missingTrue ? (value) => Number.isNaN(value) || compares(value) : compares;
}

function comparison(mode: Mode, values: readonly number[]): (value: number) => boolean {
  const [split = Number.NaN] = values;
  switch (mode) {
    case 'LEQ':
      return (value) => value <= split;
    case 'LT':
      return (value) => value < split;
    case 'GTE':
      return (value) => value >= split;
    case 'GT':
      return (value) => value > split;
    case 'EQ':
      return (value) => value === split;
    case 'NEQ':
      return (value) => value !== split;
    case 'MEMBER': {
      // Two zeros are one value; a Set thinks so too.
      const set = new Set(values);
      return (value) => !Number.isNaN(value) && set.has(value);
    }
  }
}
