import type { Validity } from './batch.ts';

/** Bits that hold the numbers up to `most`; one at least. */
export const bitWidth = (most: number): number => Math.max(1, 32 - Math.clz32(Math.max(0, most)));

/** Codes below 2^width as one run of bit-packed groups of eight, or of one value (RLE/bit-packing hybrid, Encodings.md). */
export function hybridCodes(codes: Int32Array | Uint8Array, width: number): readonly Uint8Array[] {
  const [first = 0] = codes;
  if (codes.every((code) => code === first)) {
    const bytes = Array.from({ length: Math.ceil(width / 8) }, (_, at) => (first >>> (8 * at)) & 255);
    return [Uint8Array.from([...varint(codes.length * 2), ...bytes])];
  }
  const groups = Math.ceil(codes.length / 8);
  return [Uint8Array.from(varint(groups * 2 + 1)), packBits(codes, width, groups * width)];
}

/** Definition levels of an optional column in a data page of version 1: behind their length. */
export function hybridLevels(valid: Validity, rows: number): readonly Uint8Array[] {
  const levels = valid === null ? [Uint8Array.from([...varint(rows * 2), 1])] : hybridCodes(valid, 1);
  const length = new Uint8Array(4);
  const bytes = levels.reduce((sum, part) => sum + part.length, 0);
  new DataView(length.buffer).setUint32(0, bytes, true);
  return [length, ...levels];
}

/** `width` bits a value, at most 24, the lowest first, padded with zeros to `size` bytes. */
export function packBits(
  values: Int32Array | Uint8Array,
  width: number,
  size = Math.ceil((values.length * width) / 8),
): Uint8Array {
  const bytes = new Uint8Array(size);
  if (width === 1 && values instanceof Uint8Array) return packFlags(values, bytes);
  let pending = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    pending |= values[i]! << bits;
    bits += width;
    while (bits >= 8) {
      bytes[at++] = pending;
      pending >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) bytes[at] = pending;
  return bytes;
}

function packFlags(values: Uint8Array, bytes: Uint8Array): Uint8Array {
  const whole = values.length >>> 3;
  for (let at = 0, i = 0; at < whole; at++, i += 8) {
    const low = values[i]! | (values[i + 1]! << 1) | (values[i + 2]! << 2) | (values[i + 3]! << 3);
    const high = values[i + 4]! | (values[i + 5]! << 1) | (values[i + 6]! << 2) | (values[i + 7]! << 3);
    bytes[at] = low | (high << 4);
  }
  for (let i = 8 * whole; i < values.length; i++) bytes[whole]! |= values[i]! << (i & 7);
  return bytes;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}
