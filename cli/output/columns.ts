import type { DescribedColumn } from '../../core/contracts/described.ts';
import { count } from './print.ts';

const shownWarnings = 10;
/** Of a day, which has 86,400,000 milliseconds. */
const day = 86_400_000;

/** A line a column: name, type, role, how much is missing, how many values, range or words, and why. */
export function columnLines(columns: readonly DescribedColumn[]): string[] {
  const heads = ['column', 'type', 'role', 'missing', 'different', 'holds', 'why'];
  const cells = columns.map((column) => [
    ...[column.name, column.type, column.role],
    column.missing === 0 ? '' : percent(column.missing),
    column.distinct === null ? 'many' : `${column.distinct.exact ? '' : '~'}${count(column.distinct.count)}`,
    holds(column),
    column.role === 'feature' && column.why !== 'inputs' ? '' : column.why,
  ]);
  const rows = [heads, ...cells];
  const widths = heads.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  );
}

/** `12 features (9 numbers, 2 words, 1 time) · target late · id order_id · ignore x, y` */
export function rolesText(columns: readonly DescribedColumn[]): string {
  const features = columns.filter(({ role }) => role === 'feature');
  const kinds = groupedBy(features, ({ type }) => kindNames[type]).map(
    ([kind, some]) => `${some.length} ${kind}${some.length === 1 ? '' : 's'}`,
  );
  const roles = groupedBy(columns, ({ role }) => role).flatMap(([role, some]) =>
    role === 'feature' ? [] : [`${role} ${some.map(({ name }) => name).join(', ')}`],
  );
  return [`${features.length} features${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}`, ...roles].join(
    ' · ',
  );
}

function groupedBy(
  columns: readonly DescribedColumn[],
  keyOf: (column: DescribedColumn) => string,
): (readonly [string, readonly DescribedColumn[]])[] {
  const keys = [...new Set(columns.map(keyOf))];
  return keys.map((key) => [key, columns.filter((column) => keyOf(column) === key)]);
}

export function warningRows(columns: readonly DescribedColumn[]): (readonly [string, string])[] {
  const all = columns.flatMap(({ name, warnings }) => warnings.map((warning) => `${name}: ${warning}`));
  const more = all.length - shownWarnings;
  return [...all.slice(0, shownWarnings), ...(more > 0 ? [`${more} more: --json has all`] : [])].map(
    (text) => ['warning', text],
  );
}

const kindNames: Readonly<Record<DescribedColumn['type'], string>> = {
  ...{ float: 'number', integer: 'number', boolean: 'boolean', string: 'word', timestamp: 'time' },
};

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

function holds({ type, range, top }: DescribedColumn): string {
  if (range === null) return top.map(([word, rows]) => `${JSON.stringify(word)} ${count(rows)}`).join(', ');
  const [low, high] = range.map((value) =>
    type === 'timestamp' ? timeOf(value) : String(Number(value.toPrecision(6))),
  );
  return low === high ? low! : `${low} to ${high}`;
}

/** A date alone where it is midnight. */
const timeOf = (millis: number): string => {
  const iso = new Date(millis).toISOString();
  return millis % day === 0 ? iso.slice(0, 10) : iso;
};
