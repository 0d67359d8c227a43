import { compressors } from 'hyparquet-compressors';
import type { Room } from '../store.ts';
import type { Decompress, Decompressors, Pieces } from './shard.ts';

/** What decompresses a codec: the caller's, or else a portable one. Undefined where there is none. */
export async function decompressOf(codec: string, given: Decompressors): Promise<Decompress | undefined> {
  return (await given[codec]?.()) ?? portable[codec];
}

/** The portable decompressors, by the names that Parquet gives them. */
const portable: Readonly<Partial<Record<string, Decompress>>> = {
  ...compressors,
  SNAPPY: Object.assign(snappy, { pieces: literals }),
};

/**
 * Floats are hardly compressed by Snappy: such a page is literals of up to 64 KiB, which are moved at the speed of memory
 * here, and a byte at a time by hysnappy. It is the other way round for copies.
 */
function snappy(input: Uint8Array, length: number, room: Room = (size) => new Uint8Array(size)): Uint8Array {
  const [own, start] = lengthOf(input);
  // One that is told another length gives what its memory held.
  if (own !== length) throw new RangeError(`a page has ${own} bytes where ${length} were promised`);
  return input.length > 0.9 * length
    ? moveLiterals(input, start, room(length))
    : compressors.SNAPPY!(input, length);
}

/** A page of more pieces is quicker moved than read from them. */
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

/** The format: google/snappy, format_description.txt. */
function moveLiterals(input: Uint8Array, start: number, output: Uint8Array): Uint8Array {
  const { length } = output;
  let to = 0;
  for (let at = start; at < input.length; ) {
    const tag = input[at]!;
    const kind = tag & 3;
    if (kind === 0) {
      const size = sizeOf(input, at, tag);
      at += 1 + longOf(tag);
      if (at + size > input.length || to + size > length) throw new RangeError('a literal beyond its page');
      output.set(input.subarray(at, at + size), to);
      at += size;
      to += size;
      continue;
    }
    at++;
    const size = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const width = kind === 3 ? 4 : kind;
    const offset = numberAt(input, at, width) + (kind === 1 ? (tag >>> 5) << 8 : 0);
    at += width;
    if (offset === 0 || offset > to || to + size > length)
      throw new RangeError('a copy from beyond its page');
    // It may overlap what it makes.
    for (let i = 0; i < size; i++, to++) output[to] = output[to - offset]!;
  }
  if (to !== length) throw new RangeError(`a page has ${to} bytes where ${length} were promised`);
  return output;
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
