import { FanfareError } from '../errors.ts';
import type { Batch, Column, Field } from './batch.ts';
import { type Categories, categoriesOf, mergeCategories, noCategories } from './categories.ts';
import { type Distinct, distinctNumbers, mergeDistinct, noDistinct } from './distinct.ts';
import type { Schema } from './shard.ts';
import { emptySketch, exactBits, mergeSketches, quantileOf, type Sketch, sketchOf } from './sketch.ts';
import { numbersOf } from './slice.ts';
import { addSums, meanOf, noSums, type Sums, sumsOf, varianceOf } from './sums.ts';

/** What a table holds, column by column. Plain JSON; profiles of parts merge into the profile of the whole. */
export interface Profile {
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
}

export type ColumnProfile =
  | {
      readonly kind: 'numbers';
      readonly name: string;
      readonly type: 'float' | 'integer' | 'timestamp';
      readonly missing: number;
      /** Positive and negative infinities: neither missing, nor in what follows. */
      readonly infinite: number;
      readonly finite: number;
      /** Null where there is no finite number. Timestamps are in milliseconds since 1970. */
      readonly min: number | null;
      readonly max: number | null;
      readonly sums: Sums;
      readonly sketch: Sketch;
      /** Of whole numbers: which may be ids. */
      readonly distinct: Distinct | null;
    }
  | {
      readonly kind: 'categories';
      readonly name: string;
      readonly type: 'string' | 'boolean';
      readonly missing: number;
      readonly categories: Categories;
    };

export const emptyProfile = (schema: Pick<Schema, 'fields'>): Profile => ({
  rows: 0,
  columns: schema.fields.map(emptyColumn),
});

export const profileOf = (batch: Batch): Profile => ({
  rows: batch.rows,
  columns: batch.fields.map((field, place) => profileOfColumn(field, batch.columns[place]!)),
});

/** The profile of the rows of both. `BadTable` where their columns differ. */
export function mergeProfiles(a: Profile, b: Profile): Profile {
  if (a.columns.length !== b.columns.length) {
    throw new FanfareError(
      'BadTable',
      `Profiles of ${a.columns.length} and of ${b.columns.length} columns cannot be merged.`,
    );
  }
  return {
    rows: a.rows + b.rows,
    columns: a.columns.map((column, place) => mergeColumns(column, b.columns[place]!)),
  };
}

type Numbers = Extract<ColumnProfile, { kind: 'numbers' }>;

/** NaN where there is no finite number. */
export const mean = (column: Numbers): number => meanOf(column.sums, column.finite);

/** Of the sample (n - 1); NaN for fewer than two finite numbers. */
export const variance = (column: Numbers): number => varianceOf(column.sums, column.finite);

/** See `quantileOf`; never beyond the least or the greatest number. */
export function quantile(column: Numbers, q: number): number {
  return Math.min(column.max ?? NaN, Math.max(column.min ?? NaN, quantileOf(column.sketch, q)));
}

function emptyColumn({ name, type }: Field): ColumnProfile {
  if (type === 'string' || type === 'boolean')
    return { kind: 'categories', name, type, missing: 0, categories: noCategories };
  const nothing = {
    missing: 0,
    infinite: 0,
    finite: 0,
    min: null,
    max: null,
    sums: noSums,
    sketch: emptySketch,
    distinct: type === 'integer' ? noDistinct : null,
  };
  return { kind: 'numbers', name, type, ...nothing };
}

function profileOfColumn({ name }: Field, column: Column): ColumnProfile {
  if (column.type === 'string' || column.type === 'boolean') {
    return {
      kind: 'categories',
      name,
      type: column.type,
      missing: missingOf(column),
      categories: categoriesOf(column),
    };
  }
  const numbers = numbersOf(column);
  let missing = 0;
  let finite = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let row = 0; row < numbers.length; row++) {
    const value = numbers[row]!;
    if (Number.isNaN(value)) missing++;
    if (!(Math.abs(value) < Infinity)) continue;
    finite++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const infinite = numbers.length - missing - finite;
  // −0 becomes 0, as in JSON: which of the two came first would depend on the order of the rows.
  const range = finite === 0 ? { min: null, max: null } : { min: min + 0, max: max + 0 };
  const sketch = sketchOf(numbers);
  return {
    kind: 'numbers',
    name,
    type: column.type,
    missing,
    infinite,
    finite,
    ...range,
    sums: sumsOf(numbers),
    sketch,
    distinct: column.type === 'integer' ? distinctOf(sketch, numbers) : null,
  };
}

/** A sketch that is exact has seen them all, each once. */
const distinctOf = ({ bits, values }: Sketch, numbers: Float64Array): Distinct =>
  distinctNumbers(bits === exactBits ? Float64Array.from(values) : numbers);

const missingOf = ({ valid }: Column): number => valid?.reduce((sum, byte) => sum + 1 - byte, 0) ?? 0;

function mergeColumns(a: ColumnProfile, b: ColumnProfile): ColumnProfile {
  if (a.kind === 'numbers' && b.kind === 'numbers' && a.name === b.name && a.type === b.type) {
    return {
      ...a,
      missing: a.missing + b.missing,
      infinite: a.infinite + b.infinite,
      finite: a.finite + b.finite,
      min: a.min === null || b.min === null ? (a.min ?? b.min) : Math.min(a.min, b.min),
      max: a.max === null || b.max === null ? (a.max ?? b.max) : Math.max(a.max, b.max),
      sums: addSums(a.sums, b.sums),
      sketch: mergeSketches(a.sketch, b.sketch),
      distinct: a.distinct && b.distinct && mergeDistinct(a.distinct, b.distinct),
    };
  }
  if (a.kind === 'categories' && b.kind === 'categories' && a.name === b.name && a.type === b.type) {
    return { ...a, missing: a.missing + b.missing, categories: mergeCategories(a.categories, b.categories) };
  }
  throw new FanfareError(
    'BadTable',
    `Profiles of the columns ${a.name} (${a.type}) and ${b.name} (${b.type}) cannot be merged.`,
  );
}
