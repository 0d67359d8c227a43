import type { Batch } from '../../tables/batch.ts';
import { numbersOf } from '../../tables/slice.ts';
import { codesIn, writeNumber } from '../dense/encode.ts';
import { codeNames, codesOf, type DenseNumber, type DensePlan } from '../dense/plan.ts';
import { columnNamed } from '../features.ts';
import { type Kernel, kernelOver } from './kernel.ts';

/** Rows that a design holds at once. */
export const blockRows = 4096;

/** Rows of a block whose products are summed before they are added to what there is: a few columns of them fit the L1 cache. */
const windowRows = 256;

/** Columns lie a little more than a power of two apart, or they would all want the same places of the cache. */
const stride = (blockRows + 8) * 8;

/** The columns of the design matrix: the plan's numbers, 1 for the intercept, then a column of 0 and 1 for each code of each category. */
export const designNames = (plan: DensePlan): string[] => [
  ...plan.numbers.map(({ name }) => name),
  'intercept',
  ...plan.categories.flatMap(codeNames),
];

export const interceptOf = (plan: DensePlan): number => plan.numbers.length;

/** Where each category's columns begin, and, last, where they end. */
export function categoryStarts(plan: DensePlan): number[] {
  const starts = [plan.numbers.length + 1];
  for (const category of plan.categories) starts.push(starts.at(-1)! + codesOf(category));
  return starts;
}

/**
 * Sums over rows of a design matrix, block after block: of products of its columns, and of columns times a number a row.
 * Columns of categories are never written out: their rows are added where their codes say.
 */
export class Design {
  readonly columns: number;
  /** The rows of the block that is held. */
  rows = 0;
  /** Numbers a row, for the caller. */
  readonly vectors: readonly Float64Array[];
  readonly #plan: DensePlan;
  /** The block's columns: the numbers, 1, and nothing up to a multiple of four. */
  readonly #numbers: readonly Float64Array[];
  readonly #codes: readonly Int32Array[];
  readonly #starts: readonly number[];
  readonly #slots: readonly number[];
  readonly #width: number;
  readonly #kernel: Kernel;
  readonly #memory: WebAssembly.Memory;
  readonly #at: Places;

