import type { Column, FieldType, Validity } from './batch.ts';
import { booleanAt, floatAt, putInteger, textOf, timestampAt } from './text-values.ts';
import { Words } from './words.ts';

/** A column in the making, of at most `capacity` rows. A row may be written again before it is taken. */
export interface Cells {
  readonly type: FieldType;
  /** The value that stands in bytes[from, to), which is not empty, as row `row`. False if it is not one of the type. */
  put(bytes: Uint8Array, from: number, to: number, row: number): boolean;
  /** Values that were read elsewhere, of the column's own kind of array, from row `row` on. */
  putAll(values: CellValues, valid: Validity, row: number): void;
  putMissing(row: number): void;
  /** The first `rows` rows; then it starts anew. */
  take(rows: number): Column;
}

export type CellValues = Float64Array | BigInt64Array | Uint8Array | Int32Array;

/** `isLent`: an array that was taken is written again after the next one was. */
export function cellsOf(type: FieldType, capacity: number, isLent: boolean): Cells {
  switch (type) {
    case 'float':
      return new FloatCells(capacity, isLent);
    case 'integer':
      return new IntegerCells(capacity, isLent);
    case 'boolean':
      return new BooleanCells(capacity, isLent);
    case 'timestamp':
      return new TimestampCells(capacity, isLent);
    case 'string':
      return new StringCells(capacity, isLent);
  }
}

/** Null where all are valid. */
export function validityOf(valid: Uint8Array): Validity {
  return valid.indexOf(0) < 0 ? null : valid;
}

/** Of one kind of array, which holds `missing` where there is no value. */
abstract class ArrayCells<Values extends CellValues> implements Cells {
  abstract readonly type: FieldType;
  protected values: Values;
  /** Null until a value is missing. */
  #valid: Uint8Array | null = null;
  readonly #capacity: number;
  readonly #Values: new (
    length: number,
  ) => Values;
  readonly #missing: Values[number];
  readonly #isLent: boolean;
  /** The array of the batch before. */
  #lent: Values | undefined;

  constructor(
    capacity: number,
    isLent: boolean,
    Values: new (length: number) => Values,
    missing: Values[number],
  ) {
    this.#capacity = capacity;
    this.#isLent = isLent;
    this.#Values = Values;
    this.#missing = missing;
    this.values = new Values(capacity);
  }

  abstract put(bytes: Uint8Array, from: number, to: number, row: number): boolean;

  putAll(values: CellValues, valid: Validity, row: number): void {
    this.values.set(values as never, row);
    if (valid !== null) this.#allValid().set(valid, row);
    else this.#valid?.fill(1, row, row + values.length);
  }

  putMissing(row: number): void {
    this.values[row] = this.#missing;
    this.#allValid()[row] = 0;
  }

  take(rows: number): Column {
    const values = this.values.subarray(0, rows) as Values;
    const valid = this.#valid && validityOf(this.#valid.subarray(0, rows));
    const next = this.#lent ?? new this.#Values(this.#capacity);
    this.#lent = this.#isLent ? this.values : undefined;
    this.values = next;
    this.#valid = null;
    return this.column(values, valid);
  }

  protected abstract column(values: Values, valid: Validity): Column;

  /** The row may have been written before. */
  protected putValid(row: number): true {
    if (this.#valid !== null) this.#valid[row] = 1;
    return true;
  }

  #allValid(): Uint8Array {
    this.#valid ??= new Uint8Array(this.#capacity).fill(1);
    return this.#valid;
  }
}

class FloatCells extends ArrayCells<Float64Array> {
  readonly type = 'float';

  constructor(capacity: number, isLent: boolean) {
    super(capacity, isLent, Float64Array, NaN);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const value = floatAt(bytes, from, to);
    if (!Number.isNaN(value)) {
      this.values[row] = value;
      return this.putValid(row);
    }
    const missing = isNan(bytes, from, to);
    if (missing) this.putMissing(row);
    return missing;
  }

  protected column(values: Float64Array, valid: Validity): Column {
    return { type: 'float', values, valid };
  }
}

/** `NaN` as a word is a missing value: pandas and polars write it so. */
function isNan(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from <= 8 && textOf(bytes, from, to).trim().toLowerCase() === 'nan';
}

class IntegerCells extends ArrayCells<BigInt64Array> {
  readonly type = 'integer';
  #halves: Int32Array;

  constructor(capacity: number, isLent: boolean) {
    super(capacity, isLent, BigInt64Array, 0n);
    this.#halves = new Int32Array(this.values.buffer);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    if (!putInteger(bytes, from, to, this.#halves, row)) return false;
    return this.putValid(row);
  }

  protected column(values: BigInt64Array, valid: Validity): Column {
    this.#halves = new Int32Array(this.values.buffer);
    return { type: 'integer', values, valid };
  }
}

class BooleanCells extends ArrayCells<Uint8Array> {
  readonly type = 'boolean';

  constructor(capacity: number, isLent: boolean) {
    super(capacity, isLent, Uint8Array, 0);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const value = booleanAt(bytes, from, to);
    if (value < 0) return false;
    this.values[row] = value;
    return this.putValid(row);
  }

  protected column(values: Uint8Array, valid: Validity): Column {
    return { type: 'boolean', values, valid };
  }
}

class TimestampCells extends ArrayCells<Float64Array> {
  readonly type = 'timestamp';

  constructor(capacity: number, isLent: boolean) {
    super(capacity, isLent, Float64Array, 0);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const value = timestampAt(bytes, from, to);
    if (Number.isNaN(value)) return false;
    this.values[row] = value;
    return this.putValid(row);
  }

  protected column(values: Float64Array, valid: Validity): Column {
    return { type: 'timestamp', values, valid };
  }
}

/** Takes any text that is UTF-8. */
export class StringCells extends ArrayCells<Int32Array> {
  readonly type = 'string';
  /** What `putAll` takes codes of, until the next `take`. */
  words = new Words('refuse');

  constructor(capacity: number, isLent: boolean) {
    super(capacity, isLent, Int32Array, 0);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const code = this.words.code(bytes, from, to);
    if (code < 0) return false;
    this.values[row] = code;
    return this.putValid(row);
  }

  protected column(codes: Int32Array, valid: Validity): Column {
    const dictionary = this.words.list();
    if (this.words.full) this.words = new Words('refuse');
    return { type: 'string', codes, dictionary, valid };
  }
}
