import type { Batch } from '../tables/batch.ts';

/** What a function's memory has room for several times over: it is held as columns, then encoded, then written. */
const mostHeld = 64 * 2 ** 20;
/** A string of V8 beside its characters, with its place in an array. */
const wordBytes = 24;

/** About how many bytes the batches take that are held until they are written; a dictionary that they share counts once. */
export class HeldBytes {
  readonly #most: number;
  #bytes = 0;
  readonly #dictionaries = new Set<readonly string[]>();

  constructor(most = mostHeld) {
    this.#most = most;
  }

  /** Whether it is time to write. */
  get full(): boolean {
    return this.#bytes >= this.#most;
  }

  /** Whether it is time to write, with this. */
  add(batch: Batch): boolean {
    for (const column of batch.columns) {
      this.#bytes += column.valid?.byteLength ?? 0;
      this.#bytes += column.type === 'string' ? column.codes.byteLength : column.values.byteLength;
      if (column.type === 'string' && !this.#dictionaries.has(column.dictionary)) {
        this.#dictionaries.add(column.dictionary);
        for (const word of column.dictionary) this.#bytes += wordBytes + word.length;
      }
    }
    return this.full;
  }

  clear(): void {
    this.#bytes = 0;
    this.#dictionaries.clear();
  }
}
