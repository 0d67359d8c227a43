import type { Validity } from './batch.ts';
import type { CellValues, Lent } from './cells.ts';
import { type Exports, instanceOver } from './csv-instance.ts';
import {
  arrayOf,
  columnBytes,
  kinds,
  type Layout,
  layoutOf,
  type ReadAs,
  type Reading,
} from './csv-layout.ts';
import { openRoom } from './float-room.ts';
import { powersOfFive } from './powers-of-five.ts';
import type { TextHolder } from './source.ts';

/** The code of the word at bytes[from, to) of the window in a column of the file, or -1 where it is no text. */
type CodeOf = (column: number, from: number, to: number, doubled: boolean) => number;

const page = 65_536;
/** So much is counted at once, of what stays in the processor's cache. */
const blockBytes = 2 ** 16;
/** Longer words are not kept by the kernel. */
const mostKnownLength = 16;

/** Memories are used again by the next table: each takes gigabytes of the process's addresses. */
const idle: CsvKernel[] = [];
const [mostIdle, mostIdleBytes] = [4, 32 * 2 ** 20];

/** Whether the kernel can tell this delimiter from what numbers and times are written with. */
export const takesDelimiter = (delimiter: number): boolean =>
  delimiter > 0 && !/[\w+\-.:]/.test(String.fromCharCode(delimiter));

/** One that was released, or another. */
export const csvKernel = (): CsvKernel => idle.pop() ?? new CsvKernel();

/** Of what is left of a chunk, behind its last whole row; more, and there is more room made. */
const fewBytes = 64 * 2 ** 10;

/** No table. */
const nothing: Reading = {
  ...{ types: [], capacity: 0, isLent: () => false },
  ...{ chunkBytes: blockBytes, restBytes: 0 },
};

/**
 * `kernels/csv.ts` over a memory of its own: its tables, the columns of a run, the arrays of those that are lent, and behind
 * them the window's text. A memory never grows, which would take it from all that look at it: a larger one takes its place.
 */
export class CsvKernel implements TextHolder {
  #memory = new WebAssembly.Memory({ initial: 1 });
  #kernel: Exports;
  #reading = nothing;
  #delimiter = 0;
  #layout: Layout;
  /** Which of the two chunks the text lies in, and where. */
  #chunk = 0;
  #text = 0;
  #views: readonly { readonly values: CellValues; readonly valid: Uint8Array }[] = [];
  #rowIds = new Float64Array(0);
  /** The kernel's `Run`, and the columns behind it. */
  #state = new Int32Array(0);

  constructor() {
    this.#kernel = instanceOver(this.#memory);
    this.#layout = layoutOf(nothing, this.#kernel.free(), 0);
  }