  /** `products` and `sums`: how many of each are kept apart. `vectors`: how many numbers a row the caller needs. */
  constructor(
    plan: DensePlan,
    size: { readonly products: number; readonly sums: number; readonly vectors: number },
  ) {
    this.#plan = plan;
    this.#starts = categoryStarts(plan);
    this.columns = this.#starts.at(-1)!;
    this.#slots = plan.categories.map((category) => codesOf(category) + 1);
    this.#width = Math.ceil((plan.numbers.length + 1) / 4) * 4;
    this.#at = placesOf(this.#width, this.#slots, size);
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(this.#at.end / 65_536) });
    this.#kernel = kernelOver(this.#memory);
    const { buffer } = this.#memory;
    this.vectors = this.#at.vectors.map((at) => new Float64Array(buffer, at, blockRows));
    this.#codes = this.#at.codes.map((at) => new Int32Array(buffer, at, blockRows));
    this.#numbers = Array.from(
      { length: this.#width },
      (_, at) => new Float64Array(buffer, this.#at.block + at * stride, blockRows),
    );
  }

  /** Takes in a block's rows, at most `blockRows` of them. */
  hold(batch: Batch): void {
    for (const [at, number] of this.#plan.numbers.entries()) this.#hold(number, batch, this.#numbers[at]!);
    this.#numbers[this.#plan.numbers.length]!.fill(1, 0, batch.rows);
    for (const [at, category] of this.#plan.categories.entries())
      this.#codes[at]!.set(codesIn(category, batch));
    this.rows = batch.rows;
    // Sums go by two rows: behind an odd number of them is one of nothing.
    if (batch.rows % 2 === 0) return;
    for (const column of this.#numbers) column[batch.rows] = 0;
    for (const vector of this.vectors) vector[batch.rows] = 0;
  }

  /** As `writeNumber` does, bit for bit. */
  #hold(number: DenseNumber, batch: Batch, column: Float64Array): void {
    const { from, fill, mean, scale } = number;
    if (from.kind !== 'number') {
      writeNumber(number, batch, column);
      return;
    }
    column.set(numbersOf(columnNamed(batch, from.column)));
    this.#kernel.standardise(column.byteOffset, batch.rows, mean, scale, (fill - mean) * scale);
  }

  /** The vector becomes the rows' scores: the design times the coefficients. */
  score(coefficients: Float64Array, vector: number): void {
    const out = this.vectors[vector]!.subarray(0, this.rows).fill(0);
    const numbers = this.#plan.numbers.length + 1;
    new Float64Array(this.#memory.buffer, this.#at.coefficients, numbers).set(
      coefficients.subarray(0, numbers),
    );
    this.#kernel.combine(
      this.#at.block,
      stride,
      numbers,
      this.#even(),
      this.#at.coefficients,
      out.byteOffset,
    );
    for (const [at, start] of this.#starts.slice(0, -1).entries()) {
      const codes = this.#codes[at]!;
      for (let row = 0; row < this.rows; row++)
        if (codes[row]! > 0) out[row]! += coefficients[start + codes[row]! - 1]!;
    }
  }

  /** Adds the products of all columns, each row counting as the vector says, or all alike. */
  addProducts(place: number, vector?: number): void {
    const { block, weighted } = this.#at;
    const products = this.#at.products[place]!;
    const rows = this.#even();
    const left = vector === undefined ? block : weighted;
    if (vector !== undefined)
      this.#kernel.weigh(block, weighted, stride, this.#width, rows, this.vectors[vector]!.byteOffset);
    for (let row = 0; row < rows; row += windowRows) {
      const some = Math.min(windowRows, rows - row);
      this.#kernel.products(left + row * 8, block + row * 8, stride, this.#width, some, products.dense);
    }
    const ones = left + this.#plan.numbers.length * stride;
    for (const [at, slots] of this.#slots.entries()) {
      const codes = this.#at.codes[at]!;
      const columns = this.#plan.numbers.length + 1;
      this.#kernel.scatter(left, stride, columns, this.rows, codes, slots, products.mixed[at]!);
      for (let other = at + 1; other < this.#slots.length; other++) {
        const to = products.crossed[at]![other - at - 1]!;
        this.#kernel.cross(codes, this.#at.codes[other]!, this.rows, this.#slots[other]!, ones, to);
      }
    }
  }

  /** Adds the columns, each row times what the vector says. */
  addSums(place: number, vector: number): void {
    const { byteOffset } = this.vectors[vector]!;
    const sums = this.#at.sums[place]!;
    this.#kernel.project(
      this.#at.block,
      stride,
      this.#plan.numbers.length + 1,
      this.#even(),
      byteOffset,
      sums.dense,
    );
    for (const [at, slots] of this.#slots.entries())
      this.#kernel.scatter(byteOffset, stride, 1, this.rows, this.#at.codes[at]!, slots, sums.coded[at]!);
  }

  /** A sum a column. */
  sums(place: number): Float64Array {
    const sums = this.#at.sums[place]!;
    const all = new Float64Array(this.columns);
    const numbers = this.#plan.numbers.length + 1;
    all.set(new Float64Array(this.#memory.buffer, sums.dense, numbers));
    for (const [at, slots] of this.#slots.entries())
      all.set(new Float64Array(this.#memory.buffer, sums.coded[at]!, slots).subarray(1), this.#starts[at]!);
    return all;
  }

  /** The sums of products, [columns, columns], whole and symmetric. */
  products(place: number): Float64Array {
    const { dense, mixed, crossed } = this.#at.products[place]!;
    const view = (at: number, length: number) => new Float64Array(this.#memory.buffer, at, length);
    const numbers = this.#plan.numbers.length + 1;
    const all = new Float64Array(this.columns ** 2);
    const put = (i: number, j: number, value: number) => {
      all[i * this.columns + j] = value;
      all[j * this.columns + i] = value;
    };
    const between = view(dense, this.#width ** 2);
    for (let i = 0; i < numbers; i++)
      for (let j = i; j < numbers; j++) put(i, j, between[i * this.#width + j]!);
    for (const [at, slots] of this.#slots.entries()) {
      const start = this.#starts[at]! - 1;
      const values = view(mixed[at]!, numbers * slots);
      for (let code = 1; code < slots; code++) {
        for (let i = 0; i < numbers; i++) put(i, start + code, values[i * slots + code]!);
        // Two codes of one category are never of one row.
        put(start + code, start + code, values[(numbers - 1) * slots + code]!);
      }
      for (const [k, place] of crossed[at]!.entries()) {
        const other = at + 1 + k;
        const counts = view(place, slots * this.#slots[other]!);
        for (let a = 1; a < slots; a++)
          for (let b = 1; b < this.#slots[other]!; b++)
            put(start + a, this.#starts[other]! - 1 + b, counts[a * this.#slots[other]! + b]!);
      }
    }
    return all;
  }

  #even(): number {
    return this.rows + (this.rows % 2);
  }
}

/** Byte offsets. */
interface Places {
  readonly block: number;
  readonly weighted: number;
  readonly coefficients: number;
  readonly codes: readonly number[];
  readonly vectors: readonly number[];
  readonly products: readonly {
    readonly dense: number;
    readonly mixed: readonly number[];
    readonly crossed: readonly (readonly number[])[];
  }[];
  readonly sums: readonly { readonly dense: number; readonly coded: readonly number[] }[];
  readonly end: number;
}

function placesOf(
  width: number,
  slots: readonly number[],
  { products, sums, vectors }: { readonly products: number; readonly sums: number; readonly vectors: number },
): Places {
  let end = 0;
  const take = (bytes: number): number => {
    const at = end;
    end = Math.ceil((end + bytes) / 16) * 16;
    return at;
  };
  const repeat = <T>(times: number, make: () => T): T[] => Array.from({ length: times }, make);
  return {
    block: take(width * stride),
    weighted: take(width * stride),
    coefficients: take(width * 8),
    codes: slots.map(() => take(blockRows * 4)),
    vectors: repeat(vectors, () => take(blockRows * 8)),
    products: repeat(products, () => ({
      dense: take(width ** 2 * 8),
      mixed: slots.map((count) => take(width * count * 8)),
      crossed: slots.map((count, at) => slots.slice(at + 1).map((other) => take(count * other * 8))),
    })),
    sums: repeat(sums, () => ({ dense: take(width * 8), coded: slots.map((count) => take(count * 8)) })),
    end,
  };
}
