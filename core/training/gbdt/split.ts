import type { FeatureBins } from '../bins/bin-plan.ts';
import type { Best, Bounds, Histogram, Scan, Sums } from './gain.ts';
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
  readonly histogram: Histogram;
  readonly bins: number;
  readonly plan: readonly FeatureBins[];
  /** The features that the histogram holds. */
  readonly features: readonly number[];
  /** The places among those that are looked at, ascending. */
  readonly places: readonly number[];
  readonly sums: Sums;
  /** Undefined where no feature is constrained. */
  readonly constraint: { readonly bounds: Bounds; readonly directions: Int8Array } | undefined;
}

/**
 * The split of most gain, as LightGBM finds it (FeatureHistogram), undefined where none gains; equal gains: the earlier
 * feature, then the earlier bin. `futile`: the places where no split gains, which LightGBM does not look at below either.
 */
export function findSplit(
  { histogram: of, bins: histogramBins, plan, features, places, sums, constraint }: Candidates,
  params: GbdtParams,
): { readonly split: Split | undefined; readonly futile: readonly number[] } {
  const histogram = new Float64Array(of.memory.buffer, of.start, features.length * histogramBins * 2);
  const least = Math.max(1e-12, params.min_gain_to_split);
  const futile: number[] = [];
  let split: (Best & { readonly feature: number }) | undefined;
  for (const place of places) {
    const feature = features[place]!;
    const best: Best = { gain: least, leftGradient: 0, leftHessian: 0, l2: 0, set: undefined };
    const scan: Scan = {
      of,
      histogram,
      at: place * histogramBins * 2,
      sums,
      params,
      best,
      bounds: constraint?.bounds,
      direction: constraint?.directions[feature] ?? 0,
    };
    scanFeature(scan, plan[feature]!);
    if (!best.set) futile.push(place);
    else if (!split || best.gain > split.gain) split = { ...best, feature };
  }
  return { split: split && finished(split), futile };
}

function scanFeature(scan: Scan, bins: FeatureBins): void {
  if (bins.kind === 'edges') scanEdges(scan, bins.edges.length);
  else if (bins.categories.length <= categorical.maxOneHot) scanOneHot(scan, bins.categories.length);
  else scanCategories(scan, bins.categories.length);
}

const finished = ({
  gain,
  feature,
  leftGradient,
  leftHessian,
  l2,
  set,
}: Best & { feature: number }): Split => ({
  ...{ gain, feature, set: set!(), l2 },
  left: { gradient: leftGradient, hessian: leftHessian },
});
