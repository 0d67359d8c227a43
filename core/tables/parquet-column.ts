import type { Column, Field, Floats } from './batch.ts';
import { type FloatRoom, hasNaN } from './float-room.ts';
import type { ChunkBytes } from './parquet-chunk.ts';
import { type ColumnForm, isReadInPieces, valuesOf } from './parquet-decode.ts';
import { type Filling, fill, type OpenPage, passRows, viewOf, withoutNaN } from './parquet-fill.ts';
import type { FlatColumn } from './parquet-footer.ts';
import { HybridReader } from './parquet-hybrid.ts';
import { isCount, type Page, readPage } from './parquet-page.ts';
import { CodedValues, type Meanings } from './parquet-page-values.ts';
import { allocate, type Values } from './parquet-values.ts';
import type { Decompress } from './shard.ts';
import { giveBytes, takeBytes } from './spares.ts';
import { Words } from './words.ts';

type Dictionary = Extract<Page, { kind: 'dictionary' }>;

/** What a column's arrays are: now and then the file's own bytes; always its own; or the same two by turns. */
export type Holding = 'views' | 'copies' | Lent;

/** Of at most so many rows; floats lie in one of two rooms. */
export interface Lent {
  readonly rows: number;
  readonly rooms: readonly FloatRoom[];
}

/** Reads one column page by page: no more than one page of it is in memory, decompressed. */
export class ColumnReader {
  readonly #field: Field;
  readonly #column: FlatColumn;
  readonly #form: ColumnForm;
  readonly #holding: Holding;
  /** The two that are lent by turns. */
  readonly #lent: Values[] = [];
  #turn = 0;
  /** Where pages are decompressed to, one after the other. */
  #room: Uint8Array | undefined;
  #words = new Words();
  #chunk: ChunkBytes | undefined;
  #decompress: Decompress | undefined;
  #page: OpenPage | undefined;
  #dictionaryPage: Dictionary | undefined;
  #dictionary: Meanings | undefined;
  /** Rows of the chunk that no page has promised yet. */
  #rows = 0;
  #skip = 0;
  #place = 0;
  #filling: Filling | undefined;

  constructor(field: Field, column: FlatColumn, holding: Holding) {
    this.#holding = holding;
    this.#field = field;
    this.#column = column;
    this.#form = { element: column.element, type: field.type, words: () => this.#words };
  }

  /** Where in the file the page begins that is being read. */
  get place(): number {
    return this.#place;
  }

  slide(): Promise<void> {
    return this.#chunk!.slide();
  }

