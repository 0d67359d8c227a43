import { FanfareError } from '../errors.ts';

/** A field of a protobuf message as it stands in the bytes; its value is a varint's number, otherwise a view on the bytes. */
export interface ProtoField {
  readonly number: number;
  readonly value: number | Uint8Array;
  /** All of it, with its tag. */
  readonly bytes: Uint8Array;
}

/** Where the reading of a message stands. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** The fields of a message in their order (https://protobuf.dev/programming-guides/encoding). `BadModel` where it is none. */
export function protoFields(bytes: Uint8Array): ProtoField[] {
  const fields: ProtoField[] = [];
  const cursor: Cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const start = cursor.at;
    const tag = varint(cursor);
    const value = fieldValue(cursor, tag % 8);
    fields.push({ number: Math.floor(tag / 8), value, bytes: bytes.subarray(start, cursor.at) });
  }
  return fields;
}

/** The numbers of a field of int64s, packed or one each. */
export function protoInts(fields: readonly ProtoField[], number: number): number[] {
  const all: number[] = [];
  for (const field of fields) {
    if (field.number !== number) continue;
    if (typeof field.value === 'number') all.push(field.value);
    else
      for (const cursor = { bytes: field.value, at: 0 }; cursor.at < field.value.length; )
        all.push(varint(cursor));
  }
  return all;
}

/** The numbers of a field of floats, packed or one each. */
export function protoFloats(fields: readonly ProtoField[], number: number): Float32Array {
  const parts = protoBytes(fields, number);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    whole.set(part, at);
    return at + part.length;
  }, 0);
  return new Float32Array(whole.buffer);
}

/** The values of a field of bytes or messages. */
export const protoBytes = (fields: readonly ProtoField[], number: number): Uint8Array[] =>
  fields.flatMap((field) =>
    field.number === number && typeof field.value !== 'number' ? [field.value] : [],
  );

const text = new TextDecoder();

export const protoStrings = (fields: readonly ProtoField[], number: number): string[] =>
  protoBytes(fields, number).map((bytes) => text.decode(bytes));

function fieldValue(cursor: Cursor, wire: number): number | Uint8Array {
  switch (wire) {
    case 0:
      return varint(cursor);
    case 1:
      return take(cursor, 8);
    case 2:
      return take(cursor, varint(cursor));
    case 5:
      return take(cursor, 4);
    default:
      throw noMessage(cursor.at);
  }
}

function take(cursor: Cursor, length: number): Uint8Array {
  const { bytes, at } = cursor;
  if (length < 0 || at + length > bytes.length) throw noMessage(at);
  cursor.at = at + length;
  return bytes.subarray(at, cursor.at);
}

/** A signed number; beyond 53 bits it is the nearest double. */
function varint(cursor: Cursor): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) break;
    // The tenth byte of a number holds its sign alone.
    if (scale === 2 ** 63) return byte & 1 ? negative(cursor) : value;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  throw noMessage(cursor.at);
}

/** Two's complement, in the ten bytes before the cursor. */
function negative({ bytes, at }: Cursor): number {
  let value = 0n;
  for (let i = 1; i <= 10; i++) value = (value << 7n) | BigInt(bytes[at - i]! & 127);
  return Number(BigInt.asIntN(64, value));
}

const noMessage = (at: number): FanfareError =>
  new FanfareError('BadModel', `the model is no ONNX file: its protobuf cannot be read at byte ${at}`);
