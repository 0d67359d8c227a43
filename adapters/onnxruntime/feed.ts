import { Tensor } from 'onnxruntime-node';
import { type Feed, feedColumn } from '../../core/onnx/bind.ts';
import { type Encoder, encodeWords } from '../../core/onnx/cut.ts';
import { fillRows, type NumberColumn, type Numbers } from '../../core/onnx/fill.ts';
import { FloatMatrix } from '../../core/onnx/float-matrix.ts';
import type { ElementType } from '../../core/onnx/model.ts';
import { type Frame, type FrameColumn, sizeOf, type TensorColumn } from '../../core/tables/batch.ts';

/** Rows a run of the session: what keeps the intermediate values of a small network in the second cache. */
export const sliceRows = 4096;

/** What a model's inputs are filled in, slice after slice: a model runs one slice at a time. */
export type Buffers = Map<string, Numbers | FloatMatrix>;

/** The tensors of rows `start` to `end`, by input or encoder; a tensor is made when it is asked for. */
export function feeding(
  feeds: readonly Feed[],
  encoders: readonly Encoder[],
  batch: Frame,
  buffers: Buffers,
): (start: number, end: number) => (name: string) => Tensor {
  // Two matrices would be made at one place of a room.
  const inRoom = feeds.filter(isMatrix).length === 1;
  const makers = new Map(
    feeds.map((feed) => {
      const columns = feed.columns.map((name) => feedColumn(batch, feed, name));
      return [feed.input, tensorMaker(feed, columns, buffers, inRoom)] as const;
    }),
  );
  for (const encoder of encoders) {
    const feed = feeds.find(({ input }) => input === encoder.input)!;
    const column = stringsOf(feedColumn(batch, feed, feed.columns[0]!));
    makers.set(encoder.output, encodedMaker(column, encoder));
  }
  return (start, end) => (name) => makers.get(name)!(start, end);
}

type Maker = (start: number, end: number) => Tensor;

const isMatrix = ({ type, columns }: Feed): boolean => type === 'float32' && columns.length > 1;

function tensorMaker(feed: Feed, columns: readonly FrameColumn[], buffers: Buffers, inRoom: boolean): Maker {
  const { input, type, layout } = feed;
  const width = columns.length;
  const dims = (rows: number) => (layout === 'vector' ? [rows] : [rows, width]);
  const [first] = columns;
  if (first?.type === 'tensor') return (start, end) => tensorTensor(first, start, end);
  if (type === 'string') {
    const strings = columns.map(stringsOf);
    return (start, end) => new Tensor('string', wordsOf(strings, start, end), dims(end - start));
  }
  const numbers = columns.map(numbersIn);
  if (isMatrix(feed)) {
    const matrix = matrixOf(buffers, input, width);
    return (start, end) => new Tensor('float32', matrix.fill(numbers, start, end, inRoom), dims(end - start));
  }
  return (start, end) => {
    const buffer = bufferOf(buffers, input, type, width);
    fillRows(buffer, numbers, start, end);
    return new Tensor(type, buffer.subarray(0, (end - start) * width) as never, dims(end - start)) as Tensor;
  };
}

function matrixOf(buffers: Buffers, input: string, width: number): FloatMatrix {
  const held = buffers.get(input);
  if (held instanceof FloatMatrix && held.width === width) return held;
  const made = new FloatMatrix(width, sliceRows);
  buffers.set(input, made);
  return made;
}

function bufferOf(
  buffers: Buffers,
  input: string,
  type: Exclude<ElementType, 'string'>,
  width: number,
): Numbers {
  const length = sliceRows * width;
  const held = buffers.get(input);
  if (held && !(held instanceof FloatMatrix) && held.length === length) return held;
  const made = emptyValues[type](length);
  buffers.set(input, made);
  return made;
}

export const emptyValues = {
  float32: (length: number) => new Float32Array(length),
  float64: (length: number) => new Float64Array(length),
  int64: (length: number) => new BigInt64Array(length),
  int32: (length: number) => new Int32Array(length),
  bool: (length: number) => new Uint8Array(length),
} as const;

function tensorTensor({ shape, values }: TensorColumn, start: number, end: number): Tensor {
  const size = sizeOf(shape);
  return new Tensor('float32', values.subarray(start * size, end * size), [end - start, ...shape]);
}

type Strings = Extract<FrameColumn, { type: 'string' }>;

function stringsOf(column: FrameColumn): Strings {
  if (column.type === 'string') return column;
  throw new TypeError(`a string input takes no ${column.type} column: bindInputs was not asked`);
}

function numbersIn(column: FrameColumn): NumberColumn {
  if (column.type !== 'string' && column.type !== 'tensor') return column;
  throw new TypeError(`an input of numbers takes no ${column.type} column: bindInputs was not asked`);
}

/** A missing value is the empty word. */
function wordsOf(columns: readonly Strings[], start: number, end: number): string[] {
  const out = new Array<string>((end - start) * columns.length);
  for (let row = start, at = 0; row < end; row++)
    for (const { codes, dictionary, valid } of columns)
      out[at++] = valid?.[row] === 0 ? '' : dictionary[codes[row]!]!;
  return out;
}

/** A string column by the values of its dictionary's words. */
function encodedMaker({ codes, valid, dictionary }: Strings, encoder: Encoder): Maker {
  const values = encodeWords(encoder, dictionary);
  const [missing] = encodeWords(encoder, ['']);
  return (start, end) => {
    const rows = end - start;
    const isFloat = values instanceof Float32Array;
    const out = isFloat ? new Float32Array(rows) : new BigInt64Array(rows);
    for (let i = 0; i < rows; i++) out[i] = valid?.[start + i] === 0 ? missing! : values[codes[start + i]!]!;
    return new Tensor(
      isFloat ? 'float32' : 'int64',
      out as never,
      encoder.isMatrix ? [rows, 1] : [rows],
    ) as Tensor;
  };
}
