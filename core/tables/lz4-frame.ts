const magic = 0x184d2204;
const storedAsIs = 0x80000000;

/** Decompresses an LZ4 frame (lz4_Frame_format.md 1.6), checksums unchecked. `RangeError` where it is none. */
export function decompressLz4Frame(input: Uint8Array, length: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (input.length < 7 || view.getUint32(0, true) !== magic) throw new RangeError('not an LZ4 frame');
  const flags = input[4]!;
  const hasBlockChecksums = (flags & 0x10) !== 0;
  // Behind flags and block size: the content's size, a dictionary's id, and a checksum of the header.
  let at = 6 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0) + 1;
  const output = new Uint8Array(length);
  let filled = 0;
  for (;;) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) break;
    const block = input.subarray(at, at + (size & ~storedAsIs));
    at += block.length + (hasBlockChecksums ? 4 : 0);
    if (size >= storedAsIs) {
      output.set(block, filled);
      filled += block.length;
    } else filled = decompressBlock(block, output, filled);
  }
  if (filled !== length)
    throw new RangeError(`an LZ4 frame holds ${filled} bytes where ${length} were promised`);
  return output;
}

/** Blocks may refer to what earlier ones wrote (lz4_Block_format.md). Returns how much of the output is filled. */
function decompressBlock(block: Uint8Array, output: Uint8Array, start: number): number {
  let filled = start;
  let at = 0;
  const lengthFrom = (low: number): number => {
    let length = low;
    if (low === 15) for (let byte = 255; byte === 255; length += byte) byte = block[at++] ?? 0;
    return length;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = lengthFrom(token >> 4);
    output.set(block.subarray(at, at + literals), filled);
    at += literals;
    filled += literals;
    if (at >= block.length) break;
    const offset = block[at]! | (block[at + 1]! << 8);
    at += 2;
    const matched = lengthFrom(token & 15) + 4;
    if (offset === 0 || offset > filled || filled + matched > output.length)
      throw new RangeError('a broken LZ4 block');
    for (let i = 0; i < matched; i++) output[filled + i] = output[filled + i - offset]!;
    filled += matched;
  }
  return filled;
}
