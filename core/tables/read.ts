import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { readArrow } from './arrow-read.ts';
import type { Field } from './batch.ts';
import { readHeader } from './csv-header.ts';
import { readCsv } from './csv-read.ts';
import { fieldsNamed } from './fields.ts';
import { GzipText, requireGunzip } from './gzip.ts';
import { readNdjson } from './ndjson-read.ts';
import { readParquet } from './parquet-read.ts';
import {
  defaultBatchRows,
  type ReadOptions,
  type Schema,
  type ShardBatch,
  type TableShard,
} from './shard.ts';
import { requireVersion } from './source.ts';

/**
 * Reads a shard, batch after batch, in the order of its rows. Each row of the shard is in a batch or among the rejected.
 * `BadTable` where the object is not the version that was planned, or its bytes cannot be read at all; `MissingInput`
 * for a column that the schema lacks.
 */
export async function* readShard(
  source: ByteSource,
  shard: TableShard,
  schema: Schema,
  options: ReadOptions = {},
): AsyncGenerator<ShardBatch> {
  requireVersion(source, shard.source);
  const fields = options.columns === undefined ? schema.fields : fieldsNamed(schema, options.columns);
  const { lent } = options;
  const batchRows = options.batchRows ?? defaultBatchRows;
  if (!Number.isInteger(batchRows) || batchRows < 1) {
    throw new FanfareError(
      'InvalidSpec',
      `A batch has a whole number of rows, 1 or more; asked for were ${batchRows}.`,
    );
  }
  switch (shard.kind) {
    case 'rows':
      yield* readParquet(source, shard, fields, batchRows, options);
      return;
    case 'bytes': {
      const rest = fromByte(shard, options.from ?? 0);
      if (rest.format === 'csv')
        yield* readCsv(source, rest, fields, schema.delimiter ?? ',', batchRows, lent);
      else yield* readNdjson(source, rest, fields, batchRows, lent);
      return;
    }
    case 'gzip':
      yield* readGzip(source, shard, fields, schema.delimiter ?? ',', batchRows, options);
      return;
    case 'batches':
    case 'whole':
      yield* readArrow(source, shard, fields, batchRows, options.from);
      return;
  }
}

type BytesShard = Extract<TableShard, { kind: 'bytes' }>;

/** A row begins outside quotes. */
const fromByte = (shard: BytesShard, from: number): BytesShard =>
  from <= shard.start ? shard : { ...shard, start: from, startsInQuotes: false };

/** The text is read as if it were a file of its own, from its first row to its end. */
async function* readGzip(
  file: ByteSource,
  shard: Extract<TableShard, { kind: 'gzip' }>,
  fields: readonly Field[],
  delimiter: string,
  batchRows: number,
  { gunzip, from = 0, lent }: ReadOptions,
): AsyncGenerator<ShardBatch> {
  const text = new GzipText(file, requireGunzip(gunzip, file.uri));
  const end = Number.POSITIVE_INFINITY;
  const all = { ...shard, kind: 'bytes', start: 0, end, startsInQuotes: false } as const;
  try {
    if (shard.format === 'csv') {
      const { end: start } = await readHeader(text, delimiter);
      yield* readCsv(text, fromByte({ ...all, start }, from), fields, delimiter, batchRows, lent);
    } else yield* readNdjson(text, fromByte(all, from), fields, batchRows, lent);
  } finally {
    await text.close();
  }
}
