/**
 * Decompresses Snappy (google/snappy, format_description.txt), in AssemblyScript; `scripts/build-kernels.mjs` compiles it. Every
 * pointer is a byte offset in the one imported memory; nothing here allocates.
 */

/** So many bytes are moved at once: both input and output have as many behind their end that hold anything. */
const step: usize = 16;

/**
 * The elements at `from` to `end` to the bytes at `out` to `outEnd`; whether they come to just these, and no literal or copy
 * lies beyond.
 */
export function uncompress(from: usize, end: usize, out: usize, outEnd: usize): bool {
  const start = out;
  while (from < end) {
    const tag: usize = load<u8>(from++);
    const kind = tag & 3;
    if (kind == 0) {
      let size = (tag >> 2) + 1;
      if (size > 60) {
        const width = size - 60;
        size = ((<usize>load<u32>(from)) & (<usize>0xffffffff >> ((4 - width) << 3))) + 1;
        from += width;
      }
      // A size of 2^32 has become 0.
      if (size - 1 >= end - from || from > end || size > outEnd - out) return false;
      move(out, from, size);
      from += size;
      out += size;
      continue;
    }
    let size = (tag >> 2) + 1;
    let offset: usize;
    if (kind == 1) {
      size = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | load<u8>(from++);
    } else if (kind == 2) {
      offset = load<u16>(from);
      from += 2;
    } else {
      offset = load<u32>(from);
      from += 4;
    }
    if (from > end || offset - 1 >= out - start || size > outEnd - out) return false;
    if (offset >= step) move(out, out - offset, size);
    else repeat(out, offset, size);
    out += size;
  }
  return out == outEnd;
}

/** At most 15 bytes more than asked for. */
// @ts-ignore: decorator
@inline
function move(to: usize, from: usize, size: usize): void {
  if (size > 256) {
    memory.copy(to, from, size);
    return;
  }
  v128.store(to, v128.load(from));
  for (let at = step; at < size; at += step) v128.store(to + at, v128.load(from + at));
}

/** What begins `offset` bytes before, fewer than a step, over and over. */
// @ts-ignore: decorator
@inline
function repeat(to: usize, offset: usize, size: usize): void {
  if (offset >= 8) {
    for (let at: usize = 0; at < size; at += 8) store<u64>(to + at, load<u64>(to + at - offset));
    return;
  }
  for (let at: usize = 0; at < size; at++) store<u8>(to + at, load<u8>(to + at - offset));
}
