import type { FeatureBins } from '../bins/bin-plan.ts';
import type { Best, Bounds, Scan, Sums } from './gain.ts';
import { categorical, type GbdtParams } from './params.ts';
import { scanCategories, scanOneHot } from './scan-categories.ts';
import { scanEdges } from './scan-edges.ts';

export interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly set: Uint8Array;
  readonly left: { readonly gradient: number; readonly hessian: number };
  /** What is added to the hessian for the values of the two sides. */
  readonly l2: number;
}

/** Of a node: what its split is looked for among. */
export interface Candidates {
  /** Pairs of (gradient, hessian), `bins` for each of the features. */
  readonly histogram: Float64Array;
  readonly bins: number;
  readonly plan: readonly FeatureBins[];
  /** The features that the histogram holds. */
  readonly features: readonly number[];
  /** The places among those that the node may use, ascending. */
  readonly places: readonly number[];
  readonly sums: Sums;
  /** Undefined where no feature is constrained. */
  readonly constraint: { readonly bounds: Bounds; readonly directions: Int8Array } | undefined;
}

/**
 * The split of most gain, as LightGBM finds it (FeatureHistogram), or undefined where none gains. Equal gains: the earlier
 * feature, then the earlier bin.
 */
export function findSplit(
  { histogram, bins: histogramBins, plan, features, places, sums, constraint }: Candidates,
  params: GbdtParams,
): Split | undefined {
  const least = Math.max(1e-12, params.min_gain_to_split);
  const best: Best = { gain: least, feature: 0, leftGradient: 0, leftHessian: 0, l2: 0, set: undefined };
  for (const place of places) {
    const feature = features[place]!;
    const bins = plan[feature]!;
    const before = best.set;
    const scan: Scan = {
      histogram,
      at: place * histogramBins * 2,
      sums,
      params,
      best,
      bounds: constraint?.bounds,
      direction: constraint?.directions[feature] ?? 0,
    };
    if (bins.kind === 'edges') scanEdges(scan, bins.edges.length);
    else if (bins.categories.length <= categorical.maxOneHot) scanOneHot(scan, bins.categories.length);
    else scanCategories(scan, bins.categories.length);
    if (best.set !== before) best.feature = feature;
  }
  if (!best.set) return undefined;
  const { gain, feature, leftGradient: gradient, leftHessian: hessian, l2 } = best;
  return { gain, feature, set: best.set(), left: { gradient, hessian }, l2 };
}
