import type { Column, FieldType, Validity } from './batch.ts';
import { booleanAt, floatAt, putInteger, textOf, timestampAt } from './text-values.ts';
import { Words } from './words.ts';

/** A column in the making, of at most `capacity` rows. A row may be written again before it is taken. */
export interface Cells {
  readonly type: FieldType;
  /** The value that stands in bytes[from, to), which is not empty, as row `row`. False if it is not one of the type. */
  put(bytes: Uint8Array, from: number, to: number, row: number): boolean;
  /** What the rows are written to that are taken next. */
  readonly values: CellValues;
  /** Values that were read elsewhere, of the column's own kind of array, from row `row` on. */
  putAll(values: CellValues, valid: Validity, row: number): void;
  /** Of `rows` rows from `row` on whose values were written to `values`. */
  putValid(valid: Validity, row: number, rows: number): void;
  putMissing(row: number): void;
  /** The first `rows` rows; then it starts anew. `isLast`: it is not, and nothing that was lent is in them. */
  take(rows: number, isLast?: boolean): Column;
}

export type CellValues = Float64Array | BigInt64Array | Uint8Array | Int32Array;

/** Two arrays of the column's kind, of its capacity, which its batches have in turn. */
export type Lent = readonly [CellValues, CellValues];

/** `lent`: an array that was taken is written again after the next one was; it is one of these, or one of its own. */
export function cellsOf(type: FieldType, capacity: number, lent: Lent | boolean): Cells {
  switch (type) {
    case 'float':
      return new FloatCells(capacity, lent);
    case 'integer':
      return new IntegerCells(capacity, lent);
    case 'boolean':
      return new BooleanCells(capacity, lent);
    case 'timestamp':
      return new TimestampCells(capacity, lent);
    case 'string':
      return new StringCells(capacity, lent);
  }
}

/** Null where all are valid. */
export function validityOf(valid: Uint8Array): Validity {
  return valid.indexOf(0) < 0 ? null : valid;
}

/** Of one kind of array, which holds `missing` where there is no value. */
abstract class ArrayCells<Values extends CellValues> implements Cells {
  abstract readonly type: FieldType;
  values: Values;
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
    lent: Lent | boolean,
    Values: new (length: number) => Values,
    missing: Values[number],
  ) {
    this.#capacity = capacity;
    this.#isLent = lent !== false;
    this.#Values = Values;
    this.#missing = missing;
    const [values, next] = typeof lent === 'boolean' ? [] : (lent as readonly [Values, Values]);
    this.values = values ?? new Values(capacity);
    this.#lent = next;
  }

  abstract put(bytes: Uint8Array, from: number, to: number, row: number): boolean;

  putAll(values: CellValues, valid: Validity, row: number): void {
    this.values.set(values as never, row);
    this.putValid(valid, row, values.length);
  }

  putValid(valid: Validity, row: number, rows: number): void {
    if (valid !== null) this.#allValid().set(valid, row);
    else this.#valid?.fill(1, row, row + rows);
  }

  putMissing(row: number): void {
    this.values[row] = this.#missing;
    this.#allValid()[row] = 0;
  }

  take(rows: number, isLast = false): Column {
    const own = isLast && this.#isLent ? this.values.slice(0, rows) : this.values.subarray(0, rows);
    const values = own as Values;
    const valid = this.#valid && validityOf(this.#valid.subarray(0, rows));
    const next = this.#lent ?? new this.#Values(this.#capacity);
    this.#lent = this.#isLent ? this.values : undefined;
    this.values = next;
    this.#valid = null;
    return this.column(values, valid);
  }

  protected abstract column(values: Values, valid: Validity): Column;

  /** The row may have been written before. */
  protected validAt(row: number): true {
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

  constructor(capacity: number, lent: Lent | boolean) {
    super(capacity, lent, Float64Array, NaN);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const value = floatAt(bytes, from, to);
    if (!Number.isNaN(value)) {
      this.values[row] = value;
      return this.validAt(row);
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

const halvesOf = ({ buffer, byteOffset, length }: BigInt64Array): Int32Array =>
  new Int32Array(buffer, byteOffset, 2 * length);

class IntegerCells extends ArrayCells<BigInt64Array> {
  readonly type = 'integer';
  #halves: Int32Array;

  constructor(capacity: number, lent: Lent | boolean) {
    super(capacity, lent, BigInt64Array, 0n);
    this.#halves = halvesOf(this.values);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    if (!putInteger(bytes, from, to, this.#halves, row)) return false;
    return this.validAt(row);
  }

  protected column(values: BigInt64Array, valid: Validity): Column {
    this.#halves = halvesOf(this.values);
    return { type: 'integer', values, valid };
  }
}

class BooleanCells extends ArrayCells<Uint8Array> {
  readonly type = 'boolean';

  constructor(capacity: number, lent: Lent | boolean) {
    super(capacity, lent, Uint8Array, 0);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const value = booleanAt(bytes, from, to);
    if (value < 0) return false;
    this.values[row] = value;
    return this.validAt(row);
  }

  protected column(values: Uint8Array, valid: Validity): Column {
    return { type: 'boolean', values, valid };
  }
}

class TimestampCells extends ArrayCells<Float64Array> {
  readonly type = 'timestamp';

  constructor(capacity: number, lent: Lent | boolean) {
    super(capacity, lent, Float64Array, 0);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const value = timestampAt(bytes, from, to);
    if (Number.isNaN(value)) return false;
    this.values[row] = value;
    return this.validAt(row);
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

  constructor(capacity: number, lent: Lent | boolean) {
    super(capacity, lent, Int32Array, 0);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const code = this.words.code(bytes, from, to);
    if (code < 0) return false;
    this.values[row] = code;
    return this.validAt(row);
  }

  protected column(codes: Int32Array, valid: Validity): Column {
    const dictionary = this.words.list();
    if (this.words.full) this.words = new Words('refuse');
    return { type: 'string', codes, dictionary, valid };
  }
}
