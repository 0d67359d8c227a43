import type { Column, FieldType, Validity } from './batch.ts';
import { booleanAt, floatAt, putInteger, textOf, timestampAt } from './text-values.ts';
import { Words } from './words.ts';

/** A column in the making, of at most `capacity` rows. A row may be written again before it is taken. */
export interface Cells {
  readonly type: FieldType;
  /** The value that stands in bytes[from, to), which is not empty, as row `row`. False if it is not one of the type. */
  put(bytes: Uint8Array, from: number, to: number, row: number): boolean;
  putMissing(row: number): void;
  /** The first `rows` rows; then it starts anew. */
  take(rows: number): Column;
}

export function cellsOf(type: FieldType, capacity: number): Cells {
  switch (type) {
    case 'float':
      return new FloatCells(capacity);
    case 'integer':
      return new IntegerCells(capacity);
    case 'boolean':
      return new BooleanCells(capacity);
    case 'timestamp':
      return new TimestampCells(capacity);
    case 'string':
      return new StringCells(capacity);
  }
}

/** Null where all are valid. */
export function validityOf(valid: Uint8Array): Validity {
  return valid.indexOf(0) < 0 ? null : valid;
}

class FloatCells implements Cells {
  readonly type = 'float';
  readonly #capacity: number;
  #values: Float64Array<ArrayBuffer>;
  #valid: Uint8Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#values = new Float64Array(capacity);
    this.#valid = new Uint8Array(capacity);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const value = floatAt(bytes, from, to);
    if (Number.isNaN(value) && !isNan(bytes, from, to)) return false;
    this.#values[row] = value;
    this.#valid[row] = Number.isNaN(value) ? 0 : 1;
    return true;
  }

  putMissing(row: number): void {
    this.#values[row] = NaN;
    this.#valid[row] = 0;
  }

  take(rows: number): Column {
    const values = this.#values.subarray(0, rows);
    const valid = validityOf(this.#valid.subarray(0, rows));
    this.#values = new Float64Array(this.#capacity);
    this.#valid = new Uint8Array(this.#capacity);
    return { type: 'float', values, valid };
  }
}

/** `NaN` as a word is a missing value: pandas and polars write it so. */
function isNan(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from <= 8 && textOf(bytes, from, to).trim().toLowerCase() === 'nan';
}

class IntegerCells implements Cells {
  readonly type = 'integer';
  readonly #capacity: number;
  #values: BigInt64Array<ArrayBuffer>;
  #halves: Int32Array;
  #valid: Uint8Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#values = new BigInt64Array(capacity);
    this.#halves = new Int32Array(this.#values.buffer);
    this.#valid = new Uint8Array(capacity);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    if (!putInteger(bytes, from, to, this.#halves, row)) return false;
    this.#valid[row] = 1;
    return true;
  }

  putMissing(row: number): void {
    this.#values[row] = 0n;
    this.#valid[row] = 0;
  }

  take(rows: number): Column {
    const values = this.#values.subarray(0, rows);
    const valid = validityOf(this.#valid.subarray(0, rows));
    this.#values = new BigInt64Array(this.#capacity);
    this.#halves = new Int32Array(this.#values.buffer);
    this.#valid = new Uint8Array(this.#capacity);
    return { type: 'integer', values, valid };
  }
}

class BooleanCells implements Cells {
  readonly type = 'boolean';
  readonly #capacity: number;
  #values: Uint8Array<ArrayBuffer>;
  #valid: Uint8Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#values = new Uint8Array(capacity);
    this.#valid = new Uint8Array(capacity);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const value = booleanAt(bytes, from, to);
    if (value < 0) return false;
    this.#values[row] = value;
    this.#valid[row] = 1;
    return true;
  }

  putMissing(row: number): void {
    this.#values[row] = 0;
    this.#valid[row] = 0;
  }

  take(rows: number): Column {
    const values = this.#values.subarray(0, rows);
    const valid = validityOf(this.#valid.subarray(0, rows));
    this.#values = new Uint8Array(this.#capacity);
    this.#valid = new Uint8Array(this.#capacity);
    return { type: 'boolean', values, valid };
  }
}

class TimestampCells implements Cells {
  readonly type = 'timestamp';
  readonly #capacity: number;
  #values: Float64Array<ArrayBuffer>;
  #valid: Uint8Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#values = new Float64Array(capacity);
    this.#valid = new Uint8Array(capacity);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    const value = timestampAt(bytes, from, to);
    if (Number.isNaN(value)) return false;
    this.#values[row] = value;
    this.#valid[row] = 1;
    return true;
  }

  putMissing(row: number): void {
    this.#values[row] = 0;
    this.#valid[row] = 0;
  }

  take(rows: number): Column {
    const values = this.#values.subarray(0, rows);
    const valid = validityOf(this.#valid.subarray(0, rows));
    this.#values = new Float64Array(this.#capacity);
    this.#valid = new Uint8Array(this.#capacity);
    return { type: 'timestamp', values, valid };
  }
}

class StringCells implements Cells {
  readonly type = 'string';
  readonly #capacity: number;
  #words = new Words();
  #codes: Int32Array<ArrayBuffer>;
  #valid: Uint8Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#codes = new Int32Array(capacity);
    this.#valid = new Uint8Array(capacity);
  }

  put(bytes: Uint8Array, from: number, to: number, row: number): boolean {
    this.#codes[row] = this.#words.code(bytes, from, to);
    this.#valid[row] = 1;
    return true;
  }

  putMissing(row: number): void {
    this.#codes[row] = 0;
    this.#valid[row] = 0;
  }

  take(rows: number): Column {
    const codes = this.#codes.subarray(0, rows);
    const valid = validityOf(this.#valid.subarray(0, rows));
    const dictionary = this.#words.list();
    if (this.#words.full) this.#words = new Words();
    this.#codes = new Int32Array(this.#capacity);
    this.#valid = new Uint8Array(this.#capacity);
    return { type: 'string', codes, dictionary, valid };
  }
}
