import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { FanfareError } from '../../core/errors.ts';
import type { ObjectHead, ObjectStore, PutCondition, Room } from '../../core/store.ts';
import { codeOf, isMissing, writeError } from './errors.ts';
import { locked } from './file-lock.ts';
import { listFiles } from './list-files.ts';
import { makeFolders } from './make-folders.ts';
import { readSmall } from './read-small.ts';
import { scratch, smallBytes, writeScratch } from './scratch.ts';

const fsync = promisify(fs.fsync);

/**
 * A folder that keeps S3's promises, for any number of processes on one machine. The object `a/b` is the file `a/b`, so
 * that people and tools can read it; a key can therefore not be the beginning of another's path.
 *
 * An ETag is the file's size, inode and time of change, since hashing 100 MB at each `head` would take longer than most
 * that asks for it. Every write makes a new file and sets its time with a random part below the millisecond, as the
 * kernel's own clock for files ticks every few milliseconds only.
 */
export function fileStore(folder: string): ObjectStore {
  const root = resolve(folder);
  return {
    get: (key, room) => get(root, key, room),
    getRange: (key, start, end) => getRange(root, key, start, end),
    head: (key) => head(root, key),
    put: (key, body, condition) => put(root, key, [body], condition),
    putParts: async (key, parts, condition) => {
      // The digest is taken while the system writes.
      const digest = turn().then(() => digestOf(parts));
      return { put: await put(root, key, parts, condition), sha256: await digest };
    },
    list: (prefix, after) => list(root, prefix, after),
    delete: (key) => remove(root, key),
  };
}

const pathOf = (root: string, key: string): string => join(root, checkedKey(key));

function checkedKey(key: string): string {
  const segments = key.split('/');
  const odd = segments.some((segment) => segment === '' || segment === '.' || segment === '..');
  if (odd || segments[0] === scratch || !/^[A-Za-z0-9._=%/-]+$/.test(key)) {
    const allowed =
      'allowed are names of A-Z, a-z, 0-9, . _ = % and -, joined by /, none of them empty, . or ..';
    throw new FanfareError('InvalidSpec', `'${key}' is no key of an object: ${allowed}`);
  }
  return key;
}

const headOf = (key: string, stats: fs.BigIntStats): ObjectHead => ({
  key,
  size: Number(stats.size),
  etag: `${stats.size.toString(36)}-${stats.ino.toString(36)}-${stats.mtimeNs.toString(36)}`,
});

async function get(root: string, key: string, room?: Room) {
  const size = (await head(root, key))?.size;
  if (size === undefined) return undefined;
  if (size <= smallBytes) {
    const read = readSmall(pathOf(root, key));
    return read && { ...headOf(key, read.stats), body: read.body };
  }
  return withObject(root, key, async (handle, found) => ({
    ...found,
    body: await readRange(handle, 0, found.size, found.size, room),
  }));
}

