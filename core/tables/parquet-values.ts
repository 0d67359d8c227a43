import type { SchemaElement } from 'hyparquet';
import type { FieldType, Floats } from './batch.ts';
import { millisOf, numbersOf64 } from './integers.ts';

/** Values of a column in the form that our columns hold: floats, milliseconds, integers, booleans, codes of words. */
export type Values = Floats | Int32Array | BigInt64Array | Uint8Array;

/** Parquet's physical numbers, as they stand in a page. */
export type Numbers = Int32Array | BigInt64Array | Float32Array | Float64Array;

/** How a column of that element is held as a field of that type; strings by their codes. */
export function allocate(element: SchemaElement, type: FieldType, length: number): Values {
  switch (type) {
    case 'float':
      return element.type === 'FLOAT' ? new Float32Array(length) : new Float64Array(length);
    case 'timestamp':
      return new Float64Array(length);
    case 'boolean':
      return new Uint8Array(length);
    case 'string':
      return new Int32Array(length);
    case 'integer':
      return element.type === 'INT32' && !isUnsigned(element, 32)
        ? new Int32Array(length)
        : new BigInt64Array(length);
  }
}

/** Whether the physical numbers are what we hold. */
export function isHeld(element: SchemaElement, type: FieldType): boolean {
  if (type === 'float') return element.type === 'FLOAT' || element.type === 'DOUBLE';
  return type === 'integer' && !isUnsigned(element, 32) && !isUnsigned(element, 64);
}

/**
 * From Parquet's physical numbers to ours: a timestamp to milliseconds (cut off, towards the past), a decimal to the
 * nearest double.
 */
export function convertNumbers(values: Numbers, element: SchemaElement, type: FieldType): Values {
  if (isHeld(element, type)) return values;
  if (isDecimal(element)) {
    const scale = scaleOf(element);
    if (values instanceof BigInt64Array) return decimals64(values, scale);
    return Float64Array.from(values, (value) => decimal(value, scale));
  }
  if (type === 'timestamp') {
    if (values instanceof BigInt64Array) return millisOf(values, ticksPerMilli(element));
    return Float64Array.from(values, (days) => days * 86_400_000);
  }
  if (values instanceof BigInt64Array) {
    if (isUnsigned(element, 64) && values.some((value) => value < 0n))
      throw new RangeError('an unsigned integer above 2^63 - 1');
    return type === 'float' ? numbersOf64(values) : values;
  }
  if (isUnsigned(element, 32)) {
    const whole = Uint32Array.from(values);
    return type === 'float' ? Float64Array.from(whole) : BigInt64Array.from(whole, BigInt);
  }
  return Float64Array.from(values);
}

/** A value of so many bytes at `at`: a decimal's unscaled integer, big endian; half a float; or an INT96. */
export function convertFixed(
  element: SchemaElement,
  bytes: Uint8Array,
): (at: number, length: number) => number {
  if (element.type === 'INT96') return (at) => millisOfInt96(bytes, at);
  if (element.logical_type?.type === 'FLOAT16') return (at) => float16Of(bytes, at);
  const scale = scaleOf(element);
  return (at, length) => decimalOfBytes(bytes, at, length, scale);
}

const isDecimal = (element: SchemaElement): boolean =>
  element.converted_type === 'DECIMAL' || element.logical_type?.type === 'DECIMAL';

const isUnsigned = (element: SchemaElement, bits: 32 | 64): boolean =>
  element.converted_type === `UINT_${bits}` ||
  (element.logical_type?.type === 'INTEGER' &&
    !element.logical_type.isSigned &&
    element.logical_type.bitWidth === bits);

function ticksPerMilli({ logical_type: logical, converted_type: converted }: SchemaElement): number {
  const unit = logical?.type === 'TIMESTAMP' ? logical.unit : undefined;
  if (unit === 'NANOS') return 1_000_000;
  return unit === 'MICROS' || converted === 'TIMESTAMP_MICROS' ? 1000 : 1;
}

const scaleOf = (element: SchemaElement): number =>
  element.logical_type?.type === 'DECIMAL' ? element.logical_type.scale : (element.scale ?? 0);

/** Both the integer and the power of ten are exact, so that their quotient is the nearest double. */
const decimal = (unscaled: number, scale: number): number =>
  scale <= 22 ? unscaled / 10 ** scale : Number(`${unscaled}e${-scale}`);

/** Through its decimal text, so that the double is the nearest one. */
const longDecimal = (unscaled: bigint, scale: number): number => Number(`${unscaled}e${-scale}`);

function decimals64(values: BigInt64Array, scale: number): Float64Array {
  const numbers = numbersOf64(values);
  for (let i = 0; i < numbers.length; i++) {
    const isExact = Number.isSafeInteger(numbers[i]);
    numbers[i] = isExact ? decimal(numbers[i]!, scale) : longDecimal(values[i]!, scale);
  }
  return numbers;
}

function decimalOfBytes(bytes: Uint8Array, at: number, length: number, scale: number): number {
  if (length === 0) return 0;
  // Six bytes are exact in a double; those before them most often only carry the sign.
  const end = at + length;
  const negative = bytes[at]! >= 128;
  const low = Math.max(at, end - 6);
  let carries = true;
  for (let i = at; i < low; i++) if (bytes[i] !== (negative ? 255 : 0)) carries = false;
  if (carries) {
    let value = 0;
    for (let i = low; i < end; i++) value = value * 256 + bytes[i]!;
    return decimal(negative ? value - 256 ** (end - low) : value, scale);
  }
  let value = 0n;
  for (let i = at; i < end; i++) value = (value << 8n) | BigInt(bytes[i]!);
  return longDecimal(BigInt.asIntN(8 * length, value), scale);
}

function float16Of(bytes: Uint8Array, at: number): number {
  const bits = bytes[at]! | (bytes[at + 1]! << 8);
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** INT96: nanoseconds of the day in the low 64 bits, the Julian day in the high 32. */
function millisOfInt96(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 12);
  const day = view.getInt32(8, true) - 2_440_588;
  // Each step is exact: a day has less than 2^47 nanoseconds.
  const nanos = view.getInt32(4, true) * 2 ** 32 + view.getUint32(0, true);
  return day * 86_400_000 + Math.floor(nanos / 1_000_000);
}
