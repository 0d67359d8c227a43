import type { Table } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { requireContents } from '../tables/contents.ts';
import { formatOfAll } from '../tables/format.ts';
import { planShards } from '../tables/plan.ts';
import { inferSchema } from '../tables/schema.ts';
import type { Schema, TableShard } from '../tables/shard.ts';
import type { Ports } from './ports.ts';

/** How large a shard is at most where nobody says: in the file, and as columns once it is decoded. */
interface MostBytes {
  readonly stored: number;
  readonly decoded: number;
}

/**
 * What a function's memory has room for several times over, as columns, whatever the table's size: a shard is read,
 * divided and encoded.
 */
const held: MostBytes = { stored: 32 * 2 ** 20, decoded: 32 * 2 ** 20 };

/** Of a shard that passes through, batch after batch: its end, at which all is kept durably, takes as long as 10 MB of floats. */
export const passing: MostBytes = { stored: 128 * 2 ** 20, decoded: 256 * 2 ** 20 };

/** Enough shards to keep many functions busy, few enough that each has something to do. */
function fairBytes(sources: readonly ByteSource[], most: number): number {
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  return Math.min(most, Math.max(2 ** 20, Math.ceil(total / 16)));
}

/** The schema of a table and its shards, as the specification asks for them; no shard where the table has no row. */
export async function planTable(
  table: Table,
  sources: readonly ByteSource[],
  { gunzip }: Pick<Ports, 'gunzip'>,
  most = held,
): Promise<{ readonly schema: Schema; readonly shards: readonly TableShard[] }> {
  if (table.format === 'objects') {
    throw new FanfareError(
      'InvalidSpec',
      `${table.path}: objects are predicted as they are (predict.table), and cannot be split or learned from.`,
    );
  }
  const format = formatOfAll(sources, table.format);
  await requireContents(sources, format, gunzip);
  const options = { gunzip, ...(table.delimiter !== undefined && { delimiter: table.delimiter }) };
  const schema = await inferSchema(sources, format, table.columns, options);
  const shards = await planShards(sources, format, schema, {
    ...(table.shard_bytes === undefined
      ? { targetBytes: fairBytes(sources, most.stored), mostDecodedBytes: most.decoded }
      : { targetBytes: table.shard_bytes }),
    ...(table.shards !== undefined && { shards: table.shards }),
  });
  return { schema, shards };
}
