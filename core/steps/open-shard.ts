import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import type { Shard } from '../tables/shard.ts';
import type { Ports } from './ports.ts';

/** The file that a shard was cut from. `MissingInput` if the table does not have it any more. */
export async function openShard(
  shard: Shard,
  table: string,
  { open }: Pick<Ports, 'open'>,
): Promise<ByteSource> {
  const source = (await open(table)).find(({ name }) => name === shard.source.name);
  if (source) return source;
  throw new FanfareError(
    'MissingInput',
    `${shard.source.uri} was there when ${table} was planned, and is not any more`,
  );
}
