import { FanfareError } from '../errors.ts';
import type { Batch, Column, Floats, HeldColumn } from './batch.ts';
import { validityOf } from './cells.ts';
import { numbersOf64 } from './integers.ts';

/** Rows `start` to `end` (exclusive), as views on the batch. */
export function sliceRows<Kind extends HeldColumn>(
  batch: Batch<Kind>,
  start: number,
  end: number,
): Batch<Kind> {
  if (start === 0 && end === batch.rows) return batch;
  const columns = batch.columns.map((column: HeldColumn): HeldColumn => {
    if (column.type === 'bytes') return { ...column, values: column.values.slice(start, end) };
    if (column.type !== 'tensor') return sliceColumn(column, start, end);
    const size = column.values.length / Math.max(1, batch.rows);
    return { ...column, values: column.values.subarray(start * size, end * size) };
  });
  return { rows: end - start, fields: batch.fields, columns: columns as Kind[] };
}

/** Rows `start` to `end` (exclusive), as a view on the column. */
export function sliceColumn(column: Column, start: number, end: number): Column {
  const part = column.valid?.subarray(start, end) ?? null;
  const valid = part === null ? null : validityOf(part);
  if (column.type === 'string') return { ...column, codes: column.codes.subarray(start, end), valid };
  return { ...column, values: column.values.subarray(start, end), valid } as Column;
}

/** The rows at those places, in that order; a place may stand twice. Always a copy. */
export function takeRows<Kind extends HeldColumn>(batch: Batch<Kind>, rows: Int32Array): Batch<Kind> {
  const columns = batch.columns.map((column: HeldColumn): HeldColumn => {
    if (column.type === 'bytes') return { ...column, values: Array.from(rows, (row) => column.values[row]!) };
    if (column.type === 'tensor') {
      return {
        ...column,
        values: takeTensors(column.values, rows, column.values.length / Math.max(1, batch.rows)),
      };
    }
    const valid =
      column.valid === null ? null : validityOf(takeNumbers(column.valid, rows, new Uint8Array(rows.length)));
    if (column.type === 'string') {
      return { ...column, codes: takeNumbers(column.codes, rows, new Int32Array(rows.length)), valid };
    }
    return { ...column, values: takeValues(column.values, rows), valid } as Column;
  });
  return { rows: rows.length, fields: batch.fields, columns: columns as Kind[] };
}

function takeTensors(from: Float32Array, rows: Int32Array, size: number): Float32Array {
  const taken = new Float32Array(rows.length * size);
  for (let i = 0; i < rows.length; i++)
    taken.set(from.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
  return taken;
}

/** The places whose value passes: `takeRows(batch, placesWhere(sides, (side) => side === 0))` is the training side. */
export function placesWhere(values: Uint8Array, passes: (value: number) => boolean): Int32Array {
  const places = new Int32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (passes(values[i]!)) places[count++] = i;
  return places.subarray(0, count);
}

type Values = Exclude<Column, { type: 'string' }>['values'];

function takeValues(values: Values, rows: Int32Array): Values {
  if (values instanceof Float64Array) return takeNumbers(values, rows, new Float64Array(rows.length));
  if (values instanceof Float32Array) return takeNumbers(values, rows, new Float32Array(rows.length));
  if (values instanceof Int32Array) return takeNumbers(values, rows, new Int32Array(rows.length));
  if (values instanceof Uint8Array) return takeNumbers(values, rows, new Uint8Array(rows.length));
  // 64-bit integers go as halves, since a BigInt a value is slow.
  const from = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const taken = new BigInt64Array(rows.length);
  const to = new Int32Array(taken.buffer);
  for (let i = 0; i < rows.length; i++) {
    to[2 * i] = from[2 * rows[i]!]!;
    to[2 * i + 1] = from[2 * rows[i]! + 1]!;
  }
  return taken;
}

function takeNumbers<T extends Floats | Int32Array | Uint8Array>(from: T, rows: Int32Array, to: T): T {
  for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!;
  return to;
}

/** Those columns, in that order. `MissingInput` for a name that the batch lacks. */
export function selectColumns<Kind extends HeldColumn>(
  batch: Batch<Kind>,
  names: readonly string[],
): Batch<Kind> {
  const places = names.map((name) => {
    const place = batch.fields.findIndex((field) => field.name === name);
    if (place >= 0) return place;
    const known = batch.fields.map((field) => field.name).join(', ');
    throw new FanfareError(
      'MissingInput',
      `The batch has no column ${JSON.stringify(name)}; it has: ${known}.`,
    );
  });
  return {
    rows: batch.rows,
    fields: places.map((place) => batch.fields[place]!),
    columns: places.map((place) => batch.columns[place]!),
  };
}

export const doublesOf = (values: Floats): Float64Array =>
  values instanceof Float64Array ? values : new Float64Array(values);

/** The column as doubles, NaN where it is missing: booleans as 0 and 1, timestamps in milliseconds. `BadTable` for strings. */
export function numbersOf(column: Column): Float64Array {
  if (column.type === 'string') throw new FanfareError('BadTable', 'A column of strings has no numbers.');
  if (column.type === 'float') return doublesOf(column.values);
  const numbers =
    column.values instanceof BigInt64Array ? numbersOf64(column.values) : Float64Array.from(column.values);
  const { valid } = column;
  if (valid !== null) for (let i = 0; i < numbers.length; i++) if (valid[i] === 0) numbers[i] = NaN;
  return numbers;
}
