import type { Batch, Column } from './batch.ts';

/** The rows as records, as a model takes them: times as milliseconds, 64-bit integers as numbers, missing as null. */
export const recordsOf = (batch: Batch): Record<string, string | number | boolean | null>[] =>
  Array.from({ length: batch.rows }, (_, row) =>
    Object.fromEntries(batch.fields.map(({ name }, at) => [name, valueAt(batch.columns[at]!, row)])),
  );

function valueAt(column: Column, row: number): string | number | boolean | null {
  if (column.valid?.[row] === 0) return null;
  switch (column.type) {
    case 'string':
      return column.dictionary[column.codes[row]!]!;
    case 'boolean':
      return column.values[row] === 1;
    case 'float':
      return Number.isNaN(column.values[row]) ? null : column.values[row]!;
    default:
      return Number(column.values[row]);
  }
}