/** What `read` makes of the opened object; undefined where there is none. */
async function withObject<T>(
  root: string,
  key: string,
  read: (handle: FileHandle, found: ObjectHead) => Promise<T>,
): Promise<T | undefined> {
  const path = pathOf(root, key);
  let handle: FileHandle;
  try {
    handle = await open(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const stats = await handle.stat({ bigint: true });
    return stats.isFile() ? await read(handle, headOf(key, stats)) : undefined;
  } finally {
    await handle.close();
  }
}

async function getRange(root: string, key: string, start: number, end: number): Promise<Uint8Array> {
  const bytes = await withObject(root, key, (handle, { size }) => readRange(handle, start, end, size));
  if (!bytes) throw new FanfareError('MissingInput', `there is no object '${key}' in ${root}`);
  return bytes;
}

/** So few bytes take less time than a thread that reads them. */
const atOnceBytes = 256 * 2 ** 10;

/** Bytes `start` (inclusive) to `end` (exclusive) of a file of `size` bytes; in `room` where there is one. */
export async function readRange(
  handle: FileHandle,
  start: number,
  end: number,
  size: number,
  room: Room = (length) => new Uint8Array(length),
): Promise<Uint8Array> {
  if (!(start >= 0 && start <= end && end <= size)) {
    throw new RangeError(`bytes ${start} to ${end} were asked of a file of ${size} bytes`);
  }
  const bytes = room(end - start);
  for (let done = 0; done < bytes.length; ) {
    const left = bytes.length - done;
    const bytesRead =
      left <= atOnceBytes
        ? fs.readSync(handle.fd, bytes, done, left, start + done)
        : (await handle.read(bytes, done, left, start + done)).bytesRead;
    if (bytesRead === 0) throw new FanfareError('BadTable', 'a file became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

async function head(root: string, key: string): Promise<ObjectHead | undefined> {
  try {
    const stats = fs.statSync(pathOf(root, key), { bigint: true, throwIfNoEntry: false });
    return stats?.isFile() ? headOf(key, stats) : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function digestOf(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

const put = (...written: Parameters<typeof write>): Promise<'written' | 'exists'> =>
  write(...written).catch((error: unknown) => {
    throw writeError(error, written[0]);
  });

async function write(
  root: string,
  key: string,
  parts: readonly Uint8Array[],
  condition: PutCondition | undefined,
): Promise<'written' | 'exists'> {
  const path = pathOf(root, key);
  // A look that costs little saves writing what would be refused; what counts is the link or the lock below.
  if (condition?.kind === 'absent' && (await head(root, key))) return 'exists';
  await makeFolder(root, dirname(path));
  const written = await writeScratch(root, parts);
  try {
    const won = condition?.kind === 'absent' ? create(path, written) : replace(root, key, written, condition);
    if (!(await won)) return 'exists';
    await syncFolder(dirname(path));
    return 'written';
  } finally {
    // After a rename there is nothing left to remove.
    fs.rmSync(written, { force: true });
  }
}

/** False where something has that name: an object, which is the answer, or a folder, which is a mistake. */
function create(path: string, written: string): boolean {
  try {
    fs.linkSync(written, path);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || fs.statSync(path).isDirectory()) throw error;
    return false;
  }
}

/** False where the object is not that version. */
function replace(
  root: string,
  key: string,
  written: string,
  condition: PutCondition | undefined,
): Promise<boolean> {
  return locked(lockOf(root, key), async () => {
    if (condition?.kind === 'match' && (await head(root, key))?.etag !== condition.etag) return false;
    await rename(written, pathOf(root, key));
    return true;
  });
}

/** Whatever replaces or deletes an object takes its lock; creating one where none is can do without. */
const lockOf = (root: string, key: string): string =>
  join(root, scratch, `lock-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`);

async function makeFolder(root: string, folder: string): Promise<void> {
  makeFolders(join(root, scratch));
  const first = makeFolders(folder);
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** A new name is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const file = fs.openSync(folder, 'r');
  try {
    await fsync(file);
  } finally {
    fs.closeSync(file);
  }
}

async function* list(root: string, prefix: string, after = ''): AsyncIterable<ObjectHead> {
  const keys: string[] = [];
  for await (const key of listFiles(root, prefix, after)) {
    if (key.startsWith(`${scratch}/`)) continue;
    keys.push(key);
    if (keys.length === 64) yield* await heads(root, keys.splice(0));
  }
  yield* await heads(root, keys);
}

/** Those that are still there. */
async function heads(root: string, keys: readonly string[]): Promise<readonly ObjectHead[]> {
  const found = await Promise.all(keys.map((key) => head(root, key)));
  return found.filter((object) => object !== undefined);
}

async function remove(root: string, key: string): Promise<void> {
  const path = pathOf(root, key);
  if (!(await head(root, key))) return;
  await locked(lockOf(root, key), async () => {
    await unlink(path).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  });
  await syncFolder(dirname(path));
}
