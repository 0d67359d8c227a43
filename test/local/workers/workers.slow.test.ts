import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Json } from '../../../core/json.ts';
import { TaskError } from '../../../local/interpreter/errors.ts';
import { startWorkers, type Workers, type WorkersOptions } from '../../../local/workers/workers.ts';

let folder: string;
let entry: string;
let bundle: string;
let parent: string;
let workers: Workers | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-workers-'));
  const here = import.meta.dirname;
  await build({
    entryPoints: {
      worker: join(here, '../../../local/workers/worker.ts'),
      handlers: join(here, 'handlers.ts'),
      parent: join(here, 'parent.ts'),
    },
    ...{ bundle: true, platform: 'node', format: 'esm', outdir: folder, outExtension: { '.js': '.mjs' } },
  });
  entry = join(folder, 'worker.mjs');
  bundle = join(folder, 'handlers.mjs');
  parent = join(folder, 'parent.mjs');
});

afterEach(async () => {
  await workers?.close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Settings extends Partial<WorkersOptions> {
  readonly memoryMiB?: number;
  readonly timeoutSeconds?: number;
  readonly concurrency?: number;
}

function pool(settings: Settings = {}): Workers {
  const { memoryMiB = 512, timeoutSeconds = 20, concurrency = 2, ...options } = settings;
  workers = startWorkers({
    ...{ entry, env: {}, bundleFor: () => bundle },
    limits: () => ({ memoryMiB, timeoutSeconds, concurrency }),
    ...options,
  });
  return workers;
}

/** The error's name, and what its cause says as JSON. */
async function failureOf(invocation: Promise<Json>) {
  const error: unknown = await invocation.catch((error: unknown) => error);
  if (!(error instanceof TaskError)) throw new Error('a TaskError was expected', { cause: error });
  return { error: error.error, cause: JSON.parse(error.cause) as { errorMessage: string; trace?: string[] } };
}

test('JSON goes in and comes out as it was', async () => {
  const value = { text: 'ä€😀\n', list: [1, null, true, { deep: [] }], zero: 0 };
  expect(await pool().invoke('f', { do: 'echo', value }, {})).toEqual(value);
  expect(await pool().invoke('f', { do: 'undefined' }, {})).toBeNull();
});

test('the handler gets a context and an environment as Lambda has them, and nothing of the parent', async () => {
  process.env.SECRET_OF_PARENT = 'x';
  const answer = await pool({ env: { BUCKET: 'b' }, timeoutSeconds: 9 }).invoke(
    'train',
    { do: 'context' },
    {},
  );
  expect(answer).toMatchObject({
    ...{
      functionName: 'train',
      memoryLimitInMB: '512',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
    env: { BUCKET: 'b', TZ: 'UTC', AWS_LAMBDA_FUNCTION_NAME: 'train' },
  });
  const { remaining, env } = answer as { remaining: number; env: Record<string, string> };
  expect(remaining).toBeGreaterThan(5000);
  expect(remaining).toBeLessThanOrEqual(9000);
  expect(env).not.toHaveProperty('SECRET_OF_PARENT');
});

test('a warm process is used again, and the most recently used first', async () => {
  const warm = pool();
  const both = await Promise.all([warm.invoke('f', { do: 'pid' }, {}), warm.invoke('f', { do: 'pid' }, {})]);
  expect(new Set(both).size).toBe(2);
  const [, last] = both;
  const order = [await warm.invoke('f', { do: 'pid' }, {}), await warm.invoke('f', { do: 'pid' }, {})];
  expect(order[0]).toBe(order[1]);
  expect(both).toContain(last);
  expect(warm.pids()).toHaveLength(2);
});

test('a process serves one function only', async () => {
  const warm = pool();
  expect(await warm.invoke('f', { do: 'pid' }, {})).not.toBe(await warm.invoke('g', { do: 'pid' }, {}));
});

test('a prepared process has its bundle before it is asked for anything, and is not started twice', async () => {
  const telling = join(folder, 'telling.mjs');
  await writeFile(telling, "console.log('imported'); export const handler = () => process.pid;");
  const lines: string[] = [];
  const ready = pool({ bundleFor: () => telling, onLog: (name, line) => lines.push(`${name}: ${line}`) });
  ready.prepare('f');
  ready.prepare('f');
  await vi.waitFor(() => expect(lines).toEqual(['f: imported']), 10_000);
  expect(ready.pids()).toEqual([await ready.invoke('f', null, {})]);
  expect(lines).toHaveLength(1);
});

test('as many processes are prepared as are asked for, with those that there are, and no more than are allowed', async () => {
  const ready = pool({ concurrency: 3 });
  ready.prepare('f');
  ready.prepare('f', 2);
  expect(ready.pids()).toHaveLength(2);
  ready.prepare('f', 4);
  expect(ready.pids()).toHaveLength(3);
  const used = await Promise.all([1, 2, 3].map(() => ready.invoke('f', { do: 'pid' }, {})));
  expect(used.toSorted()).toEqual(ready.pids().toSorted());
});

test("a function runs in another one's process where it is told to", async () => {
  const warm = pool();
  const pid = await warm.invoke('f', { do: 'pid' }, {});
  expect(await warm.invoke('g', { do: 'pid' }, { like: 'f' })).toBe(pid);
  expect(await warm.invoke('g', { do: 'pid' }, {})).not.toBe(pid);
});

test('what is wrong with a prepared bundle is told by its first invocation', async () => {
  const broken = join(folder, 'broken.mjs');
  await writeFile(broken, "throw new TypeError('no such table');");
  const failing = pool({ bundleFor: () => broken });
  failing.prepare('f');
  const { error, cause } = await failureOf(failing.invoke('f', null, {}));
  expect([error, cause.errorMessage]).toEqual(['TypeError', 'no such table']);
});

test('a warm process sees what the environment has become', async () => {
  const env: Record<string, string> = { BUCKET: 'b' };
  const warm = pool({ env });
  const first = await warm.invoke('f', { do: 'context' }, {});
  env.LATER = 'x';
  const second = await warm.invoke('f', { do: 'context' }, {});
  expect(first).not.toMatchObject({ env: { LATER: 'x' } });
  expect(second).toMatchObject({ served: 2, env: { BUCKET: 'b', LATER: 'x' } });
});

test('functions of one process name share its processes, each under its own name', async () => {
  const shared = pool({ processOf: () => 'brief', concurrency: 1 });
  const pids = [await shared.invoke('f', { do: 'pid' }, {}), await shared.invoke('g', { do: 'pid' }, {})];
  expect(pids[0]).toBe(pids[1]);
  expect(await shared.invoke('g', { do: 'context' }, {})).toMatchObject({ functionName: 'g' });
  await vi.waitFor(() => expect(Object.keys(shared.peaks())).toContain('f'));
});

test('a shared process imports the bundle of each of its functions', async () => {
  const other = join(folder, 'other.mjs');
  await writeFile(other, `export const handler = () => 'other';`);
  const shared = pool({ processOf: () => 'brief', bundleFor: (name) => (name === 'f' ? bundle : other) });
  expect(await shared.invoke('f', { do: 'echo', value: 1 }, {})).toBe(1);
  expect(await shared.invoke('g', null, {})).toBe('other');
  expect(await shared.invoke('f', { do: 'echo', value: 2 }, {})).toBe(2);
  expect(shared.pids()).toHaveLength(1);
});

test('beyond its concurrency a function waits in order, and holds up no other', async () => {
  const warm = pool({ concurrency: 1 });
  const ended: string[] = [];
  const call = (name: string, label: string) =>
    warm.invoke(name, { do: 'pid' }, {}).then((pid) => {
      ended.push(label);
      return pid;
    });
  const pids = await Promise.all([call('f', 'f1'), call('f', 'f2'), call('f', 'f3'), call('g', 'g1')]);
  expect(new Set(pids.slice(0, 3)).size).toBe(1);
  expect(ended.filter((label) => label.startsWith('f'))).toEqual(['f1', 'f2', 'f3']);
  expect(warm.pids()).toHaveLength(2);
});

test('the total limits all functions together: an idle process makes room for another function', async () => {
  const warm = pool({ totalConcurrency: 1 });
  const first = await warm.invoke('f', { do: 'pid' }, {});
  const second = await warm.invoke('g', { do: 'pid' }, {});
  expect(second).not.toBe(first);
  expect(warm.pids()).toEqual([second]);
});

test('idle processes end', async () => {
  const warm = pool({ idleMs: 50 });
  await warm.invoke('f', { do: 'pid' }, {});
  expect(warm.pids()).toHaveLength(1);
  await expect.poll(() => warm.pids(), { timeout: 5000 }).toEqual([]);
  expect(await warm.invoke('f', { do: 'echo', value: 1 }, {})).toBe(1);
});

test('an exception keeps its name, message and trace, and the process lives', async () => {
  const warm = pool();
  const pid = await warm.invoke('f', { do: 'pid' }, {});
  const { error, cause } = await failureOf(warm.invoke('f', { do: 'throw' }, {}));
  expect(error).toBe('DivergedError');
  expect(cause).toMatchObject({ errorType: 'DivergedError', errorMessage: 'the loss is NaN' });
  expect(cause.trace?.[0]).toContain('DivergedError: the loss is NaN');
  expect(await warm.invoke('f', { do: 'pid' }, {})).toBe(pid);
});

test('a handler beyond its time is killed: Sandbox.Timedout', async () => {
  const warm = pool({ timeoutSeconds: 0.5 });
  const { error, cause } = await failureOf(warm.invoke('f', { do: 'spin' }, {}));
  expect(error).toBe('Sandbox.Timedout');
  expect(cause.errorMessage).toMatch(/Task timed out after 0\.50 seconds$/);
  expect(warm.pids()).toEqual([]);
  expect(await warm.invoke('f', { do: 'echo', value: 1 }, {})).toBe(1);
});

test("a caller's shorter time is States.Timeout, and does not run while the invocation waits for a process", async () => {
  const warm = pool({ concurrency: 1 });
  const first = warm.invoke('f', { do: 'sleep', ms: 1200 }, {});
  const second = warm.invoke('f', { do: 'sleep', ms: 50 }, { timeoutMs: 1000 });
  expect(await second).toBe(await first);
  const late = await warm.invoke('f', { do: 'spin' }, { timeoutMs: 100 }).catch((error: unknown) => error);
  expect(late).toMatchObject({ error: 'States.Timeout' });
});

test.each([
  [{ do: 'exit', code: 3 }, 'Runtime exited with error: exit status 3'],
  [{ do: 'exit', code: 0 }, 'Runtime exited with error: exit status 0'],
  [{ do: 'kill', signal: 'KILL' }, 'Runtime exited with error: signal: SIGKILL'],
  [{ do: 'kill', signal: 'SEGV' }, 'Runtime exited with error: signal: SIGSEGV'],
])('a process that ends during %j is Runtime.ExitError', async (event, message) => {
  const warm = pool();
  const { error, cause } = await failureOf(warm.invoke('f', event, {}));
  expect(error).toBe('Runtime.ExitError');
  expect(cause.errorMessage).toContain(message);
  expect(await warm.invoke('f', { do: 'echo', value: 1 }, {})).toBe(1);
});

test('a process beyond its memory is killed: Runtime.OutOfMemory', async () => {
  const warm = pool({ memoryMiB: 160 });
  const { error, cause } = await failureOf(warm.invoke('f', { do: 'grow' }, {}));
  expect(error).toBe('Runtime.OutOfMemory');
  expect(cause.errorMessage).toContain('of 160 MiB');
  expect(warm.peaks().f).toBeGreaterThan(160);
});

test('a promise that nobody handles is Runtime.UnhandledPromiseRejection', async () => {
  const { error, cause } = await failureOf(pool().invoke('f', { do: 'reject' }, {}));
  expect(error).toBe('Runtime.UnhandledPromiseRejection');
  expect(cause.errorMessage).toBe('nobody waits for me');
});

test('an answer that is no JSON fails, and so does one over 6 MB', async () => {
  const warm = pool();
  expect((await failureOf(warm.invoke('f', { do: 'circular' }, {}))).cause.errorMessage).toContain(
    'Unable to stringify',
  );
  // Two bytes are the quotes.
  expect(await warm.invoke('f', { do: 'large', bytes: 6_291_554 }, {})).toHaveLength(6_291_554);
  const { error } = await failureOf(warm.invoke('f', { do: 'large', bytes: 6_291_555 }, {}));
  expect(error).toBe('Function.ResponseSizeTooLarge');
});

test.each([
  ['none.mjs', undefined, 'Runtime.ImportModuleError'],
  ['syntax.mjs', 'export const handler = (;', 'Runtime.UserCodeSyntaxError'],
  ['empty.mjs', 'export const x = 1;', 'Runtime.HandlerNotFound'],
  ['throws.mjs', "throw new RangeError('at import'); export const handler = 1;", 'RangeError'],
])('a bundle that cannot be used (%s) is told as Lambda tells it', async (name, text, expected) => {
  const path = join(folder, name);
  if (text !== undefined) await writeFile(path, text);
  const warm = pool({ bundleFor: () => path });
  expect((await failureOf(warm.invoke('f', {}, {}))).error).toBe(expected);
  await writeFile(path, 'export const handler = async () => 1;');
  expect(await warm.invoke('f', {}, {})).toBe(1);
});

test('an abort kills what runs, and takes what waits out of the queue', async () => {
  const warm = pool({ concurrency: 1 });
  const pid = await warm.invoke('f', { do: 'pid' }, {});
  const abort = new AbortController();
  const running = warm.invoke('f', { do: 'spin' }, { signal: abort.signal }).catch((error: unknown) => error);
  const waiting = warm.invoke('f', { do: 'pid' }, { signal: abort.signal }).catch((error: unknown) => error);
  const next = warm.invoke('f', { do: 'pid' }, {});
  await sleep(100);
  abort.abort(new Error('a sibling failed'));
  expect(await running).toMatchObject({ message: 'a sibling failed' });
  expect(await waiting).toMatchObject({ name: 'Aborted' });
  expect(await next).not.toBe(pid);
  expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
});

test('what a handler prints comes line by line', async () => {
  const lines: string[] = [];
  const warm = pool({ onLog: (name, line) => lines.push(`${name}: ${line}`) });
  await warm.invoke('f', { do: 'print', lines: ['one', 'two'] }, {});
  await expect.poll(() => lines.toSorted()).toEqual(['f: one', 'f: to stderr', 'f: two']);
});

test('peaks tell the memory of even a short invocation', async () => {
  const warm = pool();
  await warm.invoke('f', { do: 'echo', value: 1 }, {});
  await expect.poll(() => warm.peaks().f ?? 0).toBeGreaterThan(20);
});

test('a closed pool has no processes and takes no work', async () => {
  const warm = pool();
  const running = warm.invoke('f', { do: 'spin' }, {}).catch((error: unknown) => error);
  await expect.poll(() => warm.pids()).toHaveLength(1);
  const [pid] = warm.pids();
  await warm.close();
  expect(await running).toMatchObject({ name: 'Aborted' });
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
  await expect(warm.invoke('f', { do: 'pid' }, {})).rejects.toMatchObject({ name: 'Aborted' });
});

test.each([
  ['as the system sees to', process.env.PATH],
  ['as they see to where the system cannot be asked', '/nowhere'],
])('workers die with a parent that is killed, even while they compute, %s', async (_, path) => {
  const child = spawn(process.execPath, [parent, entry, bundle], {
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data))),
  );
  const pids = JSON.parse(line) as number[];
  expect(pids).toHaveLength(3);
  child.kill('SIGKILL');
  await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([]);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
