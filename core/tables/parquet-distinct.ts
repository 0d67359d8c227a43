import { joinBytes } from '../bytes.ts';
import type { Floats } from './batch.ts';

/** The different values of a column chunk, and for each value which of them it is. */
export interface Distinct {
  readonly codes: Int32Array;
  readonly count: number;
  /** The different ones in PLAIN encoding, by code. */
  readonly plain: Uint8Array;
}

/** No more different numbers are looked for: a dictionary of so many 64-bit ones has 256 KiB. */
const most = 2 ** 15;
const slotBits = 17;

/** Written over by each column chunk. A slot holds a code and one, or 0. */
const slots = new Uint16Array(1 << slotBits);
const found = new Int32Array(2 * most);
let codes = new Int32Array(0);

/**
 * Numbers of 32 bits or, if `wide`, of 64, told apart by their bits. Undefined where there are too many different ones:
 * then they cost less as they are.
 */
export function distinctNumbers(
  parts: readonly (Int32Array | BigInt64Array | Floats)[],
  wide: boolean,
): Distinct | undefined {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (codes.length < length) codes = new Int32Array(length);
  slots.fill(0);
  let count = 0;
  let before = 0;
  for (const { buffer, byteOffset, byteLength, length } of parts) {
    const halves = new Int32Array(buffer, byteOffset, byteLength / 4);
    count = number(halves, wide, before, count);
    if (count === tooMany) return undefined;
    before += length;
  }
  const plain = new Uint8Array(found.slice(0, wide ? 2 * count : count).buffer);
  return { codes: codes.slice(0, length), count, plain };
}

const tooMany = -1;

/** Gives the values codes from `row` on, where `before` were found already. How many there are now, or `tooMany`. */
function number(halves: Int32Array, wide: boolean, row: number, before: number): number {
  const step = wide ? 2 : 1;
  let count = before;
  for (let i = row, at = 0; at < halves.length; i++, at += step) {
    const low = halves[at]!;
    const high = wide ? halves[at + 1]! : 0;
    const hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    let slot = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - slotBits);
    let code = slots[slot]! - 1;
    while (code >= 0 && (found[code * step] !== low || (wide && found[2 * code + 1] !== high))) {
      slot = (slot + 1) & ((1 << slotBits) - 1);
      code = slots[slot]! - 1;
    }
    if (code < 0) {
      if (count === most || count > 8192 + i / 2) return tooMany;
      code = count++;
      slots[slot] = code + 1;
      found[code * step] = low;
      if (wide) found[2 * code + 1] = high;
    }
    codes[i] = code;
  }
  return count;
}

const text = new TextEncoder();

/** The words that codes stand for, numbered by their first appearance; `words` are theirs in PLAIN encoding, by old code. */
export function distinctWords(
  codes: Int32Array,
  dictionary: readonly string[],
): { readonly words: readonly Uint8Array[]; readonly distinct: Distinct } {
  const numbers = new Int32Array(dictionary.length).fill(-1);
  const words: Uint8Array[] = [];
  const used: Uint8Array[] = [];
  const renumbered = new Int32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (numbers[code]! < 0) {
      numbers[code] = used.length;
      words[code] = plainWord(dictionary[code]!);
      used.push(words[code]);
    }
    renumbered[i] = numbers[code]!;
  }
  return { words, distinct: { codes: renumbered, count: used.length, plain: joinBytes(used) } };
}

/** Its length in bytes (32 bits, little endian), then its UTF-8. */
function plainWord(word: string): Uint8Array {
  const bytes = text.encode(word);
  const plain = new Uint8Array(4 + bytes.length);
  new DataView(plain.buffer).setUint32(0, bytes.length, true);
  plain.set(bytes, 4);
  return plain;
}
