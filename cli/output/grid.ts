import stringWidth from 'string-width';
import { colorsFor } from './colors.ts';

export interface GridColumn {
  readonly head: string;
  /** May be cut where a terminal is too narrow for all of it. */
  readonly flexible?: true;
  readonly right?: true;
}

type Stream = { readonly isTTY?: boolean; readonly columns?: number };

/** A flexible cell is cut to no less. */
const leastCell = 12;
const gap = 2;

/**
 * Cells below their heads. On a terminal that is too narrow flexible cells are cut and, where that does not do, each row stands
 * as lines of its own, one a cell: names are never cut, since they are there to be copied. Elsewhere nothing is cut.
 */
export function grid(
  columns: readonly GridColumn[],
  rows: readonly (readonly string[])[],
  stream: Stream = process.stdout,
): string[] {
  const { bold } = colorsFor(stream);
  const heads = columns.map(({ head }) => head);
  const natural = columns.map((_, at) =>
    Math.max(...[heads, ...rows].map((row) => stringWidth(row[at] ?? ''))),
  );
  const room = stream.isTTY ? stream.columns || 80 : Number.POSITIVE_INFINITY;
  const widths = fitted(columns, natural, room);
  if (widths === undefined) return stacked(heads, rows, bold);
  const line = (row: readonly string[]) =>
    columns
      .map(({ right }, at) => padded(cut(row[at] ?? '', widths[at]!), widths[at]!, right))
      .join(' '.repeat(gap));
  return [bold(line(heads).trimEnd()), ...rows.map((row) => line(row).trimEnd())];
}

/** The widths that fit, the widest flexible column cut first; undefined where none do. */
function fitted(
  columns: readonly GridColumn[],
  natural: readonly number[],
  room: number,
): readonly number[] | undefined {
  const widths = [...natural];
  for (;;) {
    const over = widths.reduce((sum, width) => sum + width + gap, -gap) - room;
    if (over <= 0) return widths;
    const widest = columns
      .flatMap(({ flexible }, at) => (flexible && widths[at]! > leastCell ? [at] : []))
      .toSorted((a, b) => widths[b]! - widths[a]!)[0];
    if (widest === undefined) return undefined;
    widths[widest]!--;
  }
}

/** Each row: its first cell, and the others that hold something below it by their heads. */
function stacked(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  bold: (text: string) => string,
): string[] {
  const width = Math.max(...heads.slice(1).map((head) => stringWidth(head)));
  return rows.flatMap(([first = '', ...others]) => [
    bold(first),
    ...others.flatMap((cell, at) => (cell === '' ? [] : [`  ${padded(heads[at + 1]!, width)}  ${cell}`])),
  ]);
}

function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) >= width) break;
    kept += segment;
  }
  return `${kept}…`;
}

function padded(text: string, width: number, right?: true): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return right ? space + text : text + space;
}
