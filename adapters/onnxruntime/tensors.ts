import { Tensor } from 'onnxruntime-node';
import { type Encoder, encodeWords } from '../../core/onnx/cut.ts';
import { type ElementType, missingTime } from '../../core/onnx/model.ts';
import { type FrameColumn, sizeOf, type TensorColumn } from '../../core/tables/batch.ts';
import { integersOf } from '../../core/tables/integers.ts';

/** Rows `start` to `end` of a column as a vector; the values must fit (`fitCheck`). Missing: NaN, '' or `missingTime`. */
export function vectorTensor(column: FrameColumn, type: ElementType, start: number, end: number): Tensor {
  const length = end - start;
  if (column.type === 'tensor') return tensorTensor(column, start, end);
  if (column.type === 'string') return new Tensor('string', words(column, start, end), [length]);
  switch (type) {
    case 'string':
      throw new TypeError('a string input takes a string column: modelColumn was not asked');
    case 'float32':
      return new Tensor('float32', Float32Array.from(numbers(column, start, end)), [length]);
    case 'float64':
      return new Tensor('float64', numbers(column, start, end), [length]);
    case 'int32':
      return new Tensor('int32', Int32Array.from(numbers(column, start, end)), [length]);
    case 'bool':
      return new Tensor('bool', Uint8Array.from(numbers(column, start, end)), [length]);
    case 'int64':
      return new Tensor('int64', wholeNumbers(column, start, end), [length]);
  }
}

function tensorTensor({ shape, values }: TensorColumn, start: number, end: number): Tensor {
  const size = sizeOf(shape);
  return new Tensor('float32', values.subarray(start * size, end * size), [end - start, ...shape]);
}

/** Rows `start` to `end` of the columns as a float matrix, a row after the other. */
export function matrixTensor(columns: readonly FrameColumn[], start: number, end: number): Tensor {
  const width = columns.length;
  const values = new Float32Array((end - start) * width);
  columns.forEach((column, at) => {
    if (column.type === 'string' || column.type === 'tensor')
      throw new TypeError(`a matrix takes no ${column.type} column: modelColumn was not asked`);
    const column64 = numbers(column, start, end);
    for (let i = 0; i < column64.length; i++) values[i * width + at] = column64[i]!;
  });
  return new Tensor('float32', values, [end - start, width]);
}

/** A string column by the values of its dictionary's words. */
export interface EncodedColumn {
  readonly codes: Int32Array;
  readonly valid: Uint8Array | null;
  readonly values: Float32Array | BigInt64Array;
  /** Of a missing value, which is the empty word to a model. */
  readonly missing: number | bigint;
}

export function encodeColumn(column: FrameColumn, encoder: Encoder): EncodedColumn {
  if (column.type !== 'string')
    throw new TypeError('an encoder takes a string column: modelColumn was not asked');
  const { codes, valid, dictionary } = column;
  return { codes, valid, values: encodeWords(encoder, dictionary), missing: encodeWords(encoder, [''])[0]! };
}

/** Rows `start` to `end` as a vector. */
export function encodedTensor(column: EncodedColumn, start: number, end: number): Tensor {
  const { codes, valid, values, missing } = column;
  const length = end - start;
  const isFloat = values instanceof Float32Array;
  const out = isFloat ? new Float32Array(length) : new BigInt64Array(length);
  for (let i = 0; i < length; i++) out[i] = valid?.[start + i] === 0 ? missing : values[codes[start + i]!]!;
  return new Tensor(isFloat ? 'float32' : 'int64', out, [length]);
}

function words(column: Extract<FrameColumn, { type: 'string' }>, start: number, end: number): string[] {
  const { codes, dictionary, valid } = column;
  const out = new Array<string>(end - start);
  for (let row = start; row < end; row++)
    out[row - start] = valid?.[row] === 0 ? '' : dictionary[codes[row]!]!;
  return out;
}

type NumericColumn = Exclude<FrameColumn, { type: 'string' | 'tensor' }>;

function numbers({ values, valid }: NumericColumn, start: number, end: number): Float64Array {
  const out = new Float64Array(end - start);
  for (let row = start; row < end; row++) {
    out[row - start] = valid?.[row] === 0 ? Number.NaN : Number(values[row]);
  }
  return out;
}

function wholeNumbers(column: NumericColumn, start: number, end: number): BigInt64Array {
  const { type, values, valid } = column;
  if (values instanceof BigInt64Array) return values.slice(start, end);
  const own = values.subarray(start, end);
  const out = integersOf(own);
  const missing = type === 'timestamp' ? missingTime : 0n;
  for (let i = 0; i < own.length; i++) if (valid?.[start + i] === 0 || Number.isNaN(own[i])) out[i] = missing;
  return out;
}
