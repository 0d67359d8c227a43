import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isMissing } from './errors.ts';
import { isAlive, owner } from './file-lock.ts';

/** Where unfinished writes and locks are, and what is only kept to save time; no key may begin with it. */
export const scratch = '.tmp';

/**
 * What takes the system microseconds is called directly, since a turn of the thread pool takes ten times as long. What waits
 * for the disk or moves more bytes than this is not, so that it holds up nothing else in the process.
 */
export const smallBytes = 64 * 1024;

const fsync = promisify(fs.fsync);
const writev = promisify(fs.writev);
/** The system takes 1024 at once. */
const mostParts = 1024;

/** A durable file of these parts, by its path: to be linked or renamed to its place, or removed. Its name tells whose it is. */
export async function writeScratch(root: string, parts: readonly Uint8Array[]): Promise<string> {
  const path = join(root, scratch, `${owner}-${randomUUID()}`);
  const file = fs.openSync(path, 'wx');
  try {
    if (parts.reduce((sum, part) => sum + part.length, 0) <= smallBytes)
      fs.writeFileSync(file, Buffer.concat(parts));
    else await writeParts(file, parts);
    const seconds = (Date.now() + Math.random()) / 1000;
    fs.futimesSync(file, seconds, seconds);
    await fsync(file);
  } catch (error) {
    // What a full disk cut off would keep it full.
    fs.rmSync(path, { force: true });
    throw error;
  } finally {
    fs.closeSync(file);
  }
  return path;
}

async function writeParts(file: number, parts: readonly Uint8Array[]): Promise<void> {
  for (let rest = parts; rest.length > 0; ) {
    const { bytesWritten } = await writev(file, rest.slice(0, mostParts));
    rest = behind(rest, bytesWritten);
  }
}

/** What comes after so many bytes. */
function behind(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  const at = parts.findIndex((part) => {
    if (left < part.length) return true;
    left -= part.length;
    return false;
  });
  return at < 0 ? [] : [parts[at]!.subarray(left), ...parts.slice(at + 1)];
}

/** Removes what processes that were killed in the middle of a write left behind; the living ones' stays. */
export async function sweepScratch(root: string): Promise<void> {
  const folder = join(root, scratch);
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const name of names) {
    const [, writer] = /^(\d+-\d*)-[0-9a-f-]{36}$/.exec(name) ?? [];
    if (writer !== undefined && !isAlive(writer)) await rm(join(folder, name), { force: true });
  }
}
