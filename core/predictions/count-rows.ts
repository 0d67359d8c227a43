import type { Prediction } from '../contracts/records.ts';
import { FanfareError } from '../errors.ts';
import type { Ports } from '../steps/ports.ts';
import { memorySource } from '../tables/memory-source.ts';
import { planShards } from '../tables/plan.ts';
import { readShard } from '../tables/read.ts';

/** Reads every row of a part. `BadTable` where one cannot be read as what was written. */
export async function countRows(
  bytes: Uint8Array,
  key: string,
  { format, fields }: Pick<Prediction, 'format' | 'fields'>,
  { decompressors }: Pick<Ports, 'decompressors'>,
): Promise<number> {
  const source = memorySource(bytes, key);
  const shards = await planShards([source], format, { fields }, { targetBytes: bytes.length });
  let rows = 0;
  for (const shard of shards) {
    for await (const { batch, rejected } of readShard(source, shard, { fields }, { decompressors })) {
      const [bad] = rejected;
      if (bad) throw new FanfareError('BadTable', `row at ${bad.row}: column ${bad.column}: ${bad.reason}`);
      rows += batch.rows;
    }
  }
  return rows;
}
