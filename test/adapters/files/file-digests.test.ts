import { createCipheriv, createHash } from 'node:crypto';
import {
  chmod,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileDigests, sha256OfFile } from '../../../adapters/files/file-digests.ts';

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

const tagOf = (content: Uint8Array): Buffer => {
  const cipher = createCipheriv('aes-128-gcm', new Uint8Array(16), new Uint8Array(12));
  cipher.setAAD(content).final();
  return cipher.getAuthTag();
};

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
  expect((await fileDigests(kept, later)(file)).digest).toBe(sha256('a,b\n1,2\n'));
  await plant('0'.repeat(64));
  expect((await fileDigests(kept, later)(file)).digest).toBe('0'.repeat(64));
});

test('a byte that changed is seen, although size and time of modification are as they were', async () => {
  const digestOf = fileDigests(kept, later);
  await utimes(file, 1e9, 1e9);
  const { size, mtimeNs } = await stat(file, { bigint: true });
  await digestOf(file);
  await writeFile(file, 'a,b\n1,3\n');
  await utimes(file, 1e9, 1e9);
  expect(await stat(file, { bigint: true })).toMatchObject({ size, mtimeNs });
  expect((await digestOf(file)).digest).toBe(sha256('a,b\n1,3\n'));
  expect((await fileDigests(kept, later)(file)).digest).toBe(sha256('a,b\n1,3\n'));
});

test('another file that takes its name is seen', async () => {
  const digestOf = fileDigests(kept, later);
  await digestOf(file);
  await writeFile(join(folder, 'other.csv'), 'a,b\n9,2\n');
  await rename(join(folder, 'other.csv'), file);
  expect((await digestOf(file)).digest).toBe(sha256('a,b\n9,2\n'));
});

test('a file that was written a moment ago, or in the future, is read each time', async () => {
  for (const now of [Date.now, () => Date.now() - 86_400_000]) {
    expect((await fileDigests(kept, now)(file)).digest).toBe(sha256('a,b\n1,2\n'));
    await expect(readdir(kept)).rejects.toThrow('ENOENT');
  }
});

test('where nothing can be kept, or what is kept is broken, files are read', async () => {
  await writeFile(kept, 'a file where the folder would be');
  expect((await fileDigests(kept, later)(file)).digest).toBe(sha256('a,b\n1,2\n'));
  await rm(kept);
  await fileDigests(kept, later)(file);
  await plant('cut off');
  expect((await fileDigests(kept, later)(file)).digest).toBe(sha256('a,b\n1,2\n'));
});

test('a file of no bytes, and one of several reads, have the digests that they should', async () => {
  await writeFile(file, '');
  expect((await fileDigests()(file)).digest).toBe(sha256(''));
  const long = 'x'.repeat(9 * 2 ** 20);
  await writeFile(file, long);
  expect((await fileDigests()(file)).digest).toBe(sha256(long));
  await chmod(file, 0o600);
  expect((await fileDigests()(file)).digest).toBe(sha256(long));
});

test('large files have the SHA-256 of the GMACs of their blocks, as another implementation has it', async () => {
  const contents = [32, 33].map((megabytes) =>
    Buffer.alloc(megabytes * 2 ** 20 + megabytes - 32, `${megabytes} rows\n`),
  );
  const paths = contents.map((_, at) => join(folder, `large-${at}.csv`));
  for (const [at, path] of paths.entries()) await writeFile(path, contents[at]!);
  const digestOf = fileDigests(kept, later);
  const digests = await Promise.all(paths.map((path) => digestOf(path)));
  // sha256(b''.join(AESGCM(bytes(16)).encrypt(bytes(12), b'', content[i:i + 2**20]) for i in range(0, len(content), 2**20))) of Python.
  expect(digests.map(({ digest }) => digest)).toEqual([
    'g3533dd6debbca3f11a55e63896e9be89cd87d4cd5c7927de007ce61e602743c9',
    'g534d60bc91155bf2019daae0eb4b0dc08d9bc1990d7ae5b646a3d26cb01abab7',
  ]);
  expect(await Promise.all(paths.map(fileDigests(kept, later)))).toEqual(digests);
  expect(await sha256OfFile(paths[1]!)).toBe(createHash('sha256').update(contents[1]!).digest('hex'));
});

test('threads digest as this one does, and know the last quotation mark of all', async () => {
  const block = 2 ** 20;
  // Sparse: 320 blocks, of which 304 wait for whoever is free, beside a file of 40 that has the same beginning.
  const paths = [320, 40].map((blocks) => ({ path: join(folder, `${blocks}.csv`), blocks }));
  for (const { path, blocks } of paths) {
    const handle = await open(path, 'w');
    await handle.truncate(blocks * block);
    await handle.write('"', 5);
    await handle.write('"', (blocks - 1) * block + 7);
    await handle.close();
  }
  const digestAll = () => Promise.all(paths.map(({ path }) => fileDigests()(path)));
  const digests = await digestAll();
  // By the thread that is still there.
  expect(await digestAll()).toEqual(digests);
  for (const [at, { blocks }] of paths.entries()) {
    const tags = Array.from({ length: blocks }, (_, index) => {
      const content = Buffer.alloc(block);
      if (index === 0) content[5] = 0x22;
      if (index === blocks - 1) content[7] = 0x22;
      return tagOf(content);
    });
    const digest = `g${createHash('sha256').update(Buffer.concat(tags)).digest('hex')}`;
    expect(digests[at]).toMatchObject({ digest, quotedTo: (blocks - 1) * block + 8 });
  }
});

test('one byte anywhere in a large file makes another digest', async () => {
  const content = Buffer.alloc(33 * 2 ** 20, 'a,b\n');
  const digests = new Set<string>();
  for (const place of [-1, 0, 2 ** 22 - 1, 2 ** 22, content.length - 1]) {
    if (place >= 0) content[place]! ^= 1;
    await writeFile(file, content);
    digests.add((await fileDigests()(file)).digest);
  }
  expect(digests.size).toBe(5);
});

test('the place behind the last quotation mark is known, wherever that stands, and kept', async () => {
  const plain = Buffer.alloc(9 * 2 ** 20, 'a,b\n');
  for (const places of [[], [0], [3, 2 ** 22 - 1], [2 ** 22], [0, plain.length - 1]]) {
    const content = Buffer.from(plain);
    for (const place of places) content[place] = 0x22;
    await writeFile(file, content);
    const quotedTo = (places.at(-1) ?? -1) + 1;
    expect(await fileDigests(kept, later)(file)).toMatchObject({ quotedTo });
    expect(await fileDigests(kept, later)(file)).toMatchObject({ quotedTo });
  }
});
