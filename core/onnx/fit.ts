import type { Column, Frame, FrameColumn } from '../tables/batch.ts';
import { type Feed, feedColumn } from './bind.ts';
import type { ElementType } from './model.ts';

export interface UnfitRow {
  readonly row: number;
  readonly column: string;
  /** Why the model cannot take the value, to be read by people. */
  readonly reason: string;
}

/**
 * The first reason against each row that the model cannot take, ascending by row; empty where all fit. Missing values
 * fit float inputs (NaN), string inputs ('') and times.
 */
export function unfitRows(feeds: readonly Feed[], batch: Frame): readonly UnfitRow[] {
  const found = new Map<number, UnfitRow>();
  for (const feed of feeds)
    for (const column of feed.columns) {
      const reasonOf = fitCheck(feedColumn(batch, feed, column), feed.type);
      if (!reasonOf) continue;
      for (let row = 0; row < batch.rows; row++) {
        const reason = reasonOf(row);
        if (reason && !found.has(row)) found.set(row, { row, column, reason });
      }
    }
  return [...found.values()].sort((a, b) => a.row - b.row);
}

/**
 * What refuses a row's value, or undefined where every value of the column fits. Nothing may be lost on the way to the
 * model, but for one thing: a float32 input rounds floats, since that is what its model was trained on.
 */
function fitCheck(column: FrameColumn, type: ElementType): ((row: number) => string | undefined) | undefined {
  if (column.type === 'tensor') return undefined;
  const missing = missingCheck(column, type);
  const range = rangeOf(column, type);
  if (!missing && (!range || holdsAll(column, range))) return undefined;
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

/** Whether a column of integers lies within the range, without a BigInt a value: those are allocated one by one. */
function holdsAll(column: Column, { most }: Range): boolean {
  if (column.type !== 'integer') return false;
  const { values } = column;
  if (values instanceof Int32Array) {
    for (let row = 0; row < values.length; row++) if (Math.abs(values[row]!) > most) return false;
    return true;
  }
  const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  for (let row = 0; row < values.length; row++)
    if (Math.abs(halves[2 * row + 1]! * 2 ** 32 + (halves[2 * row]! >>> 0)) > most) return false;
  return true;
}
