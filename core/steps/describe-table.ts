import type { Described } from '../contracts/described.ts';
import type { Table } from '../contracts/spec.ts';
import type { Task } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';
import type { Batch } from '../tables/batch.ts';
import { openTable } from '../tables/manifest.ts';
import { emptyProfile, mergeProfiles, type Profile, profileOf } from '../tables/profile.ts';
import { readShard } from '../tables/read.ts';
import type { Named } from '../training/column-roles.ts';
import { describe, evenRows, sampleRows } from '../training/describe.ts';
import { taskOf } from '../training/task.ts';
import { planTable } from './plan-table.ts';
import type { Ports } from './ports.ts';

export interface DescribedTable extends Described {
  readonly task: Task | null;
  /** Rows that could not be read. */
  readonly rejected: number;
}

/** Reads a whole table, and says of each column what it holds and what it would be to the specification. */
export async function describeTable(
  table: Table,
  named: Named,
  ports: Pick<Ports, 'open' | 'gunzip' | 'decompressors'>,
): Promise<DescribedTable> {
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
  return { ...describe(profile, sample, named), task: taskIn(profile, named), rejected };
}

/** What the target is predicted as; null where none is named, or where a warning says why nothing can be. */
function taskIn(profile: Profile, { target }: Named): Task | null {
  const column = profile.columns.find(({ name }) => name === target?.column);
  if (target === undefined || column === undefined) return null;
  try {
    return taskOf(target, column);
  } catch (error) {
    if (error instanceof FanfareError) return null;
    throw error;
  }
}
