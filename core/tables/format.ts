import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { isManifest } from './manifest.ts';

export const tableFormats = ['parquet', 'csv', 'ndjson', 'arrow'] as const;
export type TableFormat = (typeof tableFormats)[number];

/** Of what is read: `objects` are rows each, whatever is in them. */
export const inputFormats = [...tableFormats, 'objects'] as const;

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

const compressed = new Set(['bz2', 'zst', 'zstd', 'xz', 'lz4', 'br', 'zip', '7z', 'tar', 'tgz']);

/** Text may be compressed as a whole; the other formats compress inside. */
const isText = (format: TableFormat): boolean => format === 'csv' || format === 'ndjson';

export const isGzip = (name: string): boolean => /\.gz(ip)?$/i.test(name);

/**
 * The format that a file's name promises, or the one that was asked for; `.gz` behind it says that it is compressed.
 * `InvalidSpec` for a name that promises none, and for one that is compressed in another way.
 */
export function formatOf(name: string, override?: TableFormat): TableFormat {
  const extension = extensionOf(name);
  if (compressed.has(extension)) {
    throw new FanfareError(
      'InvalidSpec',
      `${name} is compressed as a whole (.${extension}), which is read of gzip alone. Give it uncompressed, as Parquet, or as .csv.gz or .ndjson.gz.`,
    );
  }
  const format = override ?? byExtension[extension];
  if (format === undefined) {
    const known = Object.keys(byExtension).map((known) => `.${known}`);
    throw new FanfareError(
      'InvalidSpec',
      `Cannot tell the format of ${name} by its extension. Known are ${known.join(', ')}, and .gz behind those of text; or name one: ${tableFormats.join(', ')}.`,
    );
  }
  if (!isGzip(name) || isText(format)) return format;
  throw new FanfareError(
    'InvalidSpec',
    `${name} is ${format} compressed as a whole, and such a file cannot be read by parts. ${format} compresses inside: give it without .gz.`,
  );
}

/** The one format of all the files of a table; one of zero bytes may be called anything. `InvalidSpec` where they differ. */
export function formatOfAll(sources: readonly ByteSource[], override?: TableFormat): TableFormat {
  const held = sources.filter(({ size }) => size > 0);
  const [first, ...others] = held.length > 0 ? held : sources;
  if (first === undefined) throw new FanfareError('MissingInput', 'The table has no files.');
  const format = formatOf(first.name, override);
  const odd = others.find((source) => formatOf(source.name, override) !== format);
  if (odd !== undefined) {
    throw new FanfareError(
      'InvalidSpec',
      `The files of a table are of one format, but ${first.name} is ${format} and ${odd.name} is ${formatOf(odd.name)}.${manifestAmong(held)}`,
    );
  }
  return format;
}

function manifestAmong(sources: readonly ByteSource[]): string {
  const manifest = sources.find(({ name }) => isManifest(name));
  return manifest === undefined ? '' : ` Name ${manifest.uri} to read the files that it lists.`;
}

/** Whether a file's name promises a format that tables have. */
export const isTableFile = (name: string): boolean => extensionOf(name) in byExtension;

/** A tab for `.tsv`, a comma otherwise. */
export const delimiterOf = (name: string): string => (extensionOf(name) === 'tsv' ? '\t' : ',');

/** What a file's name ends in, without the `.gz`. */
function extensionOf(name: string): string {
  const file = name.slice(name.lastIndexOf('/') + 1).replace(/\.gz(ip)?$/i, '');
  const dot = file.lastIndexOf('.');
  return dot < 0 ? '' : file.slice(dot + 1).toLowerCase();
}
