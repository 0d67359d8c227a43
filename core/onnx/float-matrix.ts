import { fillRows, type NumberColumn } from './fill.ts';
import { kernelBase64 } from './matrix-kernel.generated.ts';

/** The exports of `kernels/matrix.ts`; every number is a byte offset or a count. */
interface Kernel {
  narrow(from: number, to: number, count: number): void;
  interleave(columns: number, stride: number, width: number, rows: number, out: number): void;
}

/** So many rows of all columns are in the second cache while they become rows of the matrix. */
const blockRows = 2048;
const page = 65_536;

let compiled: WebAssembly.Module | undefined;

/** A float32 input of a model in a memory of WebAssembly, where columns become rows four by four. */
export class FloatMatrix {
  readonly width: number;
  readonly #kernel: Kernel;
  readonly #doubles: Float64Array;
  readonly #columns: readonly Float32Array[];
  readonly #rows: Float32Array;

  /** Of at most `mostRows` rows. */
  constructor(width: number, mostRows: number) {
    const stride = 4 * blockRows;
    const columns = 8 * blockRows;
    const rows = columns + width * stride;
    const end = rows + 4 * width * (Math.ceil(mostRows / 4) * 4);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(end / page) });
    const { buffer } = memory;
    compiled ??= new WebAssembly.Module(
      Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0)),
    );
    this.#kernel = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernel;
    this.width = width;
    this.#doubles = new Float64Array(buffer, 0, blockRows);
    this.#columns = Array.from(
      { length: width },
      (_, k) => new Float32Array(buffer, columns + k * stride, blockRows),
    );
    this.#rows = new Float32Array(buffer, rows, width * mostRows);
  }

  /** Rows `start` to `end` of the columns, row after row, as `fillRows` has them; good until the next ones. */
  fill(columns: readonly NumberColumn[], start: number, end: number): Float32Array {
    const out = this.#rows.byteOffset;
    const first = this.#columns[0]?.byteOffset ?? 0;
    for (let from = start; from < end; from += blockRows) {
      const to = Math.min(end, from + blockRows);
      for (let k = 0; k < this.width; k++) this.#hold(this.#columns[k]!, columns[k]!, from, to);
      const rows = Math.ceil((to - from) / 4) * 4;
      this.#kernel.interleave(first, 4 * blockRows, this.width, rows, out + 4 * this.width * (from - start));
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
