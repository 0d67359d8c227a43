import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FanfareError } from '../../core/errors.ts';
import { digestBlocks } from './block-digests.ts';
import { makeFolders } from './make-folders.ts';

interface FileDigest {
  /** What tells the content from any other: its SHA-256 in hex or, of a large file, `g` and what its blocks come to. */
  readonly digest: string;
  /** The place behind its last quotation mark, or 0: most CSV files have none behind the header, and nobody need count them. */
  readonly quotedTo: number;
}

export type DigestOfFile = (path: string) => Promise<FileDigest>;

interface Known extends FileDigest {
  /** What the system says of the file: whoever writes to it changes that. */
  readonly version: string;
}

/** The clocks of file systems tick every two seconds at worst (FAT): a file may be written twice within a tick. */
const tickMs = 2000;
const readBytes = 4 * 2 ** 20;
const quote = 34;
/** Files of so many bytes are digested by blocks, on all cores, at the speed of memory. */
const largeBytes = 32 * 2 ** 20;

/**
 * Digests files, and reads one again only if it may have changed. A file is taken for unchanged while its device, inode,
 * size, and times of modification and of change are: the last is the kernel's own, so that a tool which puts the time of
 * modification back is seen too. A digest that was taken within a tick of the file's last change is used and not kept.
 *
 * With a `folder` what was found is kept there for other processes, a small file each. That is best effort: where it
 * cannot be written or read, files are read again.
 */
export function fileDigests(folder?: string, now: () => number = Date.now): DigestOfFile {
  const known = new Map<string, Known>();
  return async (path) => {
    const handle = await open(path);
    try {
      const before = await handle.stat({ bigint: true });
      const version = versionOf(before);
      const found = known.get(path) ?? (folder === undefined ? undefined : await recall(folder, path));
      if (found?.version === version) {
        known.set(path, found);
        return found;
      }
      const began = now();
      const read = { version, ...(await readDigest(handle, Number(before.size))) };
      if (versionOf(await handle.stat({ bigint: true })) !== version) {
        throw new FanfareError('BadTable', `${path} was written to while it was read. Start again.`);
      }
      if (began - Number(before.ctimeMs) > tickMs && began - Number(before.mtimeMs) > tickMs) {
        known.set(path, read);
        if (folder !== undefined) await remember(folder, path, read);
      }
      return read;
    } finally {
      await handle.close();
    }
  };
}

/** The SHA-256 of a file's content, in hex. */
export async function sha256OfFile(path: string): Promise<string> {
  const handle = await open(path);
  try {
    const hash = createHash('sha256');
    for await (const bytes of contentOf(handle, (await handle.stat()).size)) hash.update(bytes);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

async function readDigest(handle: FileHandle, size: number): Promise<FileDigest> {
  if (size >= largeBytes) return digestBlocks(handle.fd, size);
  const hash = createHash('sha256');
  let at = 0;
  let quotedTo = 0;
  for await (const bytes of contentOf(handle, size)) {
    hash.update(bytes);
    // The way back is the slow one.
    if (bytes.includes(quote)) quotedTo = at + bytes.lastIndexOf(quote) + 1;
    at += bytes.length;
  }
  return { digest: hash.digest('hex'), quotedTo };
}

/** Piece after piece, each in the same array. */
async function* contentOf(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(readBytes, size)));
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

const versionOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].map((part) => part.toString(36)).join('-');

const entryOf = (folder: string, path: string): string =>
  join(folder, `${createHash('sha256').update(path).digest('hex').slice(0, 32)}.txt`);

async function recall(folder: string, path: string): Promise<Known | undefined> {
  const text = await readFile(entryOf(folder, path), 'utf8').catch(() => '');
  const [, version, digest, quotedTo] = /^(\S+) ([0-9a-f]{64}|g[0-9a-f]{64}) (\d+)\n$/.exec(text) ?? [];
  return version === undefined || digest === undefined
    ? undefined
    : { version, digest, quotedTo: Number(quotedTo) };
}

async function remember(folder: string, path: string, { version, digest, quotedTo }: Known): Promise<void> {
  const entry = entryOf(folder, path);
  const unfinished = `${entry}.${process.pid}`;
  try {
    makeFolders(folder);
    await writeFile(unfinished, `${version} ${digest} ${quotedTo}\n`);
    await rename(unfinished, entry);
  } catch {
    // The next process reads the file again.
  }
}
