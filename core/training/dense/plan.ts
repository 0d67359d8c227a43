import type { Field } from '../../tables/batch.ts';
import { meanOf, varianceOf } from '../../tables/sums.ts';
import type { DatePart } from '../date-parts.ts';
import type { Feature } from '../features.ts';
import type { PlannedInput } from '../graph-inputs.ts';
import type { DenseStatistics, FeatureStatistics } from './statistics.ts';

/**
 * How raw columns become numbers of about one size, and categories codes: learned from the training side alone. Plain JSON.
 * - A number, whole or not, is standardised: less its mean, by its standard deviation (of the whole, as StandardScaler does).
 * - A boolean is 0 or 1.
 * - A time is the sine and the cosine of its month, weekday and minute of the day, standardised.
 * - What is missing, or infinite, becomes the column's mean, and a column of its own tells by 1 where that was so, if it was
 *   in training.
 * - A category has the code of its text: 1 for the most frequent, and so on. Rare texts share a code behind those, as the
 *   missing do, each where there were any in training. A text that was never seen has the code of the rare or, where no
 *   text was rare, 0: none of the one-hot columns. So do OneHotEncoder's `max_categories` and `infrequent_if_exist`.
 * - What has one value in all of the training side is left out: it tells nothing.
 */
export interface DensePlan {
  readonly inputs: readonly PlannedInput[];
  readonly numbers: readonly DenseNumber[];
  readonly categories: readonly DenseCategory[];
}

/** The matrix's column `(x − mean) × scale`, where x is what `from` says, or `fill` where that is no finite number. */
export interface DenseNumber {
  /** What a coefficient is called by. */
  readonly name: string;
  readonly from:
    | { readonly kind: 'number'; readonly column: string }
    | { readonly kind: 'part'; readonly column: string; readonly part: DatePart; readonly wave: Wave }
    /** 1 where the number, or the time, is missing, 0 elsewhere. */
    | { readonly kind: 'missing'; readonly column: string };
  readonly fill: number;
  readonly mean: number;
  readonly scale: number;
}

type Wave = 'sin' | 'cos';

export interface DenseCategory {
  readonly column: string;
  /** Word k has the code k + 1. */
  readonly words: readonly string[];
  /** The codes of rare and unseen texts, and of missing ones; 0 where they have none of their own. */
  readonly other: number;
  readonly missing: number;
}

/** The codes of a category are 0 to this. */
export const codesOf = ({ words, other, missing }: DenseCategory): number =>
  words.length + Number(other > 0) + Number(missing > 0);

/** What stands for the codes 1, 2 and so on: the names of one-hot columns. */
export const codeNames = ({ column, words, other, missing }: DenseCategory): string[] => [
  ...words.map((word) => `${column} = ${word}`),
  ...(other > 0 ? [`${column} is rare`] : []),
  ...(missing > 0 ? [`${column} is missing`] : []),
];

/** `mostWords`: texts of a category that have a code of their own. `missing`: inputs that lack values on any side. */
export function planDense(
  { rows, features: statistics }: DenseStatistics,
  inputs: readonly Field[],
  features: readonly Feature[],
  { mostWords, missing }: { readonly mostWords: number; readonly missing: ReadonlySet<string> },
): DensePlan {
  const booleans = new Set(inputs.flatMap(({ name, type }) => (type === 'boolean' ? [name] : [])));
  const numbers: DenseNumber[] = [];
  const categories: DenseCategory[] = [];
  const told = new Set<string>();
  for (const [at, feature] of features.entries()) {
    const each = statistics[at]!;
    const { column } = feature;
    if (feature.kind === 'category' && each.kind === 'category')
      categories.push(...planCategory(column, each.counts, rows, mostWords));
    if (feature.kind === 'number' && each.kind === 'number')
      numbers.push(...planNumber(column, each, booleans.has(column)));
    if (feature.kind === 'part' && each.kind === 'part')
      numbers.push(...planPart(column, feature.part, each.counts));
    const present = presentOf(each);
    if (feature.kind === 'category' || told.has(column) || present === 0 || present === rows) continue;
    told.add(column);
    numbers.push({
      name: `${column} is missing`,
      from: { kind: 'missing', column },
      ...{ fill: 0, mean: 0, scale: 1 },
    });
  }
  const planned = inputs.map(({ name, type }) => ({ name, type, missing: missing.has(name) }));
  return { inputs: planned, numbers, categories };
}

const presentOf = (statistics: FeatureStatistics): number =>
  statistics.kind === 'number'
    ? statistics.present
    : statistics.counts.reduce((sum, [, count]) => sum + count, 0);

function planNumber(
  column: string,
  { present, low, high, sums }: Extract<FeatureStatistics, { kind: 'number' }>,
  isBoolean: boolean,
): DenseNumber[] {
  if (low === high) return [];
  const mean = meanOf(sums, present);
  const from = { kind: 'number', column } as const;
  if (isBoolean) return [{ name: column, from, fill: mean, mean: 0, scale: 1 }];
  const deviation = Math.sqrt((varianceOf(sums, present) * (present - 1)) / present);
  return standardised(column, from, mean, deviation);
}

function planPart(
  column: string,
  part: DatePart,
  counts: readonly (readonly [value: number, count: number])[],
): DenseNumber[] {
  if (counts.length < 2) return [];
  const present = counts.reduce((sum, [, count]) => sum + count, 0);
  return (['sin', 'cos'] as const).flatMap((wave) => {
    const table = waveTable(part, wave);
    const mean = counts.reduce((sum, [value, count]) => sum + count * table[value]!, 0) / present;
    const squares = counts.reduce((sum, [value, count]) => sum + count * (table[value]! - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / present);
    return standardised(`${column} ${part} ${wave}`, { kind: 'part', column, part, wave }, mean, deviation);
  });
}

/** Numbers that differ by rounding alone, or by more than a double holds the square of, tell nothing. */
function standardised(
  name: string,
  from: DenseNumber['from'],
  mean: number,
  deviation: number,
): DenseNumber[] {
  const tells = deviation > 1e-15 * Math.abs(mean) && deviation < Infinity && 1 / deviation < Infinity;
  if (!tells) return [];
  return [{ name, from, fill: mean, mean, scale: 1 / deviation }];
}

function planCategory(
  column: string,
  counts: readonly (readonly [word: string, count: number])[],
  rows: number,
  mostWords: number,
): DenseCategory[] {
  const present = counts.reduce((sum, [, count]) => sum + count, 0);
  const words = [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, mostWords)
    .map(([word]) => word);
  const other = words.length < counts.length ? words.length + 1 : 0;
  const missing = present < rows ? words.length + Number(other > 0) + 1 : 0;
  const planned = { column, words, other, missing };
  return codesOf(planned) > 1 ? [planned] : [];
}

/** How many values a part has from its first, which is 1 for a month and 0 else. */
const periods: Readonly<Record<DatePart, number>> = { month: 12, weekday: 7, minute: 1440 };

/** The wave at each value of the part, from 0 to its period: December is next to January. */
export function waveTable(part: DatePart, wave: Wave): Float64Array {
  const period = periods[part];
  return Float64Array.from({ length: period + 1 }, (_, value) => Math[wave]((2 * Math.PI * value) / period));
}
