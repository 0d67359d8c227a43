import type { Batch } from '../../tables/batch.ts';
import { columnNamed, featureNumbers, wordsNamed } from '../features.ts';
import type { FeatureBins } from './bin-plan.ts';

/** Bytes of bins a row: a multiple of four, since the kernel reads four at once. */
export const strideOf = (features: number): number => Math.ceil(features / 4) * 4;

/** The bins of those rows, `stride` bytes a row. */
export function binRows(
  batch: Batch,
  rows: Int32Array,
  bins: readonly FeatureBins[],
  stride: number,
): Uint8Array {
  const out = new Uint8Array(rows.length * stride);
  bins.forEach((each, at) => {
    if (each.kind === 'edges') binNumbers(batch, rows, each, out.subarray(at), stride);
    else binWords(batch, rows, each, out.subarray(at), stride);
  });
  return out;
}

function binNumbers(
  batch: Batch,
  rows: Int32Array,
  { feature, edges }: Extract<FeatureBins, { kind: 'edges' }>,
  out: Uint8Array,
  stride: number,
): void {
  const values = featureNumbers(feature, columnNamed(batch, feature.column));
  const sorted = Float32Array.from(edges);
  for (let i = 0; i < rows.length; i++) {
    const value = values[rows[i]!]!;
    out[i * stride] = Number.isNaN(value) ? edges.length + 1 : edgesBelow(sorted, value);
  }
}

/** How many edges lie below the value. */
function edgesBelow(edges: Float32Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value > edges[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

function binWords(
  batch: Batch,
  rows: Int32Array,
  { feature, categories }: Extract<FeatureBins, { kind: 'categories' }>,
  out: Uint8Array,
  stride: number,
): void {
  const { codes, dictionary, valid } = wordsNamed(batch, feature.column);
  const binOf = new Map(categories.map((word, k) => [word, k + 1]));
  const bins = Uint8Array.from(dictionary, (word) => binOf.get(word) ?? 0);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    out[i * stride] = !valid || valid[row] ? bins[codes[row]!]! : 0;
  }
}
