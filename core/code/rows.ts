import { FanfareError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import { type Column, columnOf, type Held, type HeldColumn } from '../tables/batch.ts';
import { numbersOf, placesWhere, selectColumns, takeRows } from '../tables/slice.ts';
import { type ColumnValues, columnFrom } from './column-values.ts';

/**
 * Some rows of a table in typed columns, as user code sees them: a few to 65,536 at a time, never the whole table.
 * Nothing changes it; `with`, `select`, `drop`, `filter` and `take` give another one. What cannot be done is `UserCodeFailed`,
 * with the column and the columns that there are.
 */
export class Rows {
  /** The columns themselves. They may be views on a file's bytes, and are not to be written into. */
  readonly batch: Held;

  constructor(batch: Held) {
    this.batch = batch;
  }

  get count(): number {
    return this.batch.rows;
  }

  /** Names and types of the columns, in their order. */
  get fields(): Held['fields'] {
    return this.batch.fields;
  }

  /** The column as it is held; not to be written into. */
  column(name: string): HeldColumn {
    const found = columnOf(this.batch, name);
    if (found) return found;
    throw new FanfareError('UserCodeFailed', this.#unknown(name));
  }

  /**
   * A number a row, NaN where it is missing: booleans as 0 and 1, timestamps in milliseconds since 1970, integers beyond
   * 2^53 rounded. A copy, to be changed at will.
   */
  numbers(name: string): Float64Array<ArrayBuffer> {
    const column = this.#tableColumn(name);
    if (column.type !== 'string') return Float64Array.from(numbersOf(column));
    throw new FanfareError('UserCodeFailed', `column ${name} holds strings: rows.strings('${name}')`);
  }

  /** A string a row, null where it is missing. */
  strings(name: string): (string | null)[] {
    const column = this.#tableColumn(name);
    if (column.type !== 'string') {
      const wanted = `column ${name} is of type ${column.type}: rows.numbers('${name}')`;
      throw new FanfareError('UserCodeFailed', wanted);
    }
    const { codes, dictionary, valid } = column;
    return Array.from(codes, (code, row) => (valid?.[row] === 0 ? null : dictionary[code]!));
  }

  /** The bytes of each row's object, empty where it has none: column `content` of a table of objects. Not to be written into. */
  bytes(name: string): readonly Uint8Array[] {
    const column = this.column(name);
    if (column.type === 'bytes') return column.values;
    throw new FanfareError('UserCodeFailed', `column ${name} is of type ${column.type}, and holds no bytes`);
  }

  /**
   * With these columns too: one of a name that is there takes its place, others come last. Each has `count` values; one of
   * tensors (`{ type: 'tensor', shape: [3, 8, 8], values }`) has as many as `count` times its shape, and is for a model alone.
   */
  with(columns: Readonly<Record<string, ColumnValues>>): Rows {
    const merged = new Map(this.fields.map(({ name }, at) => [name, this.batch.columns[at]!]));
    for (const [name, values] of Object.entries(columns)) {
      merged.set(name, columnFrom(name, values, this.count, merged.get(name)?.type));
    }
    const fields = Array.from(merged, ([name, { type }]) => ({ name, type }));
    return new Rows({ rows: this.count, fields, columns: [...merged.values()] });
  }

  /** These columns only, in that order. */
  select(names: readonly string[]): Rows {
    this.#requireAll(names);
    return new Rows(selectColumns(this.batch, names));
  }

  /** All columns but these. */
  drop(names: readonly string[]): Rows {
    this.#requireAll(names);
    return this.select(this.fields.flatMap(({ name }) => (names.includes(name) ? [] : [name])));
  }

  /** The rows whose number passes; the first is 0. */
  filter(keep: (row: number) => boolean): Rows {
    const kept = Uint8Array.from({ length: this.count }, (_, row) => (keep(row) ? 1 : 0));
    return new Rows(
      takeRows(
        this.batch,
        placesWhere(kept, (flag) => flag === 1),
      ),
    );
  }

  /** The rows of these numbers, in that order; a row may be taken twice, or not at all. */
  take(numbers: ArrayLike<number>): Rows {
    const places = Int32Array.from(numbers);
    const wrong = places.findIndex((row, at) => row !== numbers[at] || row < 0 || row >= this.count);
    if (wrong < 0) return new Rows(takeRows(this.batch, places));
    const allowed = `there are ${this.count} rows, numbered from 0`;
    throw new FanfareError('UserCodeFailed', `rows.take: there is no row ${numbers[wrong]}; ${allowed}`);
  }

  #tableColumn(name: string): Column {
    const column = this.column(name);
    if (column.type === 'bytes')
      throw new FanfareError('UserCodeFailed', `column ${name} holds bytes: rows.bytes('${name}')`);
    if (column.type !== 'tensor') return column;
    throw new FanfareError('UserCodeFailed', `column ${name} holds tensors: rows.column('${name}').values`);
  }

  #requireAll(names: readonly string[]): void {
    const unknown = names.find((name) => columnOf(this.batch, name) === undefined);
    if (unknown !== undefined) throw new FanfareError('UserCodeFailed', this.#unknown(unknown));
  }

  #unknown(name: string): string {
    return unknownName(
      'there is no column',
      name,
      this.fields.map((field) => field.name),
    );
  }
}
