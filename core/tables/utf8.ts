/** Where the first byte of bytes[from, to) lies that is no part of UTF-8 (RFC 3629), or -1 where all are. */
export function notUtf8(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at]!;
    if (byte < 0x80) {
      at++;
      continue;
    }
    const length = lengthOf(byte);
    if (length === 0 || at + length > to) return at;
    // What is longer than it need be, half of a surrogate pair, or beyond U+10FFFF.
    const second = bytes[at + 1]!;
    const least = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    const most = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return at;
    for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return at;
    at += length;
  }
  return -1;
}

/** Of the character that begins so; 0 where none does. */
function lengthOf(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return 0;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}
