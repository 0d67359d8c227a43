import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { encodeJson, type ObjectStore } from '../../core/store.ts';
import { lock } from '../../local/lock.ts';
import { memoryStore } from '../support/memory-store.ts';

const key = 'locks/late.json';

const holderIn = async (store: ObjectStore): Promise<{ pid: number }> =>
  JSON.parse(new TextDecoder().decode((await store.get(key))!.body));

/** A lock as the process of that number would have left it. */
async function heldBy(pid: number, started: string): Promise<ObjectStore> {
  const store = memoryStore();
  await store.put(key, encodeJson({ pid, started, command: 'tune late.yaml' }));
  return store;
}

/** Field 22 of proc(5) is the 20th after the command's parenthesis; nothing on other systems. */
function startOf(pid: number): string {
  if (!existsSync('/proc/self/stat')) return '';
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
}

/** Takes the lock in another process, which is still there or was killed. */
async function takenElsewhere(alive: boolean) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const store = memoryStore();
  const pid = child.pid!;
  await store.put(key, encodeJson({ pid, started: startOf(pid), command: 'tune late.yaml' }));
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  if (!alive) await kill();
  return { store, pid, kill };
}

test('a name is free again once its holder releases it', async () => {
  const store = memoryStore();
  const release = await lock(store, 'late');
  expect(await holderIn(store)).toMatchObject({ pid: process.pid });
  await release();
  expect(await store.head(key)).toBeUndefined();
  await (await lock(store, 'late'))();
});

test('a live holder is refused to the second, who is told its process and command', async () => {
  const { store, pid, kill } = await takenElsewhere(true);
  try {
    await expect(lock(store, 'late')).rejects.toMatchObject({
      name: 'AlreadyRunning',
      message: expect.stringMatching(`^late is being run by process ${pid} \\(fanfare tune late\\.yaml\\)`),
    });
    expect(await holderIn(store)).toMatchObject({ pid });
  } finally {
    await kill();
  }
});

test('what a killed holder had is taken over', async () => {
  const { store } = await takenElsewhere(false);
  await lock(store, 'late');
  expect(await holderIn(store)).toMatchObject({ pid: process.pid });
});

test.runIf(existsSync('/proc/self/stat'))('a holder that died and was not waited for is dead', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toContain(') Z '));
    await lock(await heldBy(pid, startOf(pid)), 'late');
  } finally {
    parent.kill('SIGKILL');
  }
});

test('a holder whose number went to a later process is dead', async () => {
  const store = await heldBy(process.pid, 'another time');
  await lock(store, 'late');
  expect(await holderIn(store)).not.toMatchObject({ started: 'another time' });
});

test('a lock that nobody can read is taken over', async () => {
  const store = memoryStore();
  await store.put(key, encodeJson({ pid: 'many' }));
  await lock(store, 'late');
  expect(await holderIn(store)).toMatchObject({ pid: process.pid });
});

test('another name is free', async () => {
  const store = memoryStore();
  await lock(store, 'late');
  await lock(store, 'early');
  await expect(lock(store, 'late')).rejects.toThrow('late is being run');
});

test.each([
  ['free', memoryStore],
  ['of a dead holder', () => heldBy(process.pid, 'another time')],
])('of many that want a lock that is %s, one gets it', async (_, make) => {
  const store = await make();
  const wanted = await Promise.allSettled(Array.from({ length: 8 }, () => lock(store, 'late')));
  expect(wanted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
