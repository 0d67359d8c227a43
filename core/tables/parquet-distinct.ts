import { joinBytes } from '../bytes.ts';

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

/**
 * Numbers of 32 or 64 bits (as halves, low first), told apart by their bits. Undefined where there are too many different
 * ones: then they cost less as they are.
 */
export function distinctNumbers(halves: Int32Array, length: number): Distinct | undefined {
  const wide = halves.length === 2 * length && length > 0;
  const step = wide ? 2 : 1;
  const slots = new Int32Array(1 << slotBits).fill(-1);
  const found = new Int32Array(most * step);
  const codes = new Int32Array(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    const low = halves[i * step]!;
    const high = wide ? halves[2 * i + 1]! : 0;
    const hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    let slot = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - slotBits);
    let code = slots[slot]!;
    while (code >= 0 && (found[code * step] !== low || (wide && found[2 * code + 1] !== high))) {
      slot = (slot + 1) & ((1 << slotBits) - 1);
      code = slots[slot]!;
    }
    if (code < 0) {
      if (count === most || count > 8192 + i / 2) return undefined;
      code = count++;
      slots[slot] = code;
      found[code * step] = low;
      if (wide) found[2 * code + 1] = high;
    }
    codes[i] = code;
  }
  return { codes, count, plain: new Uint8Array(found.buffer, 0, count * step * 4) };
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