  /** Goes on with the column's chunk of the next row group, which has so many rows, behind the first `skip` ones. */
  open(chunk: ChunkBytes, rows: number, skip: number, decompress: Decompress | undefined): void {
    const { meta } = chunk.chunk;
    if (Number(meta.num_values) !== rows)
      throw new RangeError(`it has ${meta.num_values} values where its row group has ${rows} rows`);
    if (meta.type !== this.#column.element.type)
      throw new RangeError(`it is of type ${meta.type} where the schema says ${this.#column.element.type}`);
    this.#chunk = chunk;
    this.#place = chunk.chunk.start;
    this.#decompress = decompress;
    this.#page = undefined;
    this.#dictionaryPage = undefined;
    this.#dictionary = undefined;
    this.#filling = undefined;
    this.#rows = rows;
    this.#skip = skip;
  }

  /** Lets go of the row group's bytes. */
  close(): void {
    this.#chunk = undefined;
    this.#page = undefined;
    this.#dictionaryPage = undefined;
  }

  /** Lets go of all else; what it lent stays as it is. */
  end(): void {
    if (this.#room !== undefined) giveBytes(this.#room);
    this.#room = undefined;
  }

  /** The next rows of the chunk, or undefined where its window must slide first. `RangeError` if its bytes do not hold them. */
  take(rows: number): Column | undefined {
    while (this.#filling === undefined || this.#filling.filled < rows) {
      const page = this.#openPage();
      if (page === undefined) return undefined;
      if (this.#skip > 0) {
        this.#skip -= passRows(page, this.#skip, this.#column.level);
        continue;
      }
      if (this.#filling === undefined) {
        const view = this.#holding === 'views' ? viewOf(page, rows, this.#column.level) : undefined;
        if (view !== undefined) return this.#finish(view, null, true);
        this.#filling = { values: this.#arrayOf(rows), rows, valid: null, filled: 0, mayBeNaN: false };
      }
      fill(this.#filling, page, this.#column.level);
    }
    const { values, valid, mayBeNaN } = this.#filling;
    this.#filling = undefined;
    return this.#finish(values, valid, mayBeNaN);
  }

  #arrayOf(rows: number): Values {
    if (typeof this.#holding === 'string') return allocate(this.#column.element, this.#field.type, rows);
    this.#turn ^= 1;
    const array = this.#lent[this.#turn] ?? this.#lend(this.#holding);
    this.#lent[this.#turn] = array;
    return array.length === rows ? array : (array.subarray(0, rows) as Values);
  }

  #lend({ rows, rooms }: Lent): Values {
    const { element } = this.#column;
    const isSingle = element.type === 'FLOAT';
    const room = this.#field.type === 'float' ? rooms[this.#turn] : undefined;
    return room?.take(isSingle ? 'FLOAT' : 'DOUBLE', rows) ?? allocate(element, this.#field.type, rows);
  }

  readonly #roomOf = (length: number): Uint8Array => {
    if (this.#room !== undefined && this.#room.buffer.byteLength >= length)
      return new Uint8Array(this.#room.buffer, 0, length);
    this.end();
    this.#room = takeBytes(length);
    return this.#room;
  };

  /** The page with the next rows, or undefined where the window must slide before it. */
  #openPage(): OpenPage | undefined {
    const chunk = this.#chunk!;
    while (this.#page === undefined || this.#page.left === 0) {
      if (chunk.at >= chunk.bytes.length && !chunk.more)
        throw new RangeError('it has fewer rows than its row group promises');
      this.#place = chunk.base + chunk.at;
      const { meta } = chunk.chunk;
      const format = {
        meta,
        level: this.#column.level,
        skip: this.#skip,
        decompress: this.#decompress,
        room: this.#holding === 'views' ? undefined : this.#roomOf,
        inPieces: isReadInPieces(this.#form),
      };
      const page = readPage(chunk, format);
      if (page === undefined) return undefined;
      if (page.kind === 'passed') {
        this.#promise(page.rows);
        this.#skip -= page.rows;
      } else if (page.kind === 'dictionary') {
        this.#dictionaryPage = page.bytes.buffer === chunk.bytes.buffer ? ownCopy(page) : page;
        this.#dictionary = undefined;
      } else if (page.kind === 'data') this.#use(page);
    }
    return this.#page;
  }

  #use(page: Extract<Page, { kind: 'data' }>): void {
    const { levels, bytes, at, encoding } = page;
    const rows = this.#promise(page.rows);
    const isCoded = encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY';
    const values = isCoded
      ? new CodedValues(new HybridReader(bytes, at + 1, bytes.length, bytes[at] ?? 0), () => this.#meanings())
      : valuesOf(page, this.#form);
    this.#page = { values, levels, left: rows };
  }

  #promise(rows: number | undefined): number {
    if (!isCount(rows, this.#rows))
      throw new RangeError(`a page of ${rows} rows where its row group has ${this.#rows} left`);
    this.#rows -= rows;
    return rows;
  }

  /** The chunk's dictionary as our values; of strings the codes of its words, which change when another dictionary begins. */
  #meanings(): Meanings {
    if (this.#dictionary !== undefined) return this.#dictionary;
    const page = this.#dictionaryPage;
    if (page === undefined) throw new RangeError('codes without a dictionary');
    // A value takes a bit at least; nothing is allocated for more than there can be.
    if (!isCount(page.count, 8 * page.bytes.length))
      throw new RangeError(`a dictionary of ${page.count} values in ${page.bytes.length} bytes`);
    const values = allocate(this.#column.element, this.#field.type, page.count);
    valuesOf(page, this.#form).read(values, 0, page.count);
    const mayBeNaN = this.#field.type === 'float' && hasNaN(values as Floats, 0, page.count);
    this.#dictionary = { values, mayBeNaN };
    return this.#dictionary;
  }

  #finish(values: Values, valid: Uint8Array | null, mayBeNaN: boolean): Column {
    const { type } = this.#field;
    switch (type) {
      case 'string': {
        const dictionary = this.#words.list();
        if (this.#words.full) {
          this.#words = new Words();
          this.#dictionary = undefined;
        }
        return { type, codes: values as Int32Array, dictionary, valid };
      }
      case 'float':
        return {
          type,
          values: values as Floats,
          valid: mayBeNaN ? withoutNaN(values as Floats, valid) : valid,
        };
      case 'timestamp':
        return { type, values: values as Float64Array, valid };
      case 'boolean':
        return { type, values: values as Uint8Array, valid };
      case 'integer':
        return { type, values: values as BigInt64Array | Int32Array, valid };
    }
  }
}

/** It is looked at when codes come, and the window may have moved on by then. */
function ownCopy(page: Dictionary): Dictionary {
  const bytes = page.bytes.slice();
  return { ...page, bytes, pieces: [bytes] };
}
