import type { Described } from '../contracts/described.ts';
import type { Table } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import type { Batch } from '../tables/batch.ts';
import { openTable } from '../tables/manifest.ts';
import { emptyProfile, mergeProfiles, profileOf } from '../tables/profile.ts';
import { readShard } from '../tables/read.ts';
import type { Named } from '../training/column-roles.ts';
import { describe, evenRows, sampleRows } from '../training/describe.ts';
import { planTable } from './plan-table.ts';
import type { Ports } from './ports.ts';

/** Reads a whole table, and says of each column what it holds and what it would be to the specification. */
export async function describeTable(
  table: Table,
  named: Named,
  ports: Pick<Ports, 'open' | 'gunzip' | 'decompressors'>,
): Promise<Described & { readonly rejected: number }> {
  const sources = await openTable(table.path, ports.open);
  const { schema, shards } = await planTable(table, sources, ports);
  let profile = emptyProfile(schema);
  let rejected = 0;
  const sample: Batch[] = [];
  for (const shard of shards) {
    const source = sources.find(({ uri }) => uri === shard.source.uri);
    if (source === undefined)
      throw new FanfareError('MissingInput', `${shard.source.uri} is not there any more`);
    let left = Math.ceil(sampleRows / shards.length);
    for await (const read of readShard(source, shard, schema, ports)) {
      rejected += read.rejected.length;
      if (read.batch.rows === 0) continue;
      profile = mergeProfiles(profile, profileOf(read.batch));
      const some = evenRows(read.batch, left);
      if (some.rows > 0) sample.push(some);
      left -= some.rows;
    }
  }
  return { ...describe(profile, sample, named), rejected };
}
