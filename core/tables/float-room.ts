import type { Floats } from './batch.ts';
import { kernelBase64 } from './floats-kernel.generated.ts';

/** The exports of `kernels/floats.ts`; every number is a byte offset or a count. */
interface Kernel {
  hasNaN32(at: number, count: number): number;
  hasNaN64(at: number, count: number): number;
}

const page = 65_536;
const mostBytes = 2 ** 30;
/** An array begins where a line of the cache does. */
const align = 64;

/** Used again by the next reader: new memory is cleared by the system, page by page. */
const idle: FloatRoom[] = [];
const [mostIdle, mostIdleBytes] = [4, 16 * 2 ** 20];

let compiled: WebAssembly.Module | undefined;
const rooms = new WeakMap<ArrayBufferLike, FloatRoom>();

/** A memory in which columns become the rows of a model's input where they are. */
export interface RowRoom {
  readonly memory: WebAssembly.Memory;
  /** Where so many bytes begin that nobody uses, until the next are asked for; undefined where there are fewer. */
  behind(bytes: number): number | undefined;
}

const rowRooms = new WeakMap<ArrayBufferLike, RowRoom>();

/** The room that an array lies in. */
export const roomOf = (buffer: ArrayBufferLike): RowRoom | undefined => rowRooms.get(buffer);

export const openRoom = (room: RowRoom): void => void rowRooms.set(room.memory.buffer, room);

/** Of so many bytes: one that was released, or another. */
export function floatRoom(bytes: number): FloatRoom {
  const at = idle.findIndex(({ size }) => size >= bytes && size <= 2 * bytes + page);
  return idle.splice(at, at < 0 ? 0 : 1)[0] ?? new FloatRoom(bytes);
}

export type { FloatRoom };

/**
 * Where arrays of floats lie in which not-a-numbers are looked for at the speed of memory, and which become a model's input
 * where they are: a memory of WebAssembly.
 */
class FloatRoom implements RowRoom {
  readonly memory: WebAssembly.Memory;
  readonly kernel: Kernel;
  #used = 0;

  constructor(bytes: number) {
    compiled ??= new WebAssembly.Module(
      Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0)),
    );
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(Math.min(bytes, mostBytes) / page) });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory: this.memory } });
    this.kernel = exports as unknown as Kernel;
    rooms.set(this.memory.buffer, this);
    openRoom(this);
  }

  get size(): number {
    return this.memory.buffer.byteLength;
  }

  /** Nobody looks at its arrays any more. */
  release(): void {
    this.#used = 0;
    if (idle.length < mostIdle && this.size <= mostIdleBytes) idle.push(this);
  }

  /** Undefined where there is no more room. */
  take(type: 'FLOAT' | 'DOUBLE', length: number): Floats | undefined {
    const start = this.#used;
    const end = start + length * (type === 'FLOAT' ? 4 : 8);
    if (end > this.size) return undefined;
    this.#used = Math.ceil(end / align) * align;
    const { buffer } = this.memory;
    return type === 'FLOAT'
      ? new Float32Array(buffer, start, length)
      : new Float64Array(buffer, start, length);
  }

  /** Behind all arrays. */
  behind(bytes: number): number | undefined {
    return this.#used + bytes <= this.size ? this.#used : undefined;
  }
}

/** Whether one of them may be not-a-number. Infinities of both signs make it so too, outside of a `FloatRoom`. */
export function hasNaN(values: Floats, at: number, count: number): boolean {
  const kernel = rooms.get(values.buffer)?.kernel;
  const start = values.byteOffset + at * values.BYTES_PER_ELEMENT;
  if (values instanceof Float32Array)
    return kernel ? kernel.hasNaN32(start, count) !== 0 : Number.isNaN(sum32(values, at, count));
  return kernel ? kernel.hasNaN64(start, count) !== 0 : Number.isNaN(sum64(values, at, count));
}

// Two loops of the same text, since V8 compiles one for the kinds of arrays that it saw.
function sum32(values: Float32Array, at: number, count: number): number {
  let even = 0;
  let odd = 0;
  const end = at + count;
  let i = at;
  for (; i + 4 <= end; i += 4) {
    even += values[i]! + values[i + 1]!;
    odd += values[i + 2]! + values[i + 3]!;
  }
  for (; i < end; i++) even += values[i]!;
  return even + odd;
}

function sum64(values: Float64Array, at: number, count: number): number {
  let even = 0;
  let odd = 0;
  const end = at + count;
  let i = at;
  for (; i + 4 <= end; i += 4) {
    even += values[i]! + values[i + 1]!;
    odd += values[i + 2]! + values[i + 3]!;
  }
  for (; i < end; i++) even += values[i]!;
  return even + odd;
}
