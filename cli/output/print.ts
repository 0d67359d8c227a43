import { relative } from 'node:path';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { colorsFor } from './colors.ts';

/** One JSON document, or lines for a person; on stdout either way. */
export function print(json: boolean | undefined, document: unknown, lines: readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(document)}\n` : `${lines.join('\n')}\n`);
}

/** `rows  3,000,000` with the names in a column; on a terminal a long value goes on below itself. */
export function table(
  rows: readonly (readonly [string, string])[],
  stream: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
): string[] {
  const { bold } = colorsFor(stream);
  const width = Math.max(...rows.map(([name]) => stringWidth(name)));
  const room = stream.isTTY ? (stream.columns || 80) - width - 2 : Number.POSITIVE_INFINITY;
  return rows.flatMap(([name, value]) => {
    const [first, ...others] = room < leastRoom ? [value] : wrapped(value, room);
    const head = `${bold(name)}${' '.repeat(width - stringWidth(name))}`;
    return [`${head}  ${first}`, ...others.map((line) => `${' '.repeat(width + 2)}${line}`)];
  });
}

/** Below that a terminal breaks lines as well as we would. */
const leastRoom = 12;

/** Words, and paths, stay whole: they are there to be copied. */
const wrapped = (text: string, columns: number): string[] =>
  columns === Number.POSITIVE_INFINITY ? [text] : wrapAnsi(text, columns).split('\n');

/** Where the files lie: paths on this machine, or `s3://` URIs. */
export const placeRows = (place: string, files: object): (readonly [string, string])[] =>
  Object.entries(files).map(([name, key]) => [name, placeOfKey(place, key)]);

export const placeOfKey = (place: string, key: string): string => `${fromHere(place)}/${key}`;

/** The way from the current folder, where the place lies below it. */
function fromHere(place: string): string {
  const way = place.startsWith('/') ? relative(process.cwd(), place) : place;
  return way.startsWith('..') ? place : way;
}

export const count = (value: number): string => value.toLocaleString('en-US');

/** A value as tables show it: four decimals, whole numbers with their thousands, five digits of what is very small or large. */
export function decimals(value: number): string {
  if (Number.isInteger(value) && value > 1) return count(value);
  const size = Math.abs(value);
  return size === 0 || !(size < 0.001 || size >= 1e5)
    ? value.toFixed(4)
    : String(Number(value.toPrecision(5)));
}

/** `auc 0.8412 · model_bytes 10,412` */
export const valuesText = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${decimals(value)}`)
    .join(' · ');

/** `learning_rate 0.2107 · leaves 187` */
export const paramsText = (params: Readonly<Record<string, unknown>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join(' · ');
