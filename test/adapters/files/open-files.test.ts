import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFiles } from '../../../adapters/files/open-files.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-files-'));
  await mkdir(join(folder, 'table/2026/.hidden'), { recursive: true });
  await mkdir(join(folder, 'empty'));
  const files = {
    ...{ 'b.csv': 'bb', 'a.csv': '0123456789', 'c.txt': 'c', '2026/x.csv': 'x', '2026-x.csv': 'y' },
    ...{ '.DS_Store': '', '2026/.hidden/z.csv': 'z', _SUCCESS: '' },
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'table', name), text);
  await symlink(join(folder, 'empty'), join(folder, 'table/link'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const names = async (uri: string) => (await openFiles(uri)).map(({ name }) => name);

test('a file is named by its base name, however it is given', async () => {
  const path = join(folder, 'table/a.csv');
  for (const uri of [path, `file:${path}`, pathToFileURL(path).href]) {
    const [source, ...others] = await openFiles(uri);
    expect(source).toMatchObject({ name: 'a.csv', size: 10, uri: pathToFileURL(path).href });
    expect(others).toEqual([]);
  }
});

test('a folder is all files below it but the hidden ones, sorted by their path', async () => {
  const expected = ['2026-x.csv', '2026/x.csv', '_SUCCESS', 'a.csv', 'b.csv', 'c.txt'];
  expect(await names(join(folder, 'table'))).toEqual(expected);
  expect(await names(`${join(folder, 'table')}/`)).toEqual(expected);
});

test('a star stands for any part of a name', async () => {
  expect(await names(join(folder, 'table/*.csv'))).toEqual(['2026-x.csv', 'a.csv', 'b.csv']);
  expect(await names(join(folder, 'table/a*'))).toEqual(['a.csv']);
});

test('ranges are read, several at once', async () => {
  const [source] = await openFiles(join(folder, 'table/a.csv'));
  const parts = await Promise.all([source?.read(0, 3), source?.read(7, 10), source?.read(5, 5)]);
  expect(parts.map((part) => new TextDecoder().decode(part))).toEqual(['012', '789', '']);
  await expect(source?.read(8, 11)).rejects.toThrow('a file of 10 bytes');
});

test('the ETag is the SHA-256 of the content, so that a copy has the same', async () => {
  // Of "c", by sha256sum.
  const c = '2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6';
  const path = join(folder, 'table/c.txt');
  expect((await openFiles(path))[0]?.etag).toBe(c);
  await copyFile(path, join(folder, 'copy.txt'));
  expect((await openFiles(join(folder, 'copy.txt')))[0]?.etag).toBe(c);
  await writeFile(path, 'd');
  expect((await openFiles(path))[0]?.etag).not.toBe(c);
});

test('what does not exist is MissingInput, with the nearest name there is', async () => {
  await expect(openFiles(join(folder, 'table/aa.csv'))).rejects.toMatchObject({
    name: 'MissingInput',
    message: expect.stringContaining(`did you mean '${join(folder, 'table/a.csv')}'?`),
  });
  await expect(openFiles(join(folder, 'tabel/a.csv'))).rejects.toThrow(
    `did you mean '${join(folder, 'table')}'?`,
  );
});

test.each(['empty', 'table/*.parquet', 'none/*.csv'])('%s without files is MissingInput', async (path) => {
  await expect(openFiles(join(folder, path))).rejects.toMatchObject({ name: 'MissingInput' });
});
