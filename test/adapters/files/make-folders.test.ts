import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileStore } from '../../../adapters/files/file-store.ts';
import { makeFolders } from '../../../adapters/files/make-folders.ts';

let base: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'fanfare-folders-'));
});

afterAll(() => rm(base, { recursive: true, force: true }));

test('makes what is not there, and says where that begins', async () => {
  expect(makeFolders(join(base, 'a/b/c'))).toBe(join(base, 'a'));
  expect(makeFolders(join(base, 'a/b/d'))).toBe(join(base, 'a/b/d'));
  expect(makeFolders(join(base, 'a/b/c'))).toBeUndefined();
  expect((await readdir(join(base, 'a/b'))).toSorted()).toEqual(['c', 'd']);
});

test('makes nothing where a file or a link to nothing is in the way', async () => {
  await writeFile(join(base, 'file'), '');
  await symlink(join(base, 'nowhere'), join(base, 'link'));
  expect(() => makeFolders(join(base, 'file/x'))).toThrow('ENOTDIR');
  expect(() => makeFolders(join(base, 'link/x'))).toThrow('ENOENT');
});

// Other systems have no such folder.
test.runIf(process.platform === 'linux')('ends where a folder takes none', async () => {
  expect(() => makeFolders('/proc/fanfare/store')).toThrow(
    "ENOENT: no such file or directory, mkdir '/proc/fanfare'",
  );
  await expect(fileStore('/proc/fanfare/store').put('a', new Uint8Array())).rejects.toMatchObject({
    name: 'StoreFailed',
    message: expect.stringContaining(
      'the place of the folder /proc/fanfare/store cannot be written to (ENOENT: ',
    ),
  });
});

test('a store below a file cannot be written to, and says so', async () => {
  await writeFile(join(base, 'home'), '');
  await expect(fileStore(join(base, 'home/store')).put('a', new Uint8Array())).rejects.toMatchObject({
    name: 'StoreFailed',
    message: expect.stringContaining('cannot be written to (ENOTDIR: '),
  });
});
