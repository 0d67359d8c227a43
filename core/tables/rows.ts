import type { Field, FieldType } from './batch.ts';
import { type Cells, cellsOf, type Lent } from './cells.ts';
import { rawRow } from './raw-row.ts';
import type { BadRow, ReadOptions, ShardBatch } from './shard.ts';

/** A batch of more is not in a processor's cache any more, and its arrays cost more to come by than to fill. */
const fairBytes = 2 * 2 ** 20;
const fewRows = 4096;

/** At most `most` rows a batch, and fewer of a wide table: a multiple of `fewRows`, and so of a model's slices. */
export function fairRows(fields: readonly Field[], most: number): number {
  const fair = Math.floor(fairBytes / (8 * fields.length) / fewRows) * fewRows;
  return Math.min(most, Math.max(fewRows, fair));
}

/** A batch in the making, row by row: what the readers of text write into. */
export class Rows {
  readonly fields: readonly Field[];
  readonly cells: readonly Cells[];
  readonly #capacity: number;
  #rowIds: Float64Array;
  #rejected: BadRow[] = [];
  /** Rows committed so far; the next one is written at this index. */
  count = 0;

  /** The arrays of the columns that are lent, `arraysOf` a column or others, are written again with the next batch but one. */
  constructor(
    fields: readonly Field[],
    capacity: number,
    lent: ReadOptions['lent'],
    arraysOf: (name: string) => Lent | undefined = () => undefined,
  ) {
    this.fields = fields;
    this.cells = fields.map(({ name, type }) =>
      cellsOf(type, capacity, lent?.has(name) === true && (arraysOf(name) ?? true)),
    );
    this.#capacity = capacity;
    this.#rowIds = new Float64Array(capacity);
  }

  get full(): boolean {
    return this.count === this.#capacity || this.#rejected.length === this.#capacity;
  }

  get empty(): boolean {
    return this.count === 0 && this.#rejected.length === 0;
  }

  /** How many rows more there is room for. */
  get room(): number {
    return this.#capacity - this.count;
  }

  /** The rows that were just written stay. */
  commitAll(rowIds: Float64Array): void {
    this.#rowIds.set(rowIds, this.count);
    this.count += rowIds.length;
  }

  /** The row that was just written stays. */
  commit(rowId: number): void {
    this.#rowIds[this.count++] = rowId;
  }

  /** The row at bytes[from, to) stays out. */
  reject(row: number, column: string, reason: string, bytes: Uint8Array, from: number, to: number): void {
    this.#rejected.push({ row, column, reason, ...rawRow(bytes, from, to) });
  }

  /** `isLast`: no more is written, and the batch has no array that is lent. */
  take(isLast = false): ShardBatch {
    const rows = this.count;
    const columns = this.cells.map((cells) => cells.take(rows, isLast));
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

const articles: Readonly<Record<Exclude<FieldType, 'string'>, string>> = {
  float: 'a number',
  integer: 'an integer of 64 bits',
  boolean: 'true or false',
  timestamp: 'an ISO 8601 date or time',
};

/** Why a cell did not take the text that is `shown`. */
export const refusal = (type: FieldType, shown: string): string =>
  type === 'string' ? 'invalid UTF-8' : `${shown} is not ${articles[type]}`;
