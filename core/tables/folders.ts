import { FanfareError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import { type Batch, columnOf } from './batch.ts';
import { takeRows } from './slice.ts';
import { textAt } from './texts.ts';

/** What Hive calls the folder of the rows without a value. */
const noValue = '__HIVE_DEFAULT_PARTITION__';
/** A name in most file systems has 255 bytes. */
const longestName = 240;

/** A file each, at a time. */
const mostFolders = 1000;

/** The rows of one value of a column, and the folder that they belong to: `region=eu`. */
export interface Folder {
  readonly name: string;
  /** As `textAt` writes it; null where it is missing. */
  readonly value: string | null;
  /** Places in the batch, ascending. */
  readonly rows: Int32Array;
}

/** The batch's rows by the value of a column, in the order in which the values occur. */
export function foldersOf(batch: Batch, column: string): Folder[] {
  const values = columnOf(batch, column);
  if (values === undefined) {
    const names = batch.fields.map(({ name }) => name);
    throw new FanfareError(
      'MissingInput',
      unknownName('predict.partition_by: the output has no column', column, names),
    );
  }
  if (batch.fields.length === 1) {
    throw new FanfareError(
      'InvalidSpec',
      `predict.partition_by: the output has the column ${column} alone, and the files leave it out: nothing would be in them`,
    );
  }
  const rows = new Map<string | null, number[]>();
  for (let row = 0; row < batch.rows; row++) {
    const value = textAt(values, row) ?? null;
    const own = rows.get(value);
    if (own) own.push(row);
    else if (rows.size < mostFolders) rows.set(value, [row]);
    else throw tooMany(column, [...rows.keys()]);
  }
  return [...rows].map(([value, own]) => ({
    name: folderName(column, value),
    value,
    rows: Int32Array.from(own),
  }));
}

/** Those rows of the batch, without the column, which the folder's name says. */
export function folderRows(batch: Batch, column: string, rows: Int32Array): Batch {
  const kept = batch.fields.flatMap(({ name }, at) => (name === column ? [] : [at]));
  const { columns } = takeRows(batch, rows);
  return {
    rows: rows.length,
    fields: kept.map((at) => batch.fields[at]!),
    columns: kept.map((at) => used(columns[at]!)),
  };
}

function tooMany(column: string, values: readonly (string | null)[]): FanfareError {
  const some = values.slice(0, 3).map((value) => JSON.stringify(value));
  return new FanfareError(
    'InvalidSpec',
    `predict.partition_by: column ${column} has more than ${mostFolders} values (${some.join(', ')} …) among the rows that are written at once: each would be a file of a few rows. Partition by a column of fewer.`,
  );
}

/** What the names of a column's folders begin with. */
export const folderPrefix = (column: string): string => `${escaped(column)}=`;

/** `region=eu`. What is no letter, digit, `.`, `_` or `-` is escaped as in a URI, as Hive's readers expect. `InvalidSpec` where it gets too long. */
function folderName(column: string, value: string | null): string {
  const text = value === noValue ? `%5F${noValue.slice(1)}` : escaped(value ?? '');
  const name = folderPrefix(column) + (value === null ? noValue : text);
  if (name.length <= longestName) return name;
  throw new FanfareError(
    'InvalidSpec',
    `predict.partition_by: ${JSON.stringify(value?.slice(0, 80))}… of column ${column} is too long for a folder's name (${name.length} of ${longestName} bytes). Partition by a column of short values.`,
  );
}

const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*~]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );

type Column = Batch['columns'][number];

/** The column with a dictionary of the words that are used: there are many folders, and the words of all would be written with each. */
function used(column: Column): Column {
  if (column.type !== 'string' || column.dictionary.length <= column.codes.length) return column;
  const places = new Map<number, number>();
  const codes = column.codes.map((code) => {
    const place = places.get(code) ?? places.size;
    places.set(code, place);
    return place;
  });
  return { ...column, codes, dictionary: [...places.keys()].map((code) => column.dictionary[code] ?? '') };
}
