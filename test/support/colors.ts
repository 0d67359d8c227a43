/** A made-up table with all that is hard to write in a text file: commas, quotes and line breaks within values. */
export interface ColorRow {
  readonly id: string;
  readonly when: string;
  readonly x: number;
  readonly color: string;
  readonly hit: number;
}

const colors = ['red', 'gr"een', 'blue, dark', 'two\nlines', 'ünï'] as const;
const start = Date.UTC(2024, 0, 1);

/** `hit` is 1 where x and the colour say so, but for every ninth row, so that a model has something to learn and to miss. */
export const colorRows = (count: number, from = 0): ColorRow[] =>
  Array.from({ length: count }, (_, i) => {
    const row = from + i;
    const x = ((row * 7919) % 1000) / 1000;
    const color = colors[row % colors.length]!;
    const hit = Number(x + (row % colors.length) / 10 > 0.7) ^ Number(row % 9 === 0);
    return { id: `"${row}",\nof many`, when: new Date(start + row * 61_000).toISOString(), x, color, hit };
  });

export type Column = keyof ColorRow;

export function csvOf(rows: readonly ColorRow[], columns: readonly Column[]): string {
  const lines = rows.map((row) => columns.map((column) => csvValue(row[column])).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

const csvValue = (value: string | number): string =>
  typeof value === 'number' || !/[",\n]/.test(value) ? String(value) : `"${value.replaceAll('"', '""')}"`;

export const ndjsonOf = (rows: readonly ColorRow[], columns: readonly Column[]): string =>
  rows
    .map((row) => `${JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name]])))}\n`)
    .join('');
