/** The bytes end within a struct: there may be more of them. */
export class CutOff extends RangeError {}

/** Statistics hold a value or two; no writer comes near. */
const maxDepth = 32;

/**
 * Where the struct that begins at `at` ends, in Thrift's compact protocol. It is walked before hyparquet reads it, so that
 * no length it gives leads beyond the bytes, asks for memory that they do not fill, or goes round for ever. `CutOff` where
 * the bytes end first, `RangeError` for what no writer makes.
 */
export function structEnd(bytes: Uint8Array, at: number, depth = 0): number {
  if (depth > maxDepth) throw new RangeError('structs that do not end');
  for (let next = at; ; ) {
    const header = byteAt(bytes, next++);
    if ((header & 15) === 0) return next;
    if (header >>> 4 === 0) next = varintEnd(bytes, next);
    if ((header & 15) > 2) next = elementEnd(bytes, next, header & 15, depth);
  }
}

/** Of a struct's first fields, each at its id: what is a number or a truth, and where a struct in it begins. */
export interface Fields {
  readonly numbers: readonly (number | undefined)[];
  readonly structs: readonly (number | undefined)[];
}

const mostFields = 15;

/** Of the struct at `at`, which `structEnd` has walked. */
export function fieldsOf(bytes: Uint8Array, at: number): Fields {
  const numbers: (number | undefined)[] = [];
  const structs: (number | undefined)[] = [];
  for (let next = at, id = 0; ; ) {
    const header = bytes[next++]!;
    const type = header & 15;
    if (type === 0) return { numbers, structs };
    if (header >>> 4 > 0) id += header >>> 4;
    else {
      id = integerAt(bytes, next);
      next = varintEnd(bytes, next);
    }
    const isKnown = id > 0 && id <= mostFields;
    if (isKnown && type <= 2) numbers[id] = 2 - type;
    else if (isKnown && (type === 4 || type === 5)) numbers[id] = integerAt(bytes, next);
    else if (isKnown && type === 12) structs[id] = next;
    if (type > 2) next = elementEnd(bytes, next, type, 0);
  }
}

/** Of 32 bits, zigzag. */
function integerAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let next = at, shift = 0; ; shift += 7) {
    const byte = bytes[next++]!;
    value |= (byte & 127) << shift;
    if (byte < 128) return (value >>> 1) ^ -(value & 1);
  }
}

function elementEnd(bytes: Uint8Array, at: number, type: number, depth: number): number {
  switch (type) {
    case 1:
    case 2:
    case 3:
      return within(bytes, at + 1);
    case 4:
    case 5:
    case 6:
      return varintEnd(bytes, at);
    case 7:
      return within(bytes, at + 8);
    case 8: {
      const start = varintEnd(bytes, at);
      return within(bytes, start + lengthAt(bytes, at, start));
    }
    case 9:
      return listEnd(bytes, at, depth);
    case 12:
      return structEnd(bytes, at, depth + 1);
    default:
      throw new RangeError(`a value of Thrift's type ${type}`);
  }
}

function listEnd(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > maxDepth) throw new RangeError('lists that do not end');
  const header = byteAt(bytes, at);
  const isLong = header >>> 4 === 15;
  let next = isLong ? varintEnd(bytes, at + 1) : at + 1;
  const count = isLong ? lengthAt(bytes, at + 1, next) : header >>> 4;
  // An element is a byte at least.
  within(bytes, next + count);
  for (let i = 0; i < count; i++) next = elementEnd(bytes, next, header & 15, depth + 1);
  return next;
}

function varintEnd(bytes: Uint8Array, at: number): number {
  for (let next = at; next < at + 10; next++) if (byteAt(bytes, next) < 128) return next + 1;
  throw new RangeError('a number that does not end');
}

/** Of the varint from `at` to `end`. */
function lengthAt(bytes: Uint8Array, at: number, end: number): number {
  let length = 0;
  for (let next = end - 1; next >= at; next--) length = length * 128 + (bytes[next]! & 127);
  return length;
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new CutOff('its bytes end within a header');
  return byte;
}

function within(bytes: Uint8Array, end: number): number {
  if (end > bytes.length) throw new CutOff('its bytes end within a header');
  return end;
}
