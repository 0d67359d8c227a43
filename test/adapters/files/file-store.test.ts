import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lutimes, mkdir, mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileStore } from '../../../adapters/files/file-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { objectStoreContract } from '../../support/object-store-contract.ts';

let base: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'fanfare-store-'));
});

afterAll(() => rm(base, { recursive: true, force: true }));

const newFolder = () => mkdtemp(join(base, 'store-'));

objectStoreContract('in memory', async () => memoryStore());
objectStoreContract('on a folder', async () => fileStore(await newFolder()));

const bytes = (text: string) => new TextEncoder().encode(text);

test('an object is a file that anyone can read', async () => {
  const folder = await newFolder();
  await fileStore(folder).put('models/m.onnx', bytes('model'));
  expect(await readFile(join(folder, 'models/m.onnx'), 'utf8')).toBe('model');
});

test.each([0, 65_536, 65_537, 300_000])('an object of %i bytes comes back as it was', async (size) => {
  const body = Uint8Array.from({ length: size }, (_, at) => at % 251);
  const folder = await newFolder();
  await fileStore(folder).put('large', body);
  const object = await fileStore(folder).get('large');
  expect(object?.size).toBe(size);
  expect(Buffer.from(body).equals(object?.body ?? bytes('none'))).toBe(true);
  expect((await fileStore(folder).head('large'))?.etag).toBe(object?.etag);
});

test.each([0, 3, 70_000])(
  'an object in parts of up to %i bytes is they, one after the other',
  async (most) => {
    const parts = Array.from({ length: 1500 }, (_, at) =>
      new Uint8Array(at % 500 === 0 ? most : at % 3).fill(at),
    );
    const whole = Buffer.concat(parts);
    const folder = await newFolder();
    const sha256 = createHash('sha256').update(whole).digest('hex');
    const put = () => fileStore(folder).putParts!('parts', parts, { kind: 'absent' });
    expect(await put()).toEqual({ put: 'written', sha256 });
    expect(whole.equals(await readFile(join(folder, 'parts')))).toBe(true);
    expect(await put()).toEqual({ put: 'exists', sha256 });
  },
);

test('nothing is left of writes, won or lost', async () => {
  const folder = await newFolder();
  const store = fileStore(folder);
  await store.put('a', bytes('1'));
  await store.put('a', bytes('2'), { kind: 'absent' });
  await store.put('a', bytes('3'), { kind: 'match', etag: 'x' });
  await store.delete('a');
  expect(await readdir(join(folder, '.tmp'))).toEqual([]);
});

const lockOf = (key: string) => `lock-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;

test.each(['a process that has died', 'another process with its number'])(
  'the lock of %s blocks nobody',
  async (whose) => {
    const folder = await newFolder();
    const store = fileStore(folder);
    await store.put('a', bytes('1'));
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const holder = whose.includes('died') ? `${dead}-1` : `${process.pid}-1`;
    await symlink(holder, join(folder, '.tmp', `${lockOf('a')}.0`));
    expect(await store.put('a', bytes('2'))).toBe('written');
    expect(
      await store.put('a', bytes('3'), { kind: 'match', etag: (await store.head('a'))?.etag ?? '' }),
    ).toBe('written');
  },
);

test.runIf(existsSync('/proc/self/stat'))(
  'the lock of a living process is its own, even if the clock jumps ahead while it has it',
  async () => {
    const folder = await newFolder();
    const store = fileStore(folder);
    await store.put('a', bytes('1'));
    const stat = await readFile('/proc/self/stat', 'utf8');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const lock = join(folder, '.tmp', `${lockOf('a')}.0`);
    await symlink(`${process.pid}-${started}`, lock);
    await lutimes(lock, 1e9, 1e9);
    const put = store.put('a', bytes('2'));
    expect(await Promise.race([put, sleep(100, 'waits')])).toBe('waits');
    await unlink(lock);
    expect(await put).toBe('written');
  },
);

test('an object cannot have the name of a folder', async () => {
  const store = fileStore(await newFolder());
  await store.put('a/b', bytes('1'));
  await expect(store.put('a', bytes('2'), { kind: 'absent' })).rejects.toThrow();
  await expect(store.put('a', bytes('2'))).rejects.toThrow();
});

test('two writes of the same size in the same moment differ in their ETag', async () => {
  const store = fileStore(await newFolder());
  const etags = new Set<string | undefined>();
  for (let index = 0; index < 50; index++) {
    await store.put('a', bytes(String(index % 10)));
    etags.add((await store.head('a'))?.etag);
  }
  expect(etags.size).toBe(50);
});

test.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', 'a/./b', 'a b', 'ä', 'a\\b', '.tmp/x'])(
  '%j is no key',
  async (key) => {
    const store = fileStore(await newFolder());
    await expect(store.put(key, bytes('x'))).rejects.toMatchObject({
      ...{ name: 'InvalidSpec', message: expect.stringContaining(`'${key}' is no key`) },
    });
    await expect(store.get(key)).rejects.toMatchObject({ name: 'InvalidSpec' });
  },
);

test('a range beyond the object is an error', async () => {
  const store = fileStore(await newFolder());
  await store.put('a', bytes('0123'));
  await expect(store.getRange('a', 2, 5)).rejects.toThrow('bytes 2 to 5 were asked of a file of 4 bytes');
});

test('half-written files and folders without objects are not listed', async () => {
  const folder = await newFolder();
  await mkdir(join(folder, 'empty/deeper'), { recursive: true });
  await mkdir(join(folder, '.tmp'));
  await writeFile(join(folder, '.tmp/half'), 'x');
  for await (const { key } of fileStore(folder).list('')) expect.fail(`${key} was listed`);
});
