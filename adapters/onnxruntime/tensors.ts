import { Tensor } from 'onnxruntime-node';
import { type ElementType, missingTime } from '../../core/onnx/model.ts';
import type { Column } from '../../core/tables/batch.ts';

/** Rows `start` to `end` of a column as a vector; the values must fit (`fitCheck`). Missing: NaN, '' or `missingTime`. */
export function vectorTensor(column: Column, type: ElementType, start: number, end: number): Tensor {
  const length = end - start;
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

/** Rows `start` to `end` of the columns as a float matrix, a row after the other. */
export function matrixTensor(columns: readonly Column[], start: number, end: number): Tensor {
  const width = columns.length;
  const values = new Float32Array((end - start) * width);
  columns.forEach((column, at) => {
    if (column.type === 'string')
      throw new TypeError('a matrix takes no string column: modelColumn was not asked');
    const column64 = numbers(column, start, end);
    for (let i = 0; i < column64.length; i++) values[i * width + at] = column64[i]!;
  });
  return new Tensor('float32', values, [end - start, width]);
}

function words(column: Extract<Column, { type: 'string' }>, start: number, end: number): string[] {
  const { codes, dictionary, valid } = column;
  const out = new Array<string>(end - start);
  for (let row = start; row < end; row++)
    out[row - start] = valid?.[row] === 0 ? '' : dictionary[codes[row]!]!;
  return out;
}

type NumericColumn = Exclude<Column, { type: 'string' }>;

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
  const missing = type === 'timestamp' ? missingTime : 0n;
  const out = new BigInt64Array(end - start);
  for (let row = start; row < end; row++) {
    const value = values[row]!;
    const present = valid?.[row] !== 0 && !Number.isNaN(value);
    out[row - start] = present ? BigInt(Math.floor(value)) : missing;
  }
  return out;
}
