import type { FeatureBins } from '../bins/bin-plan.ts';
import { setAdd, setBytes } from '../bins/bin-set.ts';
import { categorical, type GbdtParams } from './params.ts';

/** A node's sums. `rows` is exact, what a histogram says of rows is estimated from the hessian. */
export interface Sums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
}

export interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly set: Uint8Array;
  readonly left: { readonly gradient: number; readonly hessian: number };
  /** What is added to the hessian for the values of the two sides. */
  readonly l2: number;
}

/** Of a histogram: (gradient, hessian) pairs of one feature begin at `at`. */
interface Scan {
  readonly histogram: Float64Array;
  readonly at: number;
  readonly sums: Sums;
  readonly params: GbdtParams;
  readonly best: Best;
}

/** The best split so far; the set is built only for the one that wins. */
interface Best {
  gain: number;
  feature: number;
  leftGradient: number;
  leftHessian: number;
  l2: number;
  set: (() => Uint8Array) | undefined;
}

/**
 * The split of most gain among the features, as LightGBM finds it (FeatureHistogram), or undefined where none gains.
 * Equal gains: the earlier feature, then the earlier bin.
 */
export function findSplit(
  histogram: Float64Array,
  histogramBins: number,
  plan: readonly FeatureBins[],
  features: readonly number[],
  sums: Sums,
  params: GbdtParams,
): Split | undefined {
  const best: Best = { gain: 1e-12, feature: 0, leftGradient: 0, leftHessian: 0, l2: 0, set: undefined };
  for (const [place, feature] of features.entries()) {
    const bins = plan[feature]!;
    const before = best.set;
    const scan: Scan = { histogram, at: place * histogramBins * 2, sums, params, best };
    if (bins.kind === 'edges') scanEdges(scan, bins.edges.length);
    else if (bins.categories.length <= categorical.maxOneHot) scanOneHot(scan, bins.categories.length);
    else scanCategories(scan, bins.categories.length);
    if (best.set !== before) best.feature = feature;
  }
  if (!best.set) return undefined;
  const { gain, feature, leftGradient: gradient, leftHessian: hessian, l2 } = best;
  return { gain, feature, set: best.set(), left: { gradient, hessian }, l2 };
}

/** The optimal value of a leaf (Newton step; l1 shrinks the gradient towards 0). */
export function leafValue(gradient: number, hessian: number, l1: number, l2: number): number {
  return -shrunk(gradient, l1) / (hessian + l2);
}

const shrunk = (gradient: number, l1: number): number =>
  l1 === 0 ? gradient : Math.sign(gradient) * Math.max(0, Math.abs(gradient) - l1);

const worth = (gradient: number, hessian: number, l1: number, l2: number): number => {
  const g = shrunk(gradient, l1);
  return (g * g) / (hessian + l2);
};

/** Every edge with the missing right, then left; and all that is there against all that is missing. */
function scanEdges(scan: Scan, edges: number): void {
  const { histogram, at, sums } = scan;
  const missing = at + 2 * (edges + 1);
  const missingGradient = histogram[missing]!;
  const missingHessian = histogram[missing + 1]!;
  scanOneWay(scan, edges, 0, 0);
  if (missingHessian <= 0) return;
  scanOneWay(scan, edges, missingGradient, missingHessian);
  const gradient = sums.gradient - missingGradient;
  const hessian = sums.hessian - missingHessian;
  if (sideFits(scan, missingHessian) && sideFits(scan, hessian)) {
    offer(scan, gradient, hessian, scan.params.l2, () => edgeSet(edges, edges, false));
  }
}

function scanOneWay(scan: Scan, edges: number, missingGradient: number, missingHessian: number): void {
  const { histogram, at, sums, params, best } = scan;
  const { l1, l2, min_hessian: minHessian } = params;
  const perHessian = sums.rows / sums.hessian;
  const minRows = params.min_data - 0.5;
  const parent = worth(sums.gradient, sums.hessian, l1, l2);
  let gradient = missingGradient;
  let hessian = missingHessian;
  let gain = best.gain;
  let winner = -1;
  for (let bin = 0; bin < edges; bin++) {
    gradient += histogram[at + 2 * bin]!;
    hessian += histogram[at + 2 * bin + 1]!;
    if (hessian < minHessian || hessian * perHessian < minRows) continue;
    const rest = sums.hessian - hessian;
    if (rest < minHessian || rest * perHessian < minRows) break;
    const here = worth(gradient, hessian, l1, l2) + worth(sums.gradient - gradient, rest, l1, l2) - parent;
    if (here <= gain) continue;
    gain = here;
    winner = bin;
    best.leftGradient = gradient;
    best.leftHessian = hessian;
  }
  if (winner < 0) return;
  best.gain = gain;
  best.l2 = l2;
  best.set = () => edgeSet(winner, edges, missingHessian > 0);
}

