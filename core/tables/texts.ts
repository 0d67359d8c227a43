import type { Column, Floats } from './batch.ts';

const isoLength = 'YYYY-MM-DDTHH:MM:SS.mmmZ'.length;

/** ISO 8601 in UTC, without what is zero at its end: a date alone, or a time to the second or the millisecond. */
export function isoOf(millis: number): string {
  const iso = new Date(millis).toISOString();
  if (iso.length !== isoLength) return iso;
  if (millis % 86_400_000 === 0) return iso.slice(0, 10);
  return millis % 1000 === 0 ? `${iso.slice(0, 19)}Z` : iso;
}

/** The same with all that is zero: a reader that guesses types by a file's first rows finds the same in all rows and files. */
export const timeText = (millis: number): string => new Date(millis).toISOString();

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

/**
 * How to write the finite ones of a column's values: as the shortest text that reads back as the same double. Where all
 * of them are exact in 32 bits, which probabilities are, it is the shortest that reads back as the same 32 bits.
 */
export const floatTexts = (values: Floats): ((value: number) => string) =>
  values.every((value) => Number.isNaN(value) || Math.fround(value) === value) ? shortest32 : shortest64;

const shortest64 = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

function shortest32(value: number): string {
  if (Number.isInteger(value)) return shortest64(value);
  // Six digits are the same 32 bits again if six or fewer wrote them, other than below the least normal number.
  for (let digits = Math.abs(value) < 2 ** -126 ? 1 : 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}
