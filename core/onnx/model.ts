import { FanfareError } from '../errors.ts';
import { type Column, columnOf, type Frame, type FrameColumn } from '../tables/batch.ts';

/** A loaded model: it takes a batch's columns by name and gives a value (or a fixed number of them) a row. */
export interface Model {
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
  /**
   * Values in the order of the rows; an output of shape [N, K] comes row by row. `MissingInput` if a column or output is
   * not there, `BadTable` if a column's type or a value does not fit (see `unfitRows`).
   */
  run(batch: Frame, outputs: readonly string[]): Promise<Readonly<Record<string, ModelValues>>>;
  release(): Promise<void>;
}

export interface ModelPort {
  readonly name: string;
  readonly type: ElementType;
  /** Of a row, where it is no single value: a number or a name a dimension. */
  readonly shape?: readonly (number | string)[];
}

export const elementTypes = ['float32', 'float64', 'int64', 'int32', 'bool', 'string'] as const;
export type ElementType = (typeof elementTypes)[number];

export type ModelValues = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | string[];

/** The least int64: what an int64 input that takes times holds where the time is missing. */
export const missingTime = -(2n ** 63n);

export interface UnfitRow {
  readonly row: number;
  readonly column: string;
  /** Why the model cannot take the value, to be read by people. */
  readonly reason: string;
}

/**
 * The first reason against each row that the model cannot take, ascending by row; empty where all fit. Missing values
 * fit float inputs (NaN), string inputs ('') and times. `MissingInput` and `BadTable` as in `Model.run`.
 */
export function unfitRows(inputs: readonly ModelPort[], batch: Frame): readonly UnfitRow[] {
  const found = new Map<number, UnfitRow>();
  for (const input of inputs) {
    const reasonOf = fitCheck(modelColumn(batch, input), input.type);
    if (!reasonOf) continue;
    for (let row = 0; row < batch.rows; row++) {
      const reason = reasonOf(row);
      if (reason && !found.has(row)) found.set(row, { row, column: input.name, reason });
    }
  }
  return [...found.values()].sort((a, b) => a.row - b.row);
}

/** The batch's column for an input. */
export function modelColumn(batch: Frame, { name, type, shape }: ModelPort): FrameColumn {
  const column = columnOf(batch, name);
  if (!column) {
    const names = batch.fields.map((field) => field.name).join(', ');
    throw new FanfareError('MissingInput', `the model needs column "${name}"; the table has ${names}`);
  }
  if (column.type === 'tensor' || shape !== undefined) return tensorColumn(column, { name, type, shape });
  if ((column.type === 'string') === (type === 'string') && (type !== 'bool' || column.type === 'boolean')) {
    return column;
  }
  throw new FanfareError(
    'BadTable',
    `column "${name}" holds ${column.type} values, the model takes ${type}: they cannot be converted`,
  );
}

/** A tensor is taken by an input of its shape. */
function tensorColumn(column: FrameColumn, { name, type, shape = [] }: Loose<ModelPort>): FrameColumn {
  const given = column.type === 'tensor' ? column.shape : [];
  const fits =
    given.length === shape.length &&
    shape.every((side, at) => typeof side === 'string' || side === given[at]) &&
    type === 'float32';
  if (fits) return column;
  throw new FanfareError(
    'BadTable',
    `column "${name}" holds ${column.type} values [${given.join(', ')}] a row, the model takes ${type} [${shape.join(', ')}]`,
  );
}

type Loose<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/**
 * What refuses a row's value, or undefined where every value of the column fits. Nothing may be lost on the way to the
 * model, but for one thing: a float32 input rounds floats, since that is what its model was trained on.
 */
export function fitCheck(
  column: FrameColumn,
  type: ElementType,
): ((row: number) => string | undefined) | undefined {
  if (column.type === 'tensor') return undefined;
  const missing = missingCheck(column, type);
  const range = rangeOf(column, type);
  if (!missing && !range) return undefined;
  const { valid } = column;
  return (row) => {
    if (missing && (valid?.[row] === 0 || isNaNAt(column, row))) return missing;
    if (!range || valid?.[row] === 0 || column.type === 'string') return undefined;
    const value = Number(column.values[row]);
    if (Math.abs(value) <= range.most && (!range.whole || Number.isInteger(value))) return undefined;
    return `${String(column.values[row])} is no ${type}`;
  };
}

const isNaNAt = (column: Column, row: number): boolean =>
  column.type === 'float' && Number.isNaN(column.values[row]);

function missingCheck(column: Column, type: ElementType): string | undefined {
  if (type === 'float32' || type === 'float64' || type === 'string') return undefined;
  if (column.type === 'timestamp' && type === 'int64') return undefined;
  if (!column.valid && column.type !== 'float') return undefined;
  return `it is missing, and the model takes no missing ${type}`;
}

interface Range {
  readonly most: number;
  readonly whole: boolean;
}

/** The numbers of a column type that a model's type cannot hold. */
function rangeOf(column: Column, type: ElementType): Range | undefined {
  switch (column.type) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'integer':
      return integerRange(column, type);
    case 'timestamp':
      // A time is a whole number of milliseconds to a model; fractions are cut as in training.
      return type === 'float64' || type === 'int64'
        ? undefined
        : { most: type === 'int32' ? 2 ** 31 - 1 : 2 ** 24, whole: false };
    case 'float':
      if (type === 'float32' || type === 'float64') return undefined;
      return { most: type === 'int32' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER, whole: true };
  }
}

function integerRange(column: Extract<Column, { type: 'integer' }>, type: ElementType): Range | undefined {
  if (type === 'float32') return { most: 2 ** 24, whole: true };
  if (column.values instanceof Int32Array || type === 'int64') return undefined;
  return { most: type === 'int32' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER, whole: true };
}
