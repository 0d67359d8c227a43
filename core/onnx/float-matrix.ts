import { roomOf } from '../tables/float-room.ts';
import { fillRows, type NumberColumn } from './fill.ts';
import { kernelBase64 } from './matrix-kernel.generated.ts';

/** The exports of `kernels/matrix.ts`; every number is a byte offset or a count. */
interface Kernel {
  narrow(from: number, to: number, count: number): void;
  interleave(columns: number, width: number, rows: number, out: number): void;
  interleaveDoubles(columns: number, width: number, rows: number, out: number): void;
}

/** So many rows of all columns are in the second cache while they become rows of the matrix. */
const blockRows = 2048;
const page = 65_536;

let compiled: WebAssembly.Module | undefined;
const kernels = new WeakMap<WebAssembly.Memory, Kernel>();

/** Over that memory. */
function kernelOf(memory: WebAssembly.Memory): Kernel {
  const known = kernels.get(memory);
  if (known) return known;
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0)));
  const kernel = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernel;
  kernels.set(memory, kernel);
  return kernel;
}

/** A float32 input of a model in a memory of WebAssembly, where columns become rows four by four. */
export class FloatMatrix {
  readonly width: number;
  readonly #kernel: Kernel;
  readonly #doubles: Float64Array;
  readonly #columns: readonly Float32Array[];
  /** Where those begin. */
  readonly #places: Uint32Array;
  readonly #rows: Float32Array;

  /** Of at most `mostRows` rows. */
  constructor(width: number, mostRows: number) {
    const stride = 4 * blockRows;
    const columns = 8 * blockRows;
    const rows = columns + width * stride;
    const places = rows + 4 * width * (Math.ceil(mostRows / 4) * 4);
    const memory = new WebAssembly.Memory({ initial: Math.ceil((places + 4 * width) / page) });
    const { buffer } = memory;
    this.#kernel = kernelOf(memory);
    this.width = width;
    this.#doubles = new Float64Array(buffer, 0, blockRows);
    this.#columns = Array.from(
      { length: width },
      (_, k) => new Float32Array(buffer, columns + k * stride, blockRows),
    );
    this.#places = new Uint32Array(buffer, places, width);
    this.#places.set(this.#columns.map(({ byteOffset }) => byteOffset));
    this.#rows = new Float32Array(buffer, rows, width * mostRows);
  }

  /**
   * Rows `start` to `end` of the columns, row after row, as `fillRows` has them; good until the next ones or, `inRoom`, until the next
   * ones of any columns of that room.
   */
  fill(columns: readonly NumberColumn[], start: number, end: number, inRoom = true): Float32Array {
    const made = inRoom ? rowsInRoom(columns, start, end) : undefined;
    if (made) return made;
    const out = this.#rows.byteOffset;
    for (let from = start; from < end; from += blockRows) {
      const to = Math.min(end, from + blockRows);
      for (let k = 0; k < this.width; k++) this.#hold(this.#columns[k]!, columns[k]!, from, to);
      const rows = Math.ceil((to - from) / 4) * 4;
      const at = out + 4 * this.width * (from - start);
      this.#kernel.interleave(this.#places.byteOffset, this.width, rows, at);
    }
    return this.#rows.subarray(0, (end - start) * this.width);
  }

  #hold(block: Float32Array, column: NumberColumn, from: number, to: number): void {
    const { type, values } = column;
    if (type !== 'float') fillRows(block, [column], from, to);
    else if (values instanceof Float32Array) block.set(values.subarray(from, to));
    else {
      this.#doubles.set(values.subarray(from, to));
      this.#kernel.narrow(0, block.byteOffset, Math.ceil((to - from) / 4) * 4);
    }
  }
}

/** Where all columns are floats of one kind and of one room that has place for the rows too: there, without a copy of each. */
function rowsInRoom(columns: readonly NumberColumn[], start: number, end: number): Float32Array | undefined {
  const [first] = columns;
  const room = first && roomOf(first.values.buffer);
  if (!room) return undefined;
  const { memory } = room;
  const { BYTES_PER_ELEMENT: size } = first.values;
  const alike = ({ type, values }: NumberColumn) =>
    type === 'float' && values.buffer === memory.buffer && values.BYTES_PER_ELEMENT === size;
  const width = columns.length;
  const rows = Math.ceil((end - start) / 4) * 4;
  const out = columns.every(alike) ? room.behind(4 * width * (rows + 1)) : undefined;
  if (out === undefined) return undefined;
  const places = new Uint32Array(memory.buffer, out + 4 * width * rows, width);
  for (let k = 0; k < width; k++) places[k] = columns[k]!.values.byteOffset + size * start;
  const kernel = kernelOf(memory);
  if (size === 4) kernel.interleave(places.byteOffset, width, rows, out);
  else kernel.interleaveDoubles(places.byteOffset, width, rows, out);
  return new Float32Array(memory.buffer, out, (end - start) * width);
}