function edgeSet(last: number, edges: number, missingLeft: boolean): Uint8Array {
  const set = new Uint8Array(setBytes);
  for (let bin = 0; bin <= last; bin++) setAdd(set, bin);
  if (missingLeft) setAdd(set, edges + 1);
  return set;
}

function sideFits({ sums, params }: Scan, hessian: number): boolean {
  const rows = (hessian * sums.rows) / sums.hessian;
  return hessian >= params.min_hessian && rows >= params.min_data - 0.5;
}

/** Takes the split if it is better than the best. The parent's worth has no `l2` of categories, as in LightGBM. */
function offer(scan: Scan, gradient: number, hessian: number, l2: number, set: () => Uint8Array): void {
  const { sums, params, best } = scan;
  const { l1 } = params;
  const gain =
    worth(gradient, hessian, l1, l2) +
    worth(sums.gradient - gradient, sums.hessian - hessian, l1, l2) -
    worth(sums.gradient, sums.hessian, l1, params.l2);
  if (gain <= best.gain) return;
  best.gain = gain;
  best.leftGradient = gradient;
  best.leftHessian = hessian;
  best.l2 = l2;
  best.set = set;
}

function scanOneHot(scan: Scan, categories: number): void {
  const { histogram, at, sums, params } = scan;
  for (let bin = 1; bin <= categories; bin++) {
    const hessian = histogram[at + 2 * bin + 1]!;
    if (!sideFits(scan, hessian) || !sideFits(scan, sums.hessian - hessian)) continue;
    offer(scan, histogram[at + 2 * bin]!, hessian, params.l2, () => listedSet([bin]));
  }
}

/** Categories in the order of gradient / (hessian + smooth): the best prefix of at most `maxListed`, from either end. */
function scanCategories(scan: Scan, categories: number): void {
  const { histogram, at, sums } = scan;
  const perHessian = sums.rows / sums.hessian;
  const steepness = new Float64Array(categories + 1);
  const order: number[] = [];
  for (let bin = 1; bin <= categories; bin++) {
    const hessian = histogram[at + 2 * bin + 1]!;
    if (Math.round(hessian * perHessian) < categorical.smooth) continue;
    steepness[bin] = histogram[at + 2 * bin]! / (hessian + categorical.smooth);
    order.push(bin);
  }
  order.sort((a, b) => steepness[a]! - steepness[b]! || a - b);
  const most = Math.min(categorical.maxListed, (order.length + 1) >> 1);
  scanPrefixes(scan, order, most);
  scanPrefixes(scan, order.toReversed(), most);
}

function scanPrefixes(scan: Scan, order: readonly number[], most: number): void {
  const { histogram, at, sums, params } = scan;
  const perHessian = sums.rows / sums.hessian;
  const l2 = params.l2 + categorical.l2;
  let gradient = 0;
  let hessian = 0;
  let rows = 0;
  let inGroup = 0;
  for (let k = 0; k < most; k++) {
    const place = at + 2 * order[k]!;
    const here = Math.round(histogram[place + 1]! * perHessian);
    gradient += histogram[place]!;
    hessian += histogram[place + 1]!;
    rows += here;
    inGroup += here;
    if (rows < params.min_data || hessian < params.min_hessian) continue;
    const right = sums.rows - rows;
    if (right < params.min_data || right < categorical.minGroup) break;
    if (sums.hessian - hessian < params.min_hessian) break;
    if (inGroup < categorical.minGroup) continue;
    inGroup = 0;
    offer(scan, gradient, hessian, l2, () => listedSet(order.slice(0, k + 1)));
  }
}

function listedSet(bins: readonly number[]): Uint8Array {
  const set = new Uint8Array(setBytes);
  for (const bin of bins) setAdd(set, bin);
  return set;
}
