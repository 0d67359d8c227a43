import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import type { TableShard } from '../tables/shard.ts';
import type { Ports } from './ports.ts';

/** The file that a shard was cut from. `MissingInput` if it is not there any more. */
export async function openShard(
  { source }: TableShard,
  table: string,
  { open }: Pick<Ports, 'open'>,
): Promise<ByteSource> {
  const { found, cause } = await filesAt(source.uri, open);
  const same = found.find(({ uri }) => uri === source.uri);
  // Its name is its place in the table, not in its folder.
  if (same) return { ...same, name: source.name };
  throw new FanfareError(
    'MissingInput',
    `${source.uri} was there when ${table} was planned, and is not any more`,
    { cause },
  );
}

async function filesAt(uri: string, open: Ports['open']) {
  try {
    return { found: await open(uri) };
  } catch (cause) {
    if (cause instanceof FanfareError && cause.name === 'MissingInput') return { found: [], cause };
    throw cause;
  }
}
