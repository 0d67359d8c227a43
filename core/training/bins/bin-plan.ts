import type { Feature } from '../features.ts';
import type { PlannedInput } from '../graph-inputs.ts';
import type { Bucket } from '../value-counts.ts';

/** Bins a feature may have, with the one for missing or other values: what a byte can tell apart. */
export const maxBins = 255;

/** Bins of a number where two bytes tell them apart; categories have no more than `maxBins`. */
export const maxWideBins = 4095;

/** Bytes that a bin takes. */
export type BinBytes = 1 | 2;

/**
 * A feature's bins, learned from the training side.
 * `edges`: bin b holds the float32 values x ≤ edges[b], bin edges.length those above, bin edges.length + 1 the missing.
 * `categories`: bin 0 holds missing, unseen and rare categories, bin k + 1 the category k, most frequent first. A column with more
 * categories than bins is several features, to each of which those of the others are rare.
 */
export type FeatureBins =
  | {
      readonly kind: 'edges';
      readonly feature: Exclude<Feature, { kind: 'category' }>;
      readonly edges: readonly number[];
    }
  | {
      readonly kind: 'categories';
      readonly feature: Extract<Feature, { kind: 'category' }>;
      readonly categories: readonly string[];
    };

export interface BinPlan {
  readonly inputs: readonly PlannedInput[];
  readonly features: readonly FeatureBins[];
}

/** How many bins a feature's bytes may name. */
export const binsOf = (bins: FeatureBins): number =>
  bins.kind === 'edges' ? bins.edges.length + 2 : bins.categories.length + 1;

/** Fewer rows than this share a bin where there is room for all values, as LightGBM's min_data_in_bin. */
const minRows = 3;

/**
 * Edges that divide the counted values into at most `most` bins of about equal count; a value more frequent than an
 * equal share gets a bin of its own (LightGBM's GreedyFindBin). An edge is a float32 t with low ≤ t < high for the
 * values on its two sides.
 */
export function equalFrequencyEdges(buckets: readonly Bucket[], most: number): number[] {
  return (buckets.length <= most ? ownBins(buckets) : sharedBins(buckets, most)).map((last) =>
    between(buckets[last]!.high, buckets[last + 1]!.low),
  );
}

/** The last bucket of each bin but the last, where every value may have its own. */
function ownBins(buckets: readonly Bucket[]): number[] {
  const lasts: number[] = [];
  let inBin = 0;
  for (let i = 0; i + 1 < buckets.length; i++) {
    inBin += buckets[i]!.count;
    if (inBin < minRows) continue;
    lasts.push(i);
    inBin = 0;
  }
  return lasts;
}

/** The same where values must share bins; the share of those that are not frequent is taken anew after each bin. */
function sharedBins(buckets: readonly Bucket[], most: number): number[] {
  const share = buckets.reduce((sum, { count }) => sum + count, 0) / most;
  const isBig = buckets.map(({ count }) => count >= share);
  let rows = buckets.reduce((sum, { count }, i) => sum + (isBig[i] ? 0 : count), 0);
  let bins = most - isBig.filter(Boolean).length;
  let mean = rows / bins;
  let inBin = 0;
  const lasts: number[] = [];
  for (let i = 0; i + 1 < buckets.length && lasts.length + 1 < most; i++) {
    const { count } = buckets[i]!;
    inBin += count;
    if (!isBig[i]) rows -= count;
    if (!isBig[i] && inBin < mean && !(isBig[i + 1] && inBin >= Math.max(1, mean / 2))) continue;
    lasts.push(i);
    inBin = 0;
    if (!isBig[i]) mean = rows / --bins;
  }
  return lasts;
}

function between(low: number, high: number): number {
  // What is infinite stands apart from all numbers; JSON has no infinity.
  if (low === Number.NEGATIVE_INFINITY) return -maxFloat;
  if (high === Number.POSITIVE_INFINITY) return maxFloat;
  const middle = Math.fround(low + (high - low) / 2);
  return middle >= low && middle < high ? middle : low;
}

const maxFloat = (2 - 2 ** -23) * 2 ** 127;

/** So many parts of a column's categories are told apart, at most. */
const mostParts = 8;

/** More parts are made until so many of the rows that have a category are told apart, as LightGBM does. */
const covered = 0.99;

/** A category of fewer rows is not worth a further part: no split lists it. */
const fewestRows = 10;

/**
 * The most frequent categories, equal counts in the order of their code units: at most `most`, and further parts of as
 * many where those leave out more than a hundredth of the rows.
 */
export function frequentCategories(counts: ReadonlyMap<string, number>, most: number): string[][] {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  let left = covered * sorted.reduce((sum, [, count]) => sum + count, 0);
  const parts: string[][] = [];
  do {
    const part = sorted.splice(0, most);
    left -= part.reduce((sum, [, count]) => sum + count, 0);
    parts.push(part.map(([word]) => word));
  } while (left > 0 && parts.length < mostParts && (sorted[0]?.[1] ?? 0) >= fewestRows);
  return parts;
}
