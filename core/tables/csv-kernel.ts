import type { FieldType } from './batch.ts';
import type { CellValues } from './cells.ts';
import { kernelBase64 } from './csv-kernel.generated.ts';
import { columnBytes, type Layout, layoutOf, padding, type ReadAs } from './csv-layout.ts';
import { powersOfFive } from './powers-of-five.ts';
import type { Join } from './source.ts';

/** The exports of `kernels/csv.ts`; every number is a byte offset or a count, `base` an offset in the object. */
interface Exports {
  free(): number;
  read(run: number, from: number, stop: number, end: number, base: number, limit: number): number;
  learn(column: number, from: number, to: number, code: number): void;
  quotes(from: number, end: number): number;
}

/** A column of the run that was just read; `valid` is null where it has all values. */
interface RunColumn {
  readonly values: CellValues;
  readonly valid: Uint8Array | null;
}

/** The code of the word at bytes[from, to) of the window in a column of the file, or -1 where it is no text. */
type CodeOf = (column: number, from: number, to: number, doubled: boolean) => number;

const page = 65_536;
const kinds: Readonly<Record<FieldType, number>> = {
  float: 1,
  integer: 2,
  boolean: 3,
  timestamp: 4,
  string: 5,
};
/** So much is counted at once, of what stays in the processor's cache. */
const blockBytes = 2 ** 16;
/** Longer words are not kept by the kernel. */
const mostKnownLength = 16;

/** Memories are used again by the next table: each takes gigabytes of the process's addresses. */
const idle: CsvKernel[] = [];
const [mostIdle, mostIdleBytes] = [4, 32 * 2 ** 20];

let compiled: WebAssembly.Module | undefined;

/** Whether the kernel can tell this delimiter from what numbers and times are written with. */
export const takesDelimiter = (delimiter: number): boolean =>
  delimiter > 0 && !/[\w+\-.:]/.test(String.fromCharCode(delimiter));

/** One that was released, or another. */
export const csvKernel = (): CsvKernel => idle.pop() ?? new CsvKernel();

/** `kernels/csv.ts` over a memory of its own: its tables, the columns of a run, and behind them the window's text. */
export class CsvKernel {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #kernel: Exports;
  #types: readonly ReadAs[] = [];
  #layout: Layout;
  #views: readonly { readonly values: CellValues; readonly valid: Uint8Array }[] = [];
  #rowIds = new Float64Array(0);
  /** The kernel's `Run`, and the columns behind it. */
  #state = new Int32Array(0);

  constructor() {
    compiled ??= new WebAssembly.Module(
      Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0)),
    );
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } });
    this.#kernel = exports as unknown as Exports;
    this.#layout = layoutOf([], this.#kernel.free(), 0);
  }

  release(): void {
    if (idle.length < mostIdle && this.#memory.buffer.byteLength <= mostIdleBytes) idle.push(this);
  }

  /** Prepares for a file whose columns are read as these types. */
  lay(types: readonly ReadAs[], delimiter: number): void {
    const powers = powersOfFive();
    const layout = layoutOf(types, this.#kernel.free(), powers.byteLength);
    const { run, columns, fives, rowIds, open, places, text } = layout;
    this.#types = types;
    this.#layout = layout;
    this.#reserve(text);
    this.#look();
    new BigUint64Array(this.#memory.buffer, fives, powers.length).set(powers);
    this.#state.set([delimiter, types.length, columns, fives, rowIds, open, 0, 0, 0]);
    for (const [i, type] of types.entries()) {
      const { values, valid, known, shift } = places[i]!;
      const at = (columns - run + i * columnBytes) / 4;
      const kind = type === undefined ? 0 : kinds[type];
      const isPaired = type === 'float' && types[i + 1] === 'float';
      this.#state.set([kind, values, valid, 0, known, shift, isPaired ? 1 : 0, 0], at);
      this.forget(i);
    }
  }

  /** From now on the words of a column have other codes. */
  forget(column: number): void {
    const { known, knownBytes } = this.#layout.places[column]!;
    new Uint8Array(this.#memory.buffer, known, knownBytes).fill(0);
  }

  /** Holds a window's text in the memory. */
  readonly join: Join = (bytes, parsed, chunk) => {
    // A memory that grows takes these from its views.
    const { byteOffset, length } = bytes;
    const { text } = this.#layout;
    const rest = length - parsed;
    if (this.#reserve(text + rest + chunk.length + padding)) this.#look();
    const all = new Uint8Array(this.#memory.buffer);
    if (rest > 0) all.copyWithin(text, byteOffset + parsed, byteOffset + length);
    all.set(chunk, text + rest);
    return all.subarray(text, text + rest + chunk.length);
  };

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
    return this.#state[6]! - this.#layout.text;
  }

  /** Asks for the codes of words that are not known; returns how many rows come before the first one that has none. */
  code(rows: number, codeOf: CodeOf): number {
    const { open, text, columns } = this.#layout;
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

  /** Good until the next run. */
  column(column: number, rows: number): RunColumn {
    const { values, valid } = this.#views[column]!;
    const { columns, run } = this.#layout;
    const missing = this.#state[(columns - run + column * columnBytes) / 4 + 3]!;
    return { values: values.subarray(0, rows), valid: missing > 0 ? valid.subarray(0, rows) : null };
  }

  /** Good until the next run. */
  rowIds(rows: number): Float64Array {
    return this.#rowIds.subarray(0, rows);
  }

  /** How many of the bytes are quotes, at memory speed. It has no window then. */
  quotes(bytes: Uint8Array): number {
    const { text } = this.#layout;
    this.#reserve(text + blockBytes);
    const block = new Uint8Array(this.#memory.buffer, text, blockBytes);
    let count = 0;
    for (let at = 0; at < bytes.length; at += blockBytes) {
      const part = bytes.subarray(at, at + blockBytes);
      block.set(part);
      const end = Math.ceil(part.length / 16) * 16;
      block.fill(0, part.length, end);
      count += this.#kernel.quotes(text, text + end);
    }
    return count;
  }

  /** Whether it had to grow, which leaves all views without memory. */
  #reserve(bytes: number): boolean {
    const lacking = bytes - this.#memory.buffer.byteLength;
    if (lacking > 0) this.#memory.grow(Math.ceil(lacking / page));
    return lacking > 0;
  }

  #look(): void {
    const { buffer } = this.#memory;
    const { run, rowIds, rows, fives, places } = this.#layout;
    this.#state = new Int32Array(buffer, run, (fives - run) / 4);
    this.#rowIds = new Float64Array(buffer, rowIds, rows);
    this.#views = places.map(({ values, valid }, i) => {
      const type = this.#types[i];
      const length = type === undefined ? 0 : rows;
      return {
        values: new arrayOf[type ?? 'boolean'](buffer, values, length),
        valid: new Uint8Array(buffer, valid, length),
      };
    });
  }
}

const arrayOf = {
  float: Float64Array,
  integer: BigInt64Array,
  boolean: Uint8Array,
  timestamp: Float64Array,
  string: Int32Array,
} as const;
