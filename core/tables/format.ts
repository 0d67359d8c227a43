import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';

export const tableFormats = ['parquet', 'csv', 'ndjson', 'arrow'] as const;
export type TableFormat = (typeof tableFormats)[number];

const byExtension: Readonly<Record<string, TableFormat>> = {
  parquet: 'parquet',
  pq: 'parquet',
  csv: 'csv',
  tsv: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'ndjson',
  arrow: 'arrow',
  feather: 'arrow',
  ipc: 'arrow',
};

const compressed = new Set(['gz', 'gzip', 'bz2', 'zst', 'xz', 'zip']);

/**
 * The format that a file's name promises, or the one that was asked for.
 * `InvalidSpec` for a name that promises none, and for one that is compressed as a whole: such a file cannot be
 * split. Parquet and Arrow compress inside.
 */
export function formatOf(name: string, override?: TableFormat): TableFormat {
  const extension = extensionOf(name);
  if (compressed.has(extension)) {
    throw new FanfareError(
      'InvalidSpec',
      `${name} is compressed as a whole (.${extension}), and such a file cannot be split into shards. Give it uncompressed, or as Parquet.`,
    );
  }
  const format = override ?? byExtension[extension];
  if (format === undefined) {
    const known = Object.keys(byExtension).map((known) => `.${known}`);
    throw new FanfareError(
      'InvalidSpec',
      `Cannot tell the format of ${name} by its extension. Known are ${known.join(', ')}; or name one: ${tableFormats.join(', ')}.`,
    );
  }
  return format;
}

/** The one format of all the files of a table. `InvalidSpec` where they differ. */
export function formatOfAll(sources: readonly ByteSource[], override?: TableFormat): TableFormat {
  const [first, ...others] = sources;
  if (first === undefined) throw new FanfareError('MissingInput', 'The table has no files.');
  const format = formatOf(first.name, override);
  const odd = others.find((source) => formatOf(source.name, override) !== format);
  if (odd !== undefined) {
    throw new FanfareError(
      'InvalidSpec',
      `The files of a table are of one format, but ${first.name} is ${format} and ${odd.name} is ${formatOf(odd.name)}.`,
    );
  }
  return format;
}

/** A tab for `.tsv`, a comma otherwise. */
export const delimiterOf = (name: string): string => (extensionOf(name) === 'tsv' ? '\t' : ',');

function extensionOf(name: string): string {
  const file = name.slice(name.lastIndexOf('/') + 1);
  const dot = file.lastIndexOf('.');
  return dot < 0 ? '' : file.slice(dot + 1).toLowerCase();
}
