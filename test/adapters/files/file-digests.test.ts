import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileDigests } from '../../../adapters/files/file-digests.ts';

let folder: string;
let file: string;
let kept: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-digests-'));
  file = join(folder, 'table.csv');
  kept = join(folder, 'kept');
  await writeFile(file, 'a,b\n1,2\n');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** So late that no file was written just now. */
const later = () => Date.now() + 60_000;

/** Makes what is kept a lie, by which one sees whether it is asked. */
async function plant(lie: string): Promise<void> {
  const [entry, ...others] = await readdir(kept);
  expect(others).toEqual([]);
  const text = await readFile(join(kept, entry!), 'utf8');
  await writeFile(join(kept, entry!), text.replace(/[0-9a-f]{64}/, lie));
}

test('a file that stayed as it was is not read again, not even by another process', async () => {
  expect(await fileDigests(kept, later)(file)).toBe(sha256('a,b\n1,2\n'));
  await plant('0'.repeat(64));
  expect(await fileDigests(kept, later)(file)).toBe('0'.repeat(64));
});

test('a byte that changed is seen, although size and time of modification are as they were', async () => {
  const digestOf = fileDigests(kept, later);
  await utimes(file, 1e9, 1e9);
  const { size, mtimeNs } = await stat(file, { bigint: true });
  await digestOf(file);
  await writeFile(file, 'a,b\n1,3\n');
  await utimes(file, 1e9, 1e9);
  expect(await stat(file, { bigint: true })).toMatchObject({ size, mtimeNs });
  expect(await digestOf(file)).toBe(sha256('a,b\n1,3\n'));
  expect(await fileDigests(kept, later)(file)).toBe(sha256('a,b\n1,3\n'));
});

test('another file that takes its name is seen', async () => {
  const digestOf = fileDigests(kept, later);
  await digestOf(file);
  await writeFile(join(folder, 'other.csv'), 'a,b\n9,2\n');
  await rename(join(folder, 'other.csv'), file);
  expect(await digestOf(file)).toBe(sha256('a,b\n9,2\n'));
});

test('a file that was written a moment ago, or in the future, is read each time', async () => {
  for (const now of [Date.now, () => Date.now() - 86_400_000]) {
    expect(await fileDigests(kept, now)(file)).toBe(sha256('a,b\n1,2\n'));
    await expect(readdir(kept)).rejects.toThrow('ENOENT');
  }
});

test('where nothing can be kept, or what is kept is broken, files are read', async () => {
  await writeFile(kept, 'a file where the folder would be');
  expect(await fileDigests(kept, later)(file)).toBe(sha256('a,b\n1,2\n'));
  await rm(kept);
  await fileDigests(kept, later)(file);
  await plant('cut off');
  expect(await fileDigests(kept, later)(file)).toBe(sha256('a,b\n1,2\n'));
});

test('a file of no bytes, and one of several reads, have the digests that they should', async () => {
  await writeFile(file, '');
  expect(await fileDigests()(file)).toBe(sha256(''));
  const long = 'x'.repeat(9 * 2 ** 20);
  await writeFile(file, long);
  expect(await fileDigests()(file)).toBe(sha256(long));
  await chmod(file, 0o600);
  expect(await fileDigests()(file)).toBe(sha256(long));
});

test('large files, which threads digest side by side, have the digest of all their bytes', async () => {
  const contents = [33, 34].map((megabytes) => Buffer.alloc(megabytes * 2 ** 20 + 1, `${megabytes} rows\n`));
  const paths = contents.map((_, at) => join(folder, `large-${at}.csv`));
  for (const [at, path] of paths.entries()) await writeFile(path, contents[at]!);
  const digestOf = fileDigests();
  const digests = await Promise.all(paths.map((path) => digestOf(path)));
  expect(digests).toEqual(contents.map((bytes) => createHash('sha256').update(bytes).digest('hex')));
});
