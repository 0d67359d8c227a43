import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FanfareError } from '../../core/errors.ts';

/** The SHA-256 of a file's content, in hex. */
export type DigestOfFile = (path: string) => Promise<string>;

interface Known {
  /** What the system says of the file: whoever writes to it changes that. */
  readonly version: string;
  readonly digest: string;
}

/** The clocks of file systems tick every two seconds at worst (FAT): a file may be written twice within a tick. */
const tickMs = 2000;
const readBytes = 4 * 2 ** 20;
/** A file of so many bytes is worth a thread of its own: several are then digested on as many cores. */
const threadBytes = 32 * 2 ** 20;

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
        return found.digest;
      }
      const began = now();
      const digest =
        before.size < threadBytes
          ? await digestOf(handle, Number(before.size))
          : await digestInThread(handle.fd);
      if (versionOf(await handle.stat({ bigint: true })) !== version) {
        throw new FanfareError('BadTable', `${path} was written to while it was read. Start again.`);
      }
      if (began - Number(before.ctimeMs) > tickMs && began - Number(before.mtimeMs) > tickMs) {
        known.set(path, { version, digest });
        if (folder !== undefined) await remember(folder, path, { version, digest });
      }
      return digest;
    } finally {
      await handle.close();
    }
  };
}

async function digestOf(handle: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(readBytes, size)));
  for (let bytesRead = -1; bytesRead !== 0; ) {
    ({ bytesRead } = await handle.read(buffer, 0, buffer.length, null));
    hash.update(buffer.subarray(0, bytesRead));
  }
  return hash.digest('hex');
}

const digesting = `
  const { createHash } = require('node:crypto');
  const { readSync } = require('node:fs');
  const { parentPort, workerData: fd } = require('node:worker_threads');
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(${readBytes});
  for (let at = 0, read = -1; read !== 0; at += read) {
    read = readSync(fd, buffer, 0, buffer.length, at);
    hash.update(buffer.subarray(0, read));
  }
  parentPort.postMessage(hash.digest('hex'));`;

const digestInThread = (fd: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const thread = new Worker(digesting, { eval: true, workerData: fd });
    thread.once('message', resolve).once('error', reject);
    thread.once('exit', (code) => reject(new Error(`a thread that digests ended with ${code}`)));
  });

const versionOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].map((part) => part.toString(36)).join('-');

const entryOf = (folder: string, path: string): string =>
  join(folder, `${createHash('sha256').update(path).digest('hex').slice(0, 32)}.txt`);

async function recall(folder: string, path: string): Promise<Known | undefined> {
  const text = await readFile(entryOf(folder, path), 'utf8').catch(() => '');
  const [, version, digest] = /^(\S+) ([0-9a-f]{64})\n$/.exec(text) ?? [];
  return version === undefined || digest === undefined ? undefined : { version, digest };
}

async function remember(folder: string, path: string, { version, digest }: Known): Promise<void> {
  const entry = entryOf(folder, path);
  const unfinished = `${entry}.${process.pid}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(unfinished, `${version} ${digest}\n`);
    await rename(unfinished, entry);
  } catch {
    // The next process reads the file again.
  }
}
