import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { arrowBatches } from './arrow-plan.ts';
import type { FieldType } from './batch.ts';
import { byteOf, readHeader } from './csv-header.ts';
import { isGzip, type TableFormat } from './format.ts';
import { quoteParities } from './parity.ts';
import { readFooter } from './parquet-footer.ts';
import type { Schema, ShardSource, TableShard } from './shard.ts';

export interface PlanOptions {
  /** About how many bytes of an object a shard should cover. */
  readonly targetBytes: number;
  /** About how many shards there should be in all, whatever their size. A file is one at least. */
  readonly shards?: number;
  /** About how many bytes of columns a shard should come to at most; of formats that say so before they are read. */
  readonly mostDecodedBytes?: number;
}

/** A shard without its number. */
type Cut = TableShard extends infer One ? (One extends TableShard ? Omit<One, 'index'> : never) : never;

/**
 * Cuts a table into shards. Parquet is cut between row groups, from its footer alone; CSV and NDJSON by bytes, where a
 * CSV file of several shards is read once to know which cuts lie within quotes; an Arrow file between record batches.
 * An Arrow stream is one shard, and so is a file that is compressed. None where no file holds a row.
 */
export async function planShards(
  sources: readonly ByteSource[],
  format: TableFormat,
  schema: Schema,
  options: PlanOptions,
): Promise<readonly TableShard[]> {
  const total = sources.reduce((sum, source) => sum + source.size, 0);
  const target = options.shards === undefined ? options.targetBytes : total / options.shards;
  const bound = options.shards === undefined ? options.mostDecodedBytes : undefined;
  if (!(target > 0) && total > 0) {
    throw new FanfareError(
      'InvalidSpec',
      `A shard covers at least one byte; asked for were ${JSON.stringify(options)}.`,
    );
  }
  const shards: TableShard[] = [];
  for (const source of sources) {
    if (source.size === 0) continue;
    for (const cut of await cutsOf(source, format, schema, target, bound ?? Number.POSITIVE_INFINITY))
      shards.push({ ...cut, index: shards.length });
  }
  return shards;
}

function cutsOf(
  source: ByteSource,
  format: TableFormat,
  schema: Schema,
  target: number,
  decoded: number,
): Promise<readonly Cut[]> | readonly Cut[] {
  if (isGzip(source.name) && (format === 'csv' || format === 'ndjson'))
    return [{ kind: 'gzip', format, source: shardSource(source), bytes: source.size }];
  switch (format) {
    case 'parquet':
      return cutsOfParquet(source, schema, target, decoded);
    case 'csv':
      return cutsOfCsv(source, schema.delimiter ?? ',', target);
    case 'ndjson':
      return cutsOfBytes(source, 0, target).map((cut) => ({
        ...cut,
        format: 'ndjson',
        startsInQuotes: false,
      }));
    case 'arrow':
      return cutsOfArrow(source, target, decoded);
  }
}

async function cutsOfParquet(
  source: ByteSource,
  schema: Schema,
  target: number,
  decoded: number,
): Promise<readonly Cut[]> {
  const footer = await readFooter(source);
  const width = schema.fields.reduce((sum, { type }) => sum + cellBytes[type], 0);
  const groups = footer.row_groups.map((group) => {
    const rows = Number(group.num_rows);
    const bytes = Number(group.total_compressed_size ?? group.total_byte_size);
    // A dictionary's codes are four bytes each once they are decoded, whatever they are in the file.
    const columns = Math.max(Number(group.total_byte_size), rows * width);
    return { rows, bytes, share: Math.max(bytes / target, columns / decoded) };
  });
  return stretchesOf(groups).map(({ first, end, ...of }) => ({
    ...{ kind: 'rows', format: 'parquet', source: shardSource(source) },
    ...of,
    ...{ firstGroup: first, endGroup: end },
  }));
}

async function cutsOfArrow(source: ByteSource, target: number, decoded: number): Promise<readonly Cut[]> {
  const batches = await arrowBatches(source);
  const whole = shardSource(source);
  if (batches === undefined) return [{ kind: 'whole', format: 'arrow', source: whole, bytes: source.size }];
  const most = Math.min(target, decoded);
  const parts = batches.map(({ rows, bytes }) => ({ rows, bytes, share: bytes / most }));
  return stretchesOf(parts).map(({ first, end, ...of }) => ({
    ...{ kind: 'batches', format: 'arrow', source: whole },
    ...of,
    ...{ firstBatch: first, endBatch: end },
  }));
}

interface Part {
  readonly rows: number;
  readonly bytes: number;
  /** Of a shard that is as large as it should be. */
  readonly share: number;
}

interface Stretch {
  readonly first: number;
  readonly end: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Contiguous parts, near the targets by the place of their middle among all that the file comes to. */
function stretchesOf(parts: readonly Part[]): readonly Stretch[] {
  const total = parts.reduce((sum, { share }) => sum + share, 0);
  const count = Math.max(1, Math.round(total));
  const stretches: Stretch[] = [];
  let before = 0;
  let row = 0;
  let latest = -1;
  for (const [part, { rows, bytes, share }] of parts.entries()) {
    const place = Math.floor(((before + share / 2) * count) / total);
    const open = stretches.at(-1);
    if (rows > 0 && open !== undefined && place === latest) {
      stretches[stretches.length - 1] = {
        ...open,
        end: part + 1,
        rows: open.rows + rows,
        bytes: open.bytes + bytes,
      };
    } else if (rows > 0) {
      stretches.push({ first: part, end: part + 1, firstRow: row, rows, bytes });
      latest = place;
    }
    before += share;
    row += rows;
  }
  return stretches;
}

/** Of a cell as our columns hold it: a string is a code, its text stands once in a dictionary. */
const cellBytes: Readonly<Record<FieldType, number>> = {
  float: 8,
  integer: 8,
  timestamp: 8,
  string: 4,
  boolean: 1,
};

async function cutsOfCsv(source: ByteSource, delimiter: string, target: number): Promise<readonly Cut[]> {
  byteOf(delimiter);
  const { end } = await readHeader(source, delimiter);
  const cuts = cutsOfBytes(source, end, target);
  // Behind the last quotation mark a place is within quotes where any other is.
  const last = Math.max(end, source.quotedTo ?? Number.POSITIVE_INFINITY);
  const within = await quoteParities(
    source,
    end,
    cuts.map((cut) => Math.min(cut.start, last)),
  );
  return cuts.map((cut, i) => ({ ...cut, format: 'csv', startsInQuotes: within[i]! }));
}

/** Even ranges of the bytes from `first` on; none where there are none. */
function cutsOfBytes(source: ByteSource, first: number, target: number) {
  const size = source.size - first;
  const count = size === 0 ? 0 : Math.min(size, Math.max(1, Math.ceil(size / target - 1e-9)));
  return Array.from({ length: count }, (_, i) => {
    const start = first + Math.floor((size * i) / count);
    const end = first + Math.floor((size * (i + 1)) / count);
    return { kind: 'bytes' as const, source: shardSource(source), start, end, bytes: end - start };
  });
}

const shardSource = ({ name, uri, size, etag }: ByteSource): ShardSource => ({ name, uri, size, etag });
