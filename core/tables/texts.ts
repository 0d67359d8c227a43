import type { Column } from './batch.ts';

const isoLength = 'YYYY-MM-DDTHH:MM:SS.mmmZ'.length;

/** ISO 8601 in UTC, without what is zero at its end: a date alone, or a time to the second or the millisecond. */
export function isoOf(millis: number): string {
  const iso = new Date(millis).toISOString();
  if (iso.length !== isoLength) return iso;
  if (millis % 86_400_000 === 0) return iso.slice(0, 10);
  return millis % 1000 === 0 ? `${iso.slice(0, 19)}Z` : iso;
}

/** The value of a row as text, or undefined where it is missing: the same for the same value in any format. */
export function textAt(column: Column, row: number): string | undefined {
  if (column.valid !== null && column.valid[row] === 0) return undefined;
  switch (column.type) {
    case 'string':
      return column.dictionary[column.codes[row]!];
    case 'boolean':
      return column.values[row] === 1 ? 'true' : 'false';
    case 'timestamp':
      return isoOf(column.values[row]!);
    case 'float':
    case 'integer':
      return String(column.values[row]);
  }
}
