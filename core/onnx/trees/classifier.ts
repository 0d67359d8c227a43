import { attributeNumbers, attributeString, attributeStrings, type Node } from '../model-proto.ts';
import { classifierTrees, type Ensemble } from './ensemble.ts';

/** What a `TreeEnsembleClassifier` makes of its trees' sums. */
export interface Classifier {
  readonly labels: readonly string[] | BigInt64Array;
  readonly kind: Kind;
  readonly transform: Transform;
}

/**
 * `votes`: the trees speak of two classes by one number, a share of the second one; `margin`: by one number, above 0 for
 * the second one; `each`: a number a class.
 */
type Kind = 'votes' | 'margin' | 'each';
const transforms = ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO'] as const;
type Transform = (typeof transforms)[number];

/**
 * A classifier's ensemble, as ONNX Runtime reads it; undefined where the operator's text leaves open what is meant, or
 * where it is not evaluated here: then ONNX Runtime does it.
 */
export function classifierOf(
  node: Node,
): { readonly ensemble: Ensemble; readonly classifier: Classifier } | undefined {
  const trees = classifierTrees(node);
  const transform = attributeString(node, 'post_transform') ?? 'NONE';
  const labels = labelsOf(node);
  if (!trees || !isTransform(transform)) return undefined;
  const ids = new Set(Array.from(attributeNumbers(node, 'class_ids') ?? []));
  const given = attributeNumbers(node, 'base_values');
  const base = given instanceof Float32Array && given.length > 0 ? given : null;
  const isOne = labels.length === 2 && ids.size === 1 && ids.has(0) && (base === null || base.length === 1);
  const isEach =
    labels.length > 2 && (base === null ? speaksOfEach(trees, labels.length) : base.length === labels.length);
  if (!isOne && !isEach) return undefined;
  const weights = Array.from(attributeNumbers(node, 'class_weights') ?? []);
  const kind = isEach ? 'each' : weights.every((weight) => weight >= 0) ? 'votes' : 'margin';
  const targets = isOne ? 1 : labels.length;
  return { ensemble: { trees, targets, averages: false, base }, classifier: { labels, kind, transform } };
}

const isTransform = (name: string): name is Transform => transforms.includes(name as Transform);

function labelsOf(node: Node): Classifier['labels'] {
  const words = attributeStrings(node, 'classlabels_strings');
  const numbers = Array.from(attributeNumbers(node, 'classlabels_int64s') ?? [], BigInt);
  return words.length > 0 ? words : BigInt64Array.from(numbers);
}

/** Whether no class goes without a number in some row: such a one does not win, and which these are hangs on the row. */
const speaksOfEach = (trees: Ensemble['trees'], classes: number): boolean =>
  Array.from({ length: classes }, (_, place) => place).every((place) =>
    trees.some(({ leaves }) => leaves.every((leaf) => leaf.some(({ target }) => target === place))),
  );

/** The place of each row's class among the labels, and a score a class [rows, classes]. */
export function classify(
  { kind, transform, labels }: Classifier,
  sums: Float32Array,
): { readonly places: Uint32Array; readonly scores: Float32Array } {
  return kind === 'each' ? classifyEach(sums, labels.length, transform) : classifyTwo(sums, kind, transform);
}

function classifyTwo(sums: Float32Array, kind: 'votes' | 'margin', transform: Transform) {
  const rows = sums.length;
  const [places, scores] = [new Uint32Array(rows), new Float32Array(2 * rows)];
  const isShare = kind === 'votes';
  const isLogistic = kind === 'margin' && transform === 'LOGISTIC';
  const half = isShare ? 0.5 : 0;
  for (let row = 0; row < rows; row++) {
    const sum = sums[row]!;
    if (sum > half) places[row] = 1;
    scores[2 * row] = isShare ? 1 - sum : isLogistic ? logistic(-sum) : -sum;
    scores[2 * row + 1] = isLogistic ? logistic(sum) : sum;
  }
  return { places, scores };
}

function classifyEach(sums: Float32Array, classes: number, transform: Transform) {
  const rows = sums.length / classes;
  const [places, scores] = [new Uint32Array(rows), new Float32Array(sums.length)];
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    let best = 0;
    for (let k = 1; k < classes; k++) if (sums[start + k]! > sums[start + best]!) best = k;
    places[row] = best;
    spread(sums, scores, start, classes, transform, sums[start + best]!);
  }
  return { places, scores };
}

/** A number nearer to zero is none to SOFTMAX_ZERO. */
const nothing = Math.fround(1e-7);

/** A row's scores after the transform. */
function spread(
  sums: Float32Array,
  scores: Float32Array,
  start: number,
  classes: number,
  transform: Transform,
  most: number,
): void {
  if (transform === 'NONE' || transform === 'LOGISTIC') {
    for (let at = start; at < start + classes; at++)
      scores[at] = transform === 'NONE' ? sums[at]! : logistic(sums[at]!);
    return;
  }
  let total = 0;
  for (let at = start; at < start + classes; at++) {
    const sum = sums[at]!;
    const isNone = transform === 'SOFTMAX_ZERO' && Math.abs(sum) <= nothing;
    const share = Math.fround(isNone ? sum * Math.exp(-most) : Math.exp(sum - most));
    scores[at] = share;
    if (!isNone) total += share;
  }
  for (let at = start; at < start + classes; at++) scores[at]! /= total;
}

const logistic = (value: number): number => {
  const upper = 1 / (1 + Math.exp(-Math.abs(value)));
  return value < 0 ? 1 - upper : upper;
};
