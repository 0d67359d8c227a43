import type { Field, FieldType } from './batch.ts';
import { type Cells, cellsOf } from './cells.ts';
import { rawRow } from './raw-row.ts';
import type { BadRow, ShardBatch } from './shard.ts';

/** A batch in the making, row by row: what the readers of text write into. */
export class Rows {
  readonly fields: readonly Field[];
  readonly cells: readonly Cells[];
  readonly #capacity: number;
  #rowIds: Float64Array;
  #rejected: BadRow[] = [];
  /** Rows committed so far; the next one is written at this index. */
  count = 0;

  constructor(fields: readonly Field[], capacity: number) {
    this.fields = fields;
    this.cells = fields.map((field) => cellsOf(field.type, capacity));
    this.#capacity = capacity;
    this.#rowIds = new Float64Array(capacity);
  }

  get full(): boolean {
    return this.count === this.#capacity || this.#rejected.length === this.#capacity;
  }

  get empty(): boolean {
    return this.count === 0 && this.#rejected.length === 0;
  }

  /** The row that was just written stays. */
  commit(rowId: number): void {
    this.#rowIds[this.count++] = rowId;
  }

  /** The row at bytes[from, to) stays out. */
  reject(row: number, column: string, reason: string, bytes: Uint8Array, from: number, to: number): void {
    this.#rejected.push({ row, column, reason, ...rawRow(bytes, from, to) });
  }

  take(): ShardBatch {
    const rows = this.count;
    const columns = this.cells.map((cells) => cells.take(rows));
    const taken = {
      batch: { rows, fields: this.fields, columns },
      rowIds: this.#rowIds.subarray(0, rows),
      rejected: this.#rejected,
    };
    this.#rowIds = new Float64Array(this.#capacity);
    this.#rejected = [];
    this.count = 0;
    return taken;
  }
}

const articles: Readonly<Record<FieldType, string>> = {
  float: 'a number',
  integer: 'an integer of 64 bits',
  boolean: 'true or false',
  timestamp: 'an ISO 8601 date or time',
  string: 'a string',
};

export const article = (type: FieldType): string => articles[type];
