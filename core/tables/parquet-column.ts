import type { ColumnMetaData, SchemaElement } from 'hyparquet';
import type { Column, Field, Floats } from './batch.ts';
import { validityOf } from './cells.ts';
import type { Cursor } from './parquet-hybrid.ts';
import { type Page, type PageFormat, readPage } from './parquet-page.ts';
import { convert, isUnsigned32, type Values } from './parquet-values.ts';
import type { Decompress } from './shard.ts';
import { Words } from './words.ts';

/** A page that is being handed out: its values are ours already, or places in the chunk's dictionary. */
interface OpenPage {
  readonly rows: number;
  readonly defined: Uint8Array | null;
  readonly values: Values;
  readonly areCodes: boolean;
  /** Rows and values handed out so far. */
  row: number;
  value: number;
}

/** Reads one flat column page by page: no more than one page of it is in memory, decoded. */
export class ColumnReader {
  readonly #field: Field;
  readonly #element: SchemaElement;
  #words = new Words();
  #format: PageFormat | undefined;
  #cursor: Cursor = { bytes: new Uint8Array(0), at: 0 };
  #dictionary: Values = new Uint8Array(0);
  #page: OpenPage | undefined;

  constructor(field: Field, element: SchemaElement) {
    this.#field = field;
    this.#element = element;
  }

  /** Goes on with the column's chunk of the next row group. */
  open(bytes: Uint8Array, meta: ColumnMetaData, decompress: Decompress | undefined): void {
    const optional = this.#element.repetition_type !== 'REQUIRED';
    this.#format = { meta, optional, typeLength: this.#element.type_length, decompress };
    this.#cursor = { bytes, at: 0 };
    this.#page = undefined;
    if (this.#words.full) this.#words = new Words();
  }

  /** The next rows of the chunk. `RangeError` if its bytes do not hold them. */
  take(rows: number): Column {
    const values = this.#allocate(rows);
    const valid = new Uint8Array(rows).fill(1);
    for (let filled = 0; filled < rows; ) {
      const page = this.#openPage();
      const count = Math.min(rows - filled, page.rows - page.row);
      if (page.defined === null) this.#copyAll(page, values, filled, count);
      else this.#copyDefined(page, page.defined, values, valid, filled, count);
      page.row += count;
      filled += count;
    }
    return this.#column(values, valid);
  }

  #allocate(rows: number): Values {
    switch (this.#field.type) {
      case 'float':
        return this.#element.type === 'FLOAT' ? new Float32Array(rows) : new Float64Array(rows);
      case 'timestamp':
        return new Float64Array(rows);
      case 'boolean':
        return new Uint8Array(rows);
      case 'string':
        return new Int32Array(rows);
      case 'integer': {
        const isNarrow = this.#element.type === 'INT32' && !isUnsigned32(this.#element);
        return isNarrow ? new Int32Array(rows) : new BigInt64Array(rows);
      }
    }
  }

  #openPage(): OpenPage {
    while (this.#page === undefined || this.#page.row === this.#page.rows) {
      if (this.#format === undefined || this.#cursor.at >= this.#cursor.bytes.length) {
        throw new RangeError('it has fewer rows than its row group promises');
      }
      const page = readPage(this.#cursor, this.#format);
      if (page !== undefined) this.#use(page);
    }
    return this.#page;
  }

  #use(page: Page): void {
    if (page.kind === 'dictionary') {
      this.#dictionary = convert(page.body, this.#element, this.#field.type, this.#words);
      return;
    }
    const areCodes = page.body.kind === 'codes';
    const values =
      page.body.kind === 'codes'
        ? page.body.values
        : convert(page.body, this.#element, this.#field.type, this.#words);
    this.#page = { rows: page.rows, defined: page.defined, values, areCodes, row: 0, value: 0 };
  }

  #copyAll(page: OpenPage, out: Values, at: number, count: number): void {
    const from = page.value;
    page.value += count;
    if (page.areCodes) gather(out, at, this.#dictionary, page.values as Int32Array, from, count);
    else setAll(out, page.values.subarray(from, from + count), at);
  }

  #copyDefined(
    page: OpenPage,
    defined: Uint8Array,
    out: Values,
    valid: Uint8Array,
    at: number,
    count: number,
  ): void {
    const missing = this.#field.type === 'float' ? NaN : 0;
    for (let i = 0; i < count; i++) {
      // Runs of rows that are there go as one.
      let run = 0;
      while (i + run < count && defined[page.row + i + run] === 1) run++;
      if (run > 0) this.#copyAll(page, out, at + i, run);
      i += run;
      if (i === count) return;
      valid[at + i] = 0;
      if (out instanceof Float64Array || out instanceof Float32Array) out[at + i] = missing;
    }
  }

  #column(values: Values, valid: Uint8Array): Column {
    const { type } = this.#field;
    if (type === 'string') {
      return { type, codes: values as Int32Array, dictionary: this.#words.list(), valid: validityOf(valid) };
    }
    if (type === 'float') {
      for (let i = 0; i < valid.length; i++) if (Number.isNaN(values[i])) valid[i] = 0;
      return { type, values: values as Floats, valid: validityOf(valid) };
    }
    if (type === 'timestamp') return { type, values: values as Float64Array, valid: validityOf(valid) };
    if (type === 'boolean') return { type, values: values as Uint8Array, valid: validityOf(valid) };
    return { type, values: values as BigInt64Array | Int32Array, valid: validityOf(valid) };
  }
}

/** out[at + i] = dictionary[codes[from + i]]. 64-bit integers go as halves, since a BigInt a value is slow. */
function gather(
  out: Values,
  at: number,
  dictionary: Values,
  codes: Int32Array,
  from: number,
  count: number,
): void {
  for (let i = from; i < from + count; i++) {
    if (codes[i]! >= dictionary.length) throw new RangeError('a value is not in its dictionary');
  }
  if (out instanceof BigInt64Array) {
    const target = new Int32Array(out.buffer, out.byteOffset, 2 * out.length);
    const source = new Int32Array(dictionary.buffer, dictionary.byteOffset, 2 * dictionary.length);
    for (let i = 0; i < count; i++) {
      const code = codes[from + i]!;
      target[2 * (at + i)] = source[2 * code]!;
      target[2 * (at + i) + 1] = source[2 * code + 1]!;
    }
  } else if (out instanceof Float32Array)
    gatherNumbers(out, at, dictionary as Float32Array, codes, from, count);
  else if (out instanceof Float64Array)
    gatherNumbers(out, at, dictionary as Float64Array, codes, from, count);
  else gatherNumbers(out as Int32Array, at, dictionary as Int32Array, codes, from, count);
}

function gatherNumbers<T extends Floats | Int32Array>(
  out: T,
  at: number,
  dictionary: T,
  codes: Int32Array,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[at + i] = dictionary[codes[from + i]!]!;
}

function setAll(out: Values, values: Values, at: number): void {
  if (out instanceof BigInt64Array) out.set(values as BigInt64Array, at);
  else out.set(values as Float64Array, at);
}
