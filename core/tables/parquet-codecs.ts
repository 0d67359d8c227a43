import { compressors } from 'hyparquet-compressors';
import type { Room } from '../store.ts';
import type { Decompress, Decompressors, Pieces } from './shard.ts';
import { kernelBase64 } from './snappy-kernel.generated.ts';

/** What decompresses a codec: the caller's, or else a portable one. Undefined where there is none. */
export async function decompressOf(codec: string, given: Decompressors): Promise<Decompress | undefined> {
  return (await given[codec]?.()) ?? portable[codec];
}

/** The portable decompressors, by the names that Parquet gives them. */
const portable: Readonly<Partial<Record<string, Decompress>>> = {
  ...compressors,
  SNAPPY: Object.assign(snappy, { pieces: literals }),
};

interface Kernel {
  uncompress(from: number, end: number, out: number, outEnd: number): number;
}

/** What the kernel may touch behind its input and its output. */
const margin = 64;
const wasmPage = 65_536;
/** A memory does not become smaller: one that is larger is used once. */
const mostKept = 32 * 2 ** 20;
/** A copy makes at most 64 bytes of three. */
const mostRatio = 22;

interface Opened {
  readonly kernel: Kernel;
  readonly memory: WebAssembly.Memory;
}

let opened: Opened | undefined;

function openKernel(): Opened {
  const memory = new WebAssembly.Memory({ initial: 16 });
  const bytes = Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return { kernel: exports as unknown as Kernel, memory };
}

function snappy(input: Uint8Array, length: number, room: Room = (size) => new Uint8Array(size)): Uint8Array {
  const [own, start] = lengthOf(input);
  if (own !== length) throw new RangeError(`a page has ${own} bytes where ${length} were promised`);
  if (length > mostRatio * input.length)
    throw new RangeError(`a page of ${input.length} bytes cannot come to ${length}`);
  opened ??= openKernel();
  const { kernel, memory } = opened;
  const out = input.length + margin;
  const more = out + length + margin - memory.buffer.byteLength;
  if (more > 0) memory.grow(Math.ceil(more / wasmPage));
  if (memory.buffer.byteLength > mostKept) opened = undefined;
  const held = new Uint8Array(memory.buffer);
  held.set(input);
  if (kernel.uncompress(start, input.length, out, out + length) === 0)
    throw new RangeError('a page that Snappy cannot have made');
  const output = room(length);
  output.set(held.subarray(out, out + length));
  return output;
}

/** A page of more pieces is quicker decompressed than read from them. */
const leastPiece = 1024;

/** The literals of a page that is nothing else. */
function literals(input: Uint8Array, length: number): Pieces | undefined {
  const [own, start] = lengthOf(input);
  if (own !== length) return undefined;
  const pieces: Uint8Array[] = [];
  let left = length;
  for (let at = start; at < input.length; ) {
    const tag = input[at]!;
    const from = at + 1 + longOf(tag);
    at = from + sizeOf(input, at, tag);
    left -= at - from;
    if ((tag & 3) !== 0 || at > input.length || (at - from < leastPiece && left > 0)) return undefined;
    pieces.push(input.subarray(from, at));
  }
  const [first, ...rest] = pieces;
  return first !== undefined && left === 0 ? [first, ...rest] : undefined;
}

function lengthOf(input: Uint8Array): readonly [length: number, end: number] {
  let length = 0;
  for (let at = 0, weight = 1; at < 5; at++, weight *= 128) {
    const byte = input[at] ?? 0;
    length += (byte & 127) * weight;
    if (byte < 128) return [length, at + 1];
  }
  return [length, 5];
}

/** How many bytes behind the tag of a literal say how long it is. */
const longOf = (tag: number): number => Math.max(0, (tag >>> 2) - 59);

/** How long the literal is whose tag stands at `at`. */
const sizeOf = (input: Uint8Array, at: number, tag: number): number =>
  1 + (longOf(tag) === 0 ? tag >>> 2 : numberAt(input, at + 1, longOf(tag)));

function numberAt(input: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + (input[at + i] ?? 0);
  return value;
}
