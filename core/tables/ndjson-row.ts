/** What a JSON value is, as far as a column cares. */
export const text = 0;
export const escapedText = 1;
export const number = 2;
export const boolean = 3;
export const nothing = 4;
export const nested = 5;

export interface JsonToken {
  kind: number;
  /** Its text is bytes[from, to): without the quotes for a string, as it stands for all others. */
  from: number;
  to: number;
  /** Where the byte after it lies; -1 where there is no such value. */
  next: number;
  /** Whether a string in it has other characters than ASCII. */
  wide: boolean;
}

export const jsonToken = (): JsonToken => ({ kind: nothing, from: 0, to: 0, next: 0, wide: false });

const backslash = 92;
const quote = 34;

/** Reads the JSON value (RFC 8259) at `at`. `next` is -1 where there is none before `end`. */
export function scanValue(bytes: Uint8Array, at: number, end: number, token: JsonToken): void {
  const byte = at < end ? bytes[at]! : 0;
  token.from = at;
  token.wide = false;
  if (byte === quote) scanString(bytes, at, end, token);
  else if (byte === 45 || (byte >= 48 && byte <= 57)) scanNumber(bytes, at, end, token);
  else if (byte === 116) scanWord(bytes, at, end, trueWord, boolean, token);
  else if (byte === 102) scanWord(bytes, at, end, falseWord, boolean, token);
  else if (byte === 110) scanWord(bytes, at, end, nullWord, nothing, token);
  else if (byte === 123 || byte === 91) scanNested(bytes, at, end, token);
  else token.next = -1;
}

export function scanString(bytes: Uint8Array, at: number, end: number, token: JsonToken): void {
  token.kind = text;
  token.from = at + 1;
  token.next = -1;
  let bits = 0;
  for (let p = at + 1; p < end; p++) {
    const byte = bytes[p]!;
    bits |= byte;
    if (byte === quote) {
      token.to = p;
      token.next = p + 1;
      token.wide = bits > 127;
      return;
    }
    if (byte < 32) return;
    if (byte === backslash) {
      token.kind = escapedText;
      bits |= bytes[++p] ?? 0;
    }
  }
}

function scanNumber(bytes: Uint8Array, at: number, end: number, token: JsonToken): void {
  token.kind = number;
  token.next = -1;
  let p = bytes[at] === 45 ? at + 1 : at;
  const first = p;
  p = afterDigits(bytes, p, end);
  if (p === first || (bytes[first] === 48 && p > first + 1)) return;
  if (p < end && bytes[p] === 46) {
    const fraction = ++p;
    p = afterDigits(bytes, p, end);
    if (p === fraction) return;
  }
  if (p < end && (bytes[p] === 101 || bytes[p] === 69)) {
    p++;
    if (p < end && (bytes[p] === 43 || bytes[p] === 45)) p++;
    const exponent = p;
    p = afterDigits(bytes, p, end);
    if (p === exponent) return;
  }
  token.to = p;
  token.next = p;
}

function afterDigits(bytes: Uint8Array, at: number, end: number): number {
  let p = at;
  while (p < end && bytes[p]! >= 48 && bytes[p]! <= 57) p++;
  return p;
}

const wordBytes = (word: string): Uint8Array => new TextEncoder().encode(word);
const trueWord = wordBytes('true');
const falseWord = wordBytes('false');
const nullWord = wordBytes('null');

function scanWord(
  bytes: Uint8Array,
  at: number,
  end: number,
  word: Uint8Array,
  kind: number,
  token: JsonToken,
): void {
  token.kind = kind;
  token.to = at + word.length;
  token.next = token.to <= end && word.every((byte, i) => bytes[at + i] === byte) ? token.to : -1;
}

/** Finds the end of an object or array by its brackets; whether it is JSON inside is for `JSON.parse` to say. */
function scanNested(bytes: Uint8Array, at: number, end: number, token: JsonToken): void {
  const inner = jsonToken();
  let depth = 0;
  let p = at;
  while (p < end) {
    const byte = bytes[p]!;
    if (byte === quote) {
      scanString(bytes, p, end, inner);
      if (inner.next < 0) break;
      token.wide ||= inner.wide;
      p = inner.next;
      continue;
    }
    p++;
    if (byte === 123 || byte === 91) depth++;
    else if (byte === 125 || byte === 93) depth--;
    if (depth > 0) continue;
    token.kind = nested;
    token.from = at;
    token.to = p;
    token.next = p;
    return;
  }
  token.next = -1;
}

/** The place of the first byte from `at` on that is not blank. */
export function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  let p = at;
  while (p < end && (bytes[p] === 32 || bytes[p] === 9 || bytes[p] === 13 || bytes[p] === 10)) p++;
  return p;
}
