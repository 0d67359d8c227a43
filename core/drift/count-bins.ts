import type { ColumnBins } from '../contracts/drift.ts';
import type { Column } from '../tables/batch.ts';
import { numbersOf } from '../tables/slice.ts';
import { nextUp } from './bins.ts';

/**
 * Counts rows by a column's bins. `counts` has, of numbers, those that are missing, infinite, below and above training's,
 * then a bin each; of categories those that are missing, new, of the rest, then a word each.
 */
export interface BinCounter {
  add(column: Column): void;
  counts(): number[];
}

export const counterOf = (bins: ColumnBins): BinCounter =>
  bins.kind === 'numbers' ? new NumberCounter(bins) : new WordCounter(bins);

/** What training had, in the order of `BinCounter.counts`. */
export const expectedOf = (bins: ColumnBins): number[] =>
  bins.kind === 'numbers'
    ? [bins.missing, bins.infinite, 0, 0, ...bins.counts]
    : [bins.missing, 0, bins.others, ...bins.counts];

/** What each of the counts is of, for people. */
export function labelsOf(bins: ColumnBins): string[] {
  if (bins.kind === 'categories')
    return ['missing', 'new', 'other', ...bins.words.map((word) => `= ${word}`)];
  const ends = [bins.min ?? Number.NaN, ...bins.edges];
  const ranges = ends.map((from, at) =>
    at + 1 < ends.length ? `${from} to below ${ends[at + 1]}` : `${from} to ${bins.max ?? Number.NaN}`,
  );
  return ['missing', 'infinite', 'below', 'above', ...ranges];
}

type Numbers = Extract<ColumnBins, { kind: 'numbers' }>;

/** Four steps of a binary search. */
const places = 16;

class NumberCounter implements BinCounter {
  readonly #from: Float64Array;
  /** The same for values of single precision, which lie beside those of double precision that they stand for. */
  readonly #fromSingle: Float64Array;
  readonly #single: boolean;
  readonly #counts = new Float64Array(places);
  readonly #bins: number;
  #missing = 0;

  constructor(bins: Numbers) {
    this.#from = placesOf(bins, (value) => value);
    this.#fromSingle = placesOf(bins, Math.fround);
    this.#single = bins.single;
    this.#bins = bins.counts.length;
  }

  add(column: Column): void {
    const isSingle = column.type === 'float' && column.values instanceof Float32Array;
    const numbers = numbersOf(column);
    const rounded = this.#single && column.type === 'float' && !isSingle ? numbers.map(toSingle) : numbers;
    this.#missing += countInto(rounded, isSingle ? this.#fromSingle : this.#from, this.#counts);
  }

  counts(): number[] {
    const [low, below, ...rest] = this.#counts;
    const [above, infinite] = rest.slice(this.#bins);
    // NaN reaches no place but the first, as minus infinity does.
    return [this.#missing, low! - this.#missing + infinite!, below!, above!, ...rest.slice(0, this.#bins)];
  }
}

/** Where each place but the first begins: finite, training's least, the edges, above its greatest, infinite. No number reaches NaN. */
function placesOf({ edges, min, max }: Numbers, round: (value: number) => number): Float64Array {
  const least = min === null ? Number.POSITIVE_INFINITY : round(min);
  const above = max === null ? Number.POSITIVE_INFINITY : nextUp(round(max));
  const from = new Float64Array(places - 1).fill(Number.NaN);
  from.set([-Number.MAX_VALUE, least, ...edges.map(round), above, Number.POSITIVE_INFINITY]);
  return from;
}

/** What single precision cannot hold stays as it is. */
function toSingle(value: number): number {
  const single = Math.fround(value);
  return Number.isFinite(single) ? single : value;
}

/** Counts each number at the last place that it reaches. Gives how many are NaN. */
function countInto(numbers: Float64Array, from: Float64Array, counts: Float64Array): number {
  let missing = 0;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    let place = Number(value >= from[7]!) << 3;
    place += Number(value >= from[place + 3]!) << 2;
    place += Number(value >= from[place + 1]!) << 1;
    place += Number(value >= from[place]!);
    counts[place]!++;
    missing += Number(Number.isNaN(value));
  }
  return missing;
}

const [missingPlace, newPlace, restPlace, firstWord] = [0, 1, 2, 3];

class WordCounter implements BinCounter {
  readonly #places: ReadonlyMap<string, number>;
  /** Where a word is counted that training's profile does not name. */
  readonly #unnamed: number;
  readonly #counts: Float64Array;

  constructor({ words, rest }: Extract<ColumnBins, { kind: 'categories' }>) {
    this.#places = new Map([
      ...(rest ?? []).map((word) => [word, restPlace] as const),
      ...words.map((word, at) => [word, firstWord + at] as const),
    ]);
    this.#unnamed = rest === null ? restPlace : newPlace;
    this.#counts = new Float64Array(firstWord + words.length);
  }

  add(column: Column): void {
    if (column.type === 'string') this.#addWords(column);
    else this.#addFlags(numbersOf(column));
  }

  counts(): number[] {
    return [...this.#counts];
  }

  #addWords({ codes, dictionary, valid }: Extract<Column, { type: 'string' }>): void {
    const byCode = new Int32Array(dictionary.length).fill(-1);
    for (let row = 0; row < codes.length; row++) {
      if (valid !== null && valid[row] === 0) {
        this.#counts[missingPlace]!++;
        continue;
      }
      const code = codes[row]!;
      if (byCode[code] === -1) byCode[code] = this.#placeOf(dictionary[code]!);
      this.#counts[byCode[code]!]!++;
    }
  }

  /** Of a boolean column, or of one that stands for it: 1 is `true`, 0 is `false`. */
  #addFlags(numbers: Float64Array): void {
    const flags = [this.#placeOf('false'), this.#placeOf('true')];
    for (const value of numbers)
      this.#counts[Number.isNaN(value) ? missingPlace : (flags[value] ?? this.#unnamed)]!++;
  }

  #placeOf = (word: string): number => this.#places.get(word) ?? this.#unnamed;
}
