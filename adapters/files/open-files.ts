import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { closest } from 'fastest-levenshtein';
import { FanfareError } from '../../core/errors.ts';
import type { ByteSource, OpenSources } from '../../core/store.ts';
import { isMissing } from './errors.ts';
import { type DigestOfFile, fileDigests, sha256OfFile } from './file-digests.ts';
import { readRange } from './file-store.ts';
import { listFiles } from './list-files.ts';

/** What stays in the processor's cache from when it is read until it is parsed. */
const chunkBytes = 2 * 2 ** 20;
/** So many files are digested at once. */
const atOnce = 4;

/**
 * Opens a file, all files below a folder, or those whose names match a `*` in the last part of the path. Hidden files
 * (and folders) are left out. Takes `file:` URIs and plain paths, which are relative to the working directory.
 *
 * An ETag is a digest of the content, so that a copy of a folder is the same table, wherever it lies; `digestOf` may
 * know it without reading.
 */
export const filesOpener =
  (digestOf: DigestOfFile): OpenSources =>
  async (uri) => {
    const path = pathOf(uri);
    const { root, names } = basename(path).includes('*') ? await matching(path) : await existing(path, uri);
    if (names.length === 0)
      throw new FanfareError('MissingInput', `there are no files in '${uri}' (${path})`);
    const sources: ByteSource[] = [];
    for (let at = 0; at < names.length; at += atOnce) {
      const some = names.slice(at, at + atOnce).map((name) => sourceOf(root, name, digestOf));
      sources.push(...(await Promise.all(some)).filter((source) => source !== undefined));
    }
    return sources;
  };

/** Each file is read once a process, to know its ETag. */
export const openFiles: OpenSources = filesOpener(fileDigests());

const pathOf = (uri: string): string =>
  resolve(uri.startsWith('file://') ? fileURLToPath(uri) : uri.replace(/^file:/, ''));

interface Found {
  readonly root: string;
  readonly names: readonly string[];
}

async function matching(path: string): Promise<Found> {
  const root = dirname(path);
  const parts = basename(path)
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  const names = (await visibleNames(root)).filter((name) => !name.includes('/') && pattern.test(name));
  return { root, names };
}

async function existing(path: string, uri: string): Promise<Found> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return { root: path, names: await visibleNames(path) };
    return { root: dirname(path), names: [basename(path)] };
  } catch (error) {
    if (!isMissing(error)) throw error;
    const where = uri === path ? '' : ` (${path})`;
    throw new FanfareError('MissingInput', `'${uri}' does not exist${where}${await suggestion(path)}`);
  }
}

async function visibleNames(root: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const name of listFiles(root, '', '')) {
    if (!name.split('/').some((part) => part.startsWith('.'))) names.push(name);
  }
  return names;
}

/** The nearest name in the nearest folder that exists. */
async function suggestion(path: string): Promise<string> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return folder === path ? '' : suggestion(folder);
  const nearest = names.length > 0 ? closest(basename(path), names) : undefined;
  return nearest === undefined ? `; ${folder} is empty` : `; did you mean '${join(folder, nearest)}'?`;
}

/** Undefined for what is no file, such as a symbolic link to a folder. */
async function sourceOf(root: string, name: string, digestOf: DigestOfFile): Promise<ByteSource | undefined> {
  const path = join(root, name);
  const stats = await stat(path);
  if (!stats.isFile()) return undefined;
  const { size } = stats;
  const { digest: etag, quotedTo } = await digestOf(path);
  const handles = sharedHandle(path);
  return {
    uri: pathToFileURL(path).href,
    name: relative(root, path).split(sep).join('/'),
    size,
    ...{ etag, quotedTo, chunkBytes },
    sha256: () => sha256OfFile(path),
    read: (start, end, room) => handles.use((handle) => readRange(handle, start, end, size, room)),
  };
}

/** A source has no end at which it could be closed: its one handle closes when it was not used for a while. */
const lingerMs = 1000;

function sharedHandle(path: string) {
  let opened: Promise<FileHandle> | undefined;
  let users = 0;
  let timer: NodeJS.Timeout | undefined;
  const close = () => {
    if (users > 0) return;
    const closing = opened;
    opened = undefined;
    void closing?.then((handle) => handle.close()).catch(() => {});
  };
  return {
    async use<T>(work: (handle: FileHandle) => Promise<T>): Promise<T> {
      users += 1;
      opened ??= open(path);
      try {
        return await work(await opened);
      } finally {
        users -= 1;
        // A new one for each use would take as long as to read a page.
        if (users === 0) timer = timer?.refresh() ?? setTimeout(close, lingerMs).unref();
      }
    },
  };
}
