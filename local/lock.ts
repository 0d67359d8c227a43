import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { FanfareError } from '../core/errors.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../core/store.ts';

/** A process of this machine; `started` tells it from a later one with the same number. */
const Holder = z.object({ pid: z.int(), started: z.string(), command: z.string() });
type Holder = z.infer<typeof Holder>;

/**
 * One live execution a name, in place of the deterministic execution name that does this on AWS. A holder that died, by
 * whatever signal, holds nothing. Resolves to the release.
 */
export async function lock(store: ObjectStore, name: string): Promise<() => Promise<void>> {
  const key = keyOf(name);
  const me: Holder = {
    pid: process.pid,
    started: startOf(process.pid) ?? '',
    command: process.argv.slice(2).join(' '),
  };
  for (;;) {
    if ((await store.put(key, encodeJson(me), { kind: 'absent' })) === 'written') break;
    const held = await store.get(key);
    if (held === undefined) continue;
    const holder = Holder.safeParse(decodeJson(held.body)).data;
    if (holder && startOf(holder.pid) === holder.started) {
      throw new FanfareError(
        'AlreadyRunning',
        `${name} is being run by process ${holder.pid} (fanfare ${holder.command}); wait for it, stop it, or give --home another folder`,
      );
    }
    if ((await store.put(key, encodeJson(me), { kind: 'match', etag: held.etag })) === 'written') break;
  }
  return () => store.delete(key);
}

/** The living process that has that name; undefined if none does. */
export async function holderOf(store: ObjectStore, name: string): Promise<Holder | undefined> {
  const held = await store.get(keyOf(name));
  const holder = held && Holder.safeParse(decodeJson(held.body)).data;
  return holder && startOf(holder.pid) === holder.started ? holder : undefined;
}

/** The living processes that have names which begin so. */
export async function holdersOf(
  store: ObjectStore,
  prefix: string,
): Promise<(Holder & { readonly name: string })[]> {
  const names: string[] = [];
  for await (const { key } of store.list(`locks/${prefix}`))
    names.push(key.slice('locks/'.length, -'.json'.length));
  const holders = await Promise.all(
    names.map(async (name) => ({ name, holder: await holderOf(store, name) })),
  );
  return holders.flatMap(({ name, holder }) => (holder ? [{ name, ...holder }] : []));
}

const keyOf = (name: string): string => `locks/${name}.json`;

/** When the process began, as far as the system tells; undefined if there is none. */
function startOf(pid: number): string | undefined {
  if (existsSync('/proc/self/stat')) {
    try {
      // Fields 3 and 22 (proc(5)); the command in field 2 may hold spaces and ends with the last parenthesis.
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A zombie has died; its parent has not asked how.
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    process.kill(pid, 0);
    return '';
  } catch {
    return undefined;
  }
}
