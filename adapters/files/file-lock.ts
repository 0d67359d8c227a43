import { readFileSync } from 'node:fs';
import { lstat, readlink, symlink, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, isMissing } from './errors.ts';

/**
 * Runs `work` while no other process, nor another call in this one, holds the lock named by `path`.
 *
 * A lock is a symbolic link (made in one step, with its owner as its target): `path.0`. That of a process which died is
 * never removed, since two that found it dead could not agree on whose turn it is; the next takes `path.1`, and so on.
 * A crash within `work` (well below a millisecond of renaming) so leaves one empty link behind, and blocks nobody.
 */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const held = await acquire(path);
  try {
    return await work();
  } finally {
    await unlink(held);
  }
}

async function acquire(path: string): Promise<string> {
  for (let generation = 0; ; ) {
    const link = `${path}.${generation}`;
    try {
      await symlink(owner, link);
      return link;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if (await isStale(link)) {
      generation += 1;
    } else {
      generation = 0;
      await sleep(1 + Math.random() * 4);
    }
  }
}

/**
 * Nobody renames a file for so long. It frees locks where the system does not tell when a process began, and a later one
 * may have its number; elsewhere no clock is asked, since one that jumps would free the locks of the living.
 */
const longestMs = 300_000;

/** Held by a process that is no more. One that was just released is not stale. */
async function isStale(link: string): Promise<boolean> {
  try {
    const [holder, { mtimeMs }] = await Promise.all([readlink(link), lstat(link)]);
    const tellsStart = startOf(process.pid) !== '';
    return !isAlive(holder) || (!tellsStart && Date.now() - mtimeMs > longestMs);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * When a process began, in clock ticks since boot: a number of a process is used again some day. Empty for one that is
 * dead but was not yet waited for, and where there is no /proc.
 */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(state) ? '' : (rest[18] ?? '');
  } catch {
    return '';
  }
}

/** Who this process is: no other has the same name, now or later, where the system tells when one began. */
export const owner = `${process.pid}-${startOf(process.pid)}`;

/** Whether the process of that name still runs. */
export function isAlive(holder: string): boolean {
  if (holder === owner) return true;
  const [pid = '', start] = holder.split('-');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  return start === startOf(Number(pid));
}
