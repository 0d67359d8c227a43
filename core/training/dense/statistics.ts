import { FanfareError } from '../../errors.ts';
import type { Batch } from '../../tables/batch.ts';
import { numbersOf } from '../../tables/slice.ts';
import { addSums, noSums, type Sums, sumsOf } from '../../tables/sums.ts';
import { datePart } from '../date-parts.ts';
import { columnNamed, type Feature, wordsNamed } from '../features.ts';

/** What there is to know of the features of some rows. Plain JSON; those of parts merge into those of the whole, exactly. */
export interface DenseStatistics {
  readonly rows: number;
  /** Inputs that lack a value in some row, but for floats, which are free to. */
  readonly missing: readonly string[];
  /** In the features' order. */
  readonly features: readonly FeatureStatistics[];
}

export type FeatureStatistics =
  /** `present`: finite values; `low` and `high`: the least and the greatest, null where there is none. */
  | {
      readonly kind: 'number';
      readonly present: number;
      readonly low: number | null;
      readonly high: number | null;
      readonly sums: Sums;
    }
  /** How many rows have which value of the part. */
  | { readonly kind: 'part'; readonly counts: readonly (readonly [value: number, count: number])[] }
  /** How many rows have which word, by the words' code units; a missing value, or an empty text, is none. */
  | { readonly kind: 'category'; readonly counts: readonly (readonly [word: string, count: number])[] };

/** Distinct texts of one column that are counted before it is refused. */
const mostWords = 262_144;

export const noStatistics = (features: readonly Feature[]): DenseStatistics => ({
  rows: 0,
  missing: [],
  features: features.map(({ kind }) =>
    kind === 'number' ? { kind, present: 0, low: null, high: null, sums: noSums } : { kind, counts: [] },
  ),
});

/** Of a batch of the inputs alone. What is infinite counts as missing. */
export const statisticsOf = (batch: Batch, features: readonly Feature[]): DenseStatistics => ({
  rows: batch.rows,
  missing: missingInputs(batch),
  features: features.map((feature) => statisticsOfFeature(feature, batch)),
});

/** Those whose type as a model's input depends on it: a float may lack values in any case. */
export const missingInputs = ({ fields, columns }: Batch): string[] =>
  fields.flatMap(({ name, type }, at) => (type !== 'float' && columns[at]!.valid?.includes(0) ? [name] : []));

/** Of the rows of both. `BadTable` where a column has too many different texts. */
export function mergeStatistics(
  a: DenseStatistics,
  b: DenseStatistics,
  features: readonly Feature[],
): DenseStatistics {
  return {
    rows: a.rows + b.rows,
    missing: [...new Set([...a.missing, ...b.missing])].sort(),
    features: a.features.map((one, at) => mergeFeature(one, b.features[at]!, features[at]!.column)),
  };
}

function statisticsOfFeature(feature: Feature, batch: Batch): FeatureStatistics {
  switch (feature.kind) {
    case 'number':
      return statisticsOfNumbers(numbersOf(columnNamed(batch, feature.column)));
    case 'part': {
      const counts = new Map<number, number>();
      for (const value of datePart(feature.part, numbersOf(columnNamed(batch, feature.column))))
        if (!Number.isNaN(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
      return { kind: 'part', counts: [...counts].sort(([a], [b]) => a - b) };
    }
    case 'category':
      return { kind: 'category', counts: wordCounts(batch, feature.column) };
  }
}

function statisticsOfNumbers(numbers: Float64Array): FeatureStatistics {
  let present = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let row = 0; row < numbers.length; row++) {
    const value = numbers[row]!;
    if (!(Math.abs(value) < Infinity)) continue;
    present++;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = present === 0 ? { low: null, high: null } : { low: low + 0, high: high + 0 };
  return { kind: 'number', present, ...range, sums: sumsOf(numbers) };
}

function wordCounts(batch: Batch, column: string): (readonly [string, number])[] {
  const { codes, dictionary, valid } = wordsNamed(batch, column);
  const byCode = new Float64Array(dictionary.length);
  for (let row = 0; row < codes.length; row++) if (!valid || valid[row]) byCode[codes[row]!]!++;
  const counts = new Map<string, number>();
  for (const [code, word] of dictionary.entries())
    if (word !== '' && byCode[code]! > 0) counts.set(word, (counts.get(word) ?? 0) + byCode[code]!);
  return byCodeUnits(counts);
}

const byCodeUnits = (counts: ReadonlyMap<string, number>): (readonly [string, number])[] =>
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1));

function mergeFeature(a: FeatureStatistics, b: FeatureStatistics, column: string): FeatureStatistics {
  if (a.kind === 'number' && b.kind === 'number') {
    return {
      kind: 'number',
      present: a.present + b.present,
      low: a.low === null || b.low === null ? (a.low ?? b.low) : Math.min(a.low, b.low),
      high: a.high === null || b.high === null ? (a.high ?? b.high) : Math.max(a.high, b.high),
      sums: addSums(a.sums, b.sums),
    };
  }
  if (a.kind === 'part' && b.kind === 'part')
    return { kind: 'part', counts: [...addCounts(a.counts, b.counts)].sort(([x], [y]) => x - y) };
  if (a.kind === 'category' && b.kind === 'category') {
    const counts = addCounts(a.counts, b.counts);
    if (counts.size <= mostWords) return { kind: 'category', counts: byCodeUnits(counts) };
    throw new FanfareError(
      'BadTable',
      `inputs: column "${column}" has more than ${mostWords} different texts; leave it out of the inputs`,
    );
  }
  throw new FanfareError('BadTable', `column "${column}" holds values of another type in another partition`);
}

function addCounts<Value>(
  a: readonly (readonly [Value, number])[],
  b: readonly (readonly [Value, number])[],
): Map<Value, number> {
  const counts = new Map(a);
  for (const [value, count] of b) counts.set(value, (counts.get(value) ?? 0) + count);
  return counts;
}
