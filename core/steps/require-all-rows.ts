import { FanfareError } from '../errors.ts';
import type { ShardBatch, TableShard } from '../tables/shard.ts';

/** A table that models are made from is read whole or not at all: a row that is left out in silence would be a lie. */
export function requireAllRows({ rejected }: ShardBatch, { kind, source }: TableShard): void {
  const [bad] = rejected;
  if (bad === undefined) return;
  const where = bad.column === '' ? '' : `column ${bad.column}: `;
  throw new FanfareError(
    'BadTable',
    `${source.uri}, row at ${kind === 'bytes' ? 'byte ' : ''}${bad.row}: ${where}${bad.reason}; it begins ${JSON.stringify(bad.raw.slice(0, 80))}`,
  );
}
