import type { ObjectStore } from '../../core/store.ts';
import { holderOf } from '../../local/lock.ts';

/** Asks the process that runs that name to end, as Ctrl-C does. */
export async function stopHolder(store: ObjectStore, name: string): Promise<readonly string[]> {
  const holder = await holderOf(store, name);
  if (holder === undefined) return [];
  process.kill(holder.pid, 'SIGTERM');
  return [`process ${holder.pid} (fanfare ${holder.command})`];
}