  /** It may be used again, now that nobody looks at what it lent. */
  release(): void {
    if (idle.length < mostIdle && this.#memory.buffer.byteLength <= mostIdleBytes) idle.push(this);
  }

  /** Prepares for a file whose columns are read as these types. Of a batch's arrays it has those of the columns that are lent. */
  lay(
    types: readonly ReadAs[],
    delimiter: number,
    { capacity = 0, isLent = nothing.isLent, chunkBytes = blockBytes }: Partial<Reading> = {},
  ): void {
    this.#delimiter = delimiter;
    this.#lay({ types, capacity, isLent, chunkBytes: Math.max(chunkBytes, blockBytes), restBytes: fewBytes });
  }

  #lay(reading: Reading): void {
    const { types } = reading;
    const powers = powersOfFive();
    const layout = layoutOf(reading, this.#kernel.free(), powers.byteLength);
    const { columns, fives, rowIds, open, places, matrix, matrixBytes } = layout;
    this.#reading = reading;
    this.#layout = layout;
    if (this.#memory.buffer.byteLength < layout.end) {
      this.#memory = new WebAssembly.Memory({ initial: Math.ceil(layout.end / page) });
      this.#kernel = instanceOver(this.#memory);
    }
    this.#look();
    openRoom({ memory: this.#memory, behind: (bytes) => (bytes <= matrixBytes ? matrix : undefined) });
    new BigUint64Array(this.#memory.buffer, fives, powers.length).set(powers);
    this.#state.set([this.#delimiter, types.length, columns, fives, rowIds, open, 0, 0, 0]);
    for (const [i, type] of types.entries()) {
      const { values, valid, known, shift } = places[i]!;
      const kind = type === undefined ? 0 : kinds[type];
      const isPaired = type === 'float' && types[i + 1] === 'float';
      this.#state.set([kind, values, valid, 0, known, shift, isPaired ? 1 : 0, 0], this.#stateOf(i));
      this.forget(i);
    }
  }

  /** The arrays of a column that is lent, which batches have in turn. */
  arraysOf(column: number): Lent | undefined {
    const { types, capacity } = this.#reading;
    const type = types[column];
    const lent = this.#layout.places[column]?.lent;
    if (lent === undefined || type === undefined) return undefined;
    const [first, second] = lent.map((at) => new arrayOf[type](this.#memory.buffer, at, capacity));
    return [first!, second!];
  }

  /** Whether the next run writes a column to `values`, from that row on: where it has them. To its own place otherwise. */
  aim(column: number, values: CellValues, row: number): boolean {
    const has = values.buffer === this.#memory.buffer;
    const own = this.#layout.places[column]!.values;
    this.#state[this.#stateOf(column) + 1] = has ? values.byteOffset + row * values.BYTES_PER_ELEMENT : own;
    return has;
  }

  /** From now on the words of a column have other codes. */
  forget(column: number): void {
    const { known, knownBytes } = this.#layout.places[column]!;
    new Uint8Array(this.#memory.buffer, known, knownBytes).fill(0);
  }

  room(length: number): Uint8Array | undefined {
    if (length > this.#reading.chunkBytes) return undefined;
    return new Uint8Array(this.#memory.buffer, this.#layout.chunks[1 - this.#chunk]!, length);
  }

  join(bytes: Uint8Array, parsed: number, chunk: Uint8Array): Uint8Array {
    const rest = bytes.subarray(parsed);
    const { chunkBytes, restBytes } = this.#reading;
    if (rest.length > restBytes || chunk.length > chunkBytes) {
      // Whatever is looked at stays where it is.
      this.#memory = new WebAssembly.Memory({ initial: 0 });
      this.#lay({
        ...this.#reading,
        chunkBytes: Math.max(chunk.length, chunkBytes),
        restBytes: Math.max(2 * rest.length, restBytes),
      });
    }
    this.#chunk = 1 - this.#chunk;
    const at = this.#layout.chunks[this.#chunk]!;
    const text = new Uint8Array(this.#memory.buffer, at - rest.length, rest.length + chunk.length);
    text.set(rest);
    if (chunk.buffer !== text.buffer || chunk.byteOffset !== at) text.set(chunk, rest.length);
    this.#text = text.byteOffset;
    return text;
  }

  /** How many rows one run can have. */
  get mostRows(): number {
    return this.#layout.rows;
  }

  /**
   * Reads up to `limit` rows that begin at bytes[at, stop) of a window that `join` made, and returns how many. It stops
   * before a row that it does not take; `next` tells where.
   */
  read(bytes: Uint8Array, at: number, stop: number, base: number, limit: number): number {
    const text = bytes.byteOffset;
    const { run } = this.#layout;
    return this.#kernel.read(run, text + at, text + stop, text + bytes.length, base - text, limit);
  }

  /** Where in the window the run ended. */
  get next(): number {
    return this.#state[6]! - this.#text;
  }

  /** Asks for the codes of words that are not known; returns how many rows come before the first one that has none. */
  code(rows: number, codeOf: CodeOf): number {
    const { open, columns } = this.#layout;
    const text = this.#text;
    const words = new Int32Array(this.#memory.buffer, open, 4 * this.#state[7]!);
    for (let at = 0; at < words.length; at += 4) {
      const row = words[at]!;
      const column = words[at + 1]! >> 1;
      const doubled = (words[at + 1]! & 1) === 1;
      const from = words[at + 2]!;
      const to = words[at + 3]!;
      const code = codeOf(column, from - text, to - text, doubled);
      if (code < 0) return row;
      this.#views[column]!.values[row] = code;
      if (!doubled && to - from <= mostKnownLength)
        this.#kernel.learn(columns + column * columnBytes, from, to, code);
    }
    return rows;
  }

  /** Of a column that is at its own place; good until the next run. */
  valuesOf(column: number, rows: number): CellValues {
    return this.#views[column]!.values.subarray(0, rows);
  }

  /** Null where the column has all values; good until the next run. */
  validOf(column: number, rows: number): Validity {
    const missing = this.#state[this.#stateOf(column) + 3]!;
    return missing > 0 ? this.#views[column]!.valid.subarray(0, rows) : null;
  }

  /** Good until the next run. */
  rowIds(rows: number): Float64Array {
    return this.#rowIds.subarray(0, rows);
  }

  /** How many of the bytes are quotes, at memory speed. It has no window then. */
  quotes(bytes: Uint8Array): number {
    const [at] = this.#layout.chunks;
    const block = new Uint8Array(this.#memory.buffer, at, blockBytes);
    let count = 0;
    for (let from = 0; from < bytes.length; from += blockBytes) {
      const part = bytes.subarray(from, from + blockBytes);
      block.set(part);
      const end = Math.ceil(part.length / 16) * 16;
      block.fill(0, part.length, end);
      count += this.#kernel.quotes(at, at + end);
    }
    return count;
  }

  /** Where in the state a column's is. */
  #stateOf(column: number): number {
    const { columns, run } = this.#layout;
    return (columns - run + column * columnBytes) / 4;
  }

  #look(): void {
    const { buffer } = this.#memory;
    const { run, rowIds, rows, fives, places } = this.#layout;
    this.#state = new Int32Array(buffer, run, (fives - run) / 4);
    this.#rowIds = new Float64Array(buffer, rowIds, rows);
    this.#views = places.map(({ values, valid }, i) => {
      const type = this.#reading.types[i];
      const length = type === undefined ? 0 : rows;
      return {
        values: new arrayOf[type ?? 'boolean'](buffer, values, length),
        valid: new Uint8Array(buffer, valid, length),
      };
    });
  }
}
