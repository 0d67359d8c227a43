import type { Scalar } from '../contracts/names.ts';
import type { Target } from '../contracts/spec.ts';
import type { Task } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';
import { type Column, columnOf, type Frame } from '../tables/batch.ts';
import { numbersOf } from '../tables/slice.ts';

/**
 * A label a row: the place of its class in the task's, or its number; NaN where it has none. `MissingInput` if the batch
 * lacks the target's column, `BadTable` if a value is no class of the task, or infinite, `InvalidSpec` if the comparison
 * does not fit its type.
 */
export function labelsOf(batch: Frame, target: Target, task: Task): Float64Array {
  const column = columnOf(batch, target.column);
  if (!column || column.type === 'tensor') {
    const names = batch.fields.map((field) => field.name).join(', ');
    throw new FanfareError('MissingInput', `target: no column "${target.column}"; there are ${names}`);
  }
  switch (target.kind) {
    case 'above':
      return compare(numbers(column, target), (value) => value > target.above);
    case 'equals':
      return column.type === 'string'
        ? equalWords(column, target.equals, target.column)
        : compare(numbers(column, target), equalTo(column, target));
    case 'column':
      if (task.kind === 'regression') return quantities(numbers(column, target), target.column);
      return column.type === 'string'
        ? wordClasses(column, task.classes, target.column)
        : numberClasses(numbersOf(column), task.classes, target.column);
  }
}

/** The places of rows that have a label, ascending. */
export function labelledRows(labels: Float64Array): Int32Array {
  const rows = new Int32Array(labels.length);
  let count = 0;
  for (let row = 0; row < labels.length; row++) if (!Number.isNaN(labels[row]!)) rows[count++] = row;
  return rows.subarray(0, count);
}

function numbers(column: Column, target: Target): Float64Array {
  if (column.type !== 'string') return numbersOf(column);
  throw new FanfareError(
    'InvalidSpec',
    `target: column "${target.column}" holds strings, numbers are needed`,
  );
}

function compare(values: Float64Array, isTrue: (value: number) => boolean): Float64Array {
  return labelled(values.length, (row) => {
    const value = values[row]!;
    return Number.isNaN(value) ? Number.NaN : Number(isTrue(value));
  });
}

function equalTo(column: Column, target: Extract<Target, { kind: 'equals' }>): (value: number) => boolean {
  const wanted = target.equals;
  const fits = column.type === 'boolean' ? typeof wanted !== 'string' : typeof wanted === 'number';
  if (fits) return (value) => value === Number(wanted);
  const given = JSON.stringify(wanted);
  throw new FanfareError(
    'InvalidSpec',
    `target: column "${target.column}" holds ${column.type} values and cannot equal ${given}`,
  );
}

function equalWords(
  column: Extract<Column, { type: 'string' }>,
  wanted: string | number | boolean,
  name: string,
): Float64Array {
  if (typeof wanted !== 'string') {
    throw new FanfareError(
      'InvalidSpec',
      `target: column "${name}" holds strings and cannot equal ${JSON.stringify(wanted)}; quote it`,
    );
  }
  const isWanted = column.dictionary.map((word) => Number(word === wanted));
  return labelled(column.codes.length, (row) =>
    column.valid?.[row] === 0 ? Number.NaN : (isWanted[column.codes[row]!] ?? 0),
  );
}

function quantities(values: Float64Array, name: string): Float64Array {
  return labelled(values.length, (row) => {
    const value = values[row]!;
    if (Number.isNaN(value) || Math.abs(value) < Number.POSITIVE_INFINITY) return value;
    throw new FanfareError('BadTable', `target: column "${name}" holds ${value}; a finite number is needed`);
  });
}

function numberClasses(values: Float64Array, classes: readonly Scalar[], name: string): Float64Array {
  const places = new Map(classes.map((each, place) => [Number(each), place]));
  return labelled(values.length, (row) => {
    const value = values[row]!;
    return Number.isNaN(value) ? value : (places.get(value) ?? refuseClass(value, classes, name));
  });
}

function wordClasses(
  { codes, dictionary, valid }: Extract<Column, { type: 'string' }>,
  classes: readonly Scalar[],
  name: string,
): Float64Array {
  const places = dictionary.map((word) => (word === '' ? Number.NaN : classes.indexOf(word)));
  return labelled(codes.length, (row) => {
    if (valid?.[row] === 0) return Number.NaN;
    const place = places[codes[row]!]!;
    return place === -1 ? refuseClass(dictionary[codes[row]!]!, classes, name) : place;
  });
}

function refuseClass(value: Scalar, classes: readonly Scalar[], name: string): never {
  const known = classes.slice(0, 10).map((each) => JSON.stringify(each));
  const more = classes.length > known.length ? ` and ${classes.length - known.length} more` : '';
  throw new FanfareError(
    'BadTable',
    `target: column "${name}" holds ${typeof value === 'string' ? JSON.stringify(value) : value}, which is none of the classes ${known.join(', ')}${more}`,
  );
}

/** A label a row; several times as fast as `Float64Array.from`. */
function labelled(rows: number, labelOf: (row: number) => number): Float64Array {
  const labels = new Float64Array(rows);
  for (let row = 0; row < rows; row++) labels[row] = labelOf(row);
  return labels;
}
