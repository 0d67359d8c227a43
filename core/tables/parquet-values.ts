import type { SchemaElement } from 'hyparquet';
import type { FieldType, Floats } from './batch.ts';
import { millisOf, numbersOf64 } from './integers.ts';
import type { Physical } from './parquet-page.ts';
import type { Words } from './words.ts';

/** Values of a column without the missing ones, in the form that our columns hold. */
export type Values = Floats | Int32Array | BigInt64Array | Uint8Array;

/**
 * From Parquet's physical values to ours: a timestamp to milliseconds (cut off, towards the past), a decimal to the
 * nearest double, a text to its code in `words`.
 */
export function convert(body: Physical, element: SchemaElement, type: FieldType, words: Words): Values {
  switch (body.kind) {
    case 'codes':
      throw new RangeError('codes without a dictionary');
    case 'booleans':
      return body.values;
    case 'wide':
      return Float64Array.from(body.values, millisOfInt96);
    case 'bytes':
      return convertBytes(body.values, element, type, words);
    case 'numbers':
      return convertNumbers(body.values, element, type);
  }
}

function convertBytes(
  values: readonly Uint8Array[],
  element: SchemaElement,
  type: FieldType,
  words: Words,
): Values {
  if (type === 'string') {
    const codes = new Int32Array(values.length);
    for (let i = 0; i < codes.length; i++) codes[i] = words.code(values[i]!, 0, values[i]!.length);
    return codes;
  }
  if (element.logical_type?.type === 'FLOAT16') return Float64Array.from(values, float16Of);
  const scale = scaleOf(element);
  return Float64Array.from(values, (value) => unscaled(bigEndian(value), scale));
}

type Numbers = Int32Array | BigInt64Array | Float32Array | Float64Array;

function convertNumbers(values: Numbers, element: SchemaElement, type: FieldType): Values {
  const isDecimal = element.converted_type === 'DECIMAL' || element.logical_type?.type === 'DECIMAL';
  if (isDecimal && (values instanceof Int32Array || values instanceof BigInt64Array)) {
    const scale = scaleOf(element);
    return Float64Array.from(values as Iterable<number | bigint>, (value) => unscaled(BigInt(value), scale));
  }
  if (type === 'timestamp') {
    if (values instanceof BigInt64Array) return millisOf(values, ticksPerMilli(element));
    return Float64Array.from(values as Int32Array, (days) => days * 86_400_000);
  }
  if (type === 'float')
    return values instanceof BigInt64Array
      ? numbersOf64(values)
      : values instanceof Int32Array
        ? Float64Array.from(values)
        : values;
  if (isUnsigned64(element) && values instanceof BigInt64Array && values.some((value) => value < 0n)) {
    throw new RangeError('an unsigned integer above 2^63 - 1');
  }
  if (values instanceof Int32Array)
    return isUnsigned32(element) ? BigInt64Array.from(values, (v) => BigInt(v >>> 0)) : values;
  return values as BigInt64Array;
}

const isUnsigned64 = (element: SchemaElement): boolean =>
  element.converted_type === 'UINT_64' ||
  (element.logical_type?.type === 'INTEGER' &&
    !element.logical_type.isSigned &&
    element.logical_type.bitWidth === 64);

export const isUnsigned32 = (element: SchemaElement): boolean =>
  element.converted_type === 'UINT_32' ||
  (element.logical_type?.type === 'INTEGER' &&
    !element.logical_type.isSigned &&
    element.logical_type.bitWidth === 32);

function ticksPerMilli({ logical_type: logical, converted_type: converted }: SchemaElement): number {
  const unit = logical?.type === 'TIMESTAMP' ? logical.unit : undefined;
  if (unit === 'NANOS') return 1_000_000;
  return unit === 'MICROS' || converted === 'TIMESTAMP_MICROS' ? 1000 : 1;
}

const scaleOf = (element: SchemaElement): number =>
  element.logical_type?.type === 'DECIMAL' ? element.logical_type.scale : (element.scale ?? 0);

/** Through its decimal text, so that the double is the nearest one. */
const unscaled = (value: bigint, scale: number): number => Number(`${value}e${-scale}`);

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}

function float16Of(bytes: Uint8Array): number {
  const bits = bytes[0]! | (bytes[1]! << 8);
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** INT96: nanoseconds of the day in the low 64 bits, the Julian day in the high 32. */
function millisOfInt96(value: bigint): number {
  const day = Number(value >> 64n) - 2_440_588;
  return day * 86_400_000 + Number(BigInt.asUintN(64, value) / 1_000_000n);
}
