import type { RawRow } from './shard.ts';

/** A longer row is not kept but read again where it lies. */
const longestRaw = 2 ** 20;
/** So much of it is shown. */
const shownRaw = 10_000;

const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** The row at bytes[from, to), exactly. */
export function rawRow(bytes: Uint8Array, from: number, to: number): RawRow {
  if (to - from > longestRaw) {
    const shown = lenient.decode(bytes.subarray(from, from + 4 * shownRaw));
    return { raw: shown.slice(0, shownRaw), raw_bytes: to - from };
  }
  const row = bytes.subarray(from, to);
  try {
    return { raw: strict.decode(row) };
  } catch {
    return { raw: lenient.decode(row), raw_base64: base64Of(row) };
  }
}

/** Arguments of a call are few enough, and each piece is whole: a multiple of three bytes. */
const pieceBytes = 3 * 2 ** 13;

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + pieceBytes)));
  }
  return text;
}
