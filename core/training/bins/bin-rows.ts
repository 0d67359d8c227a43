import type { Batch } from '../../tables/batch.ts';
import { columnNamed, featureNumbers, wordsNamed } from '../features.ts';
import type { BinBytes, FeatureBins } from './bin-plan.ts';

/** The bins of those rows, a column a feature. */
export const binRows = (
  batch: Batch,
  rows: Int32Array,
  bins: readonly FeatureBins[],
  binBytes: BinBytes,
): (Uint8Array | Uint16Array)[] =>
  bins.map((each) => {
    const out = binBytes === 1 ? new Uint8Array(rows.length) : new Uint16Array(rows.length);
    if (each.kind === 'edges') binNumbers(batch, rows, each, out);
    else binWords(batch, rows, each, out);
    return out;
  });

function binNumbers(
  batch: Batch,
  rows: Int32Array,
  { feature, edges }: Extract<FeatureBins, { kind: 'edges' }>,
  out: Uint8Array | Uint16Array,
): void {
  const values = featureNumbers(feature, columnNamed(batch, feature.column));
  const sorted = Float32Array.from(edges);
  for (let i = 0; i < rows.length; i++) {
    const value = values[rows[i]!]!;
    out[i] = Number.isNaN(value) ? edges.length + 1 : edgesBelow(sorted, value);
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
  out: Uint8Array | Uint16Array,
): void {
  const { codes, dictionary, valid } = wordsNamed(batch, feature.column);
  const binOf = new Map(categories.map((word, k) => [word, k + 1]));
  const bins = Uint8Array.from(dictionary, (word) => binOf.get(word) ?? 0);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    out[i] = !valid || valid[row] ? bins[codes[row]!]! : 0;
  }
}
