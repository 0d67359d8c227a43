import type { RawRow } from './shard.ts';

/** A longer row is not kept but read again where it lies. */
const longestRaw = 2 ** 20;
/** So much of it is shown. */
const shownRaw = 10_000;

const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

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

/** The row's bytes; undefined where it was too long to be kept. Bytes that are no UTF-8 are those of a text that was not changed. */
export function bytesOfRaw({ raw, raw_base64, raw_bytes }: RawRow): Uint8Array | undefined {
  if (raw_bytes !== undefined) return undefined;
  const kept = raw_base64 === undefined ? undefined : bytesOfBase64(raw_base64);
  return kept !== undefined && lenient.decode(kept) === raw ? kept : encoder.encode(raw);
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

const bytesOfBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
