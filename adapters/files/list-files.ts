import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './errors.ts';

/**
 * The paths of all files below a folder, relative to it and joined by /, in code-unit order over the whole path: those
 * that begin with `prefix` and come after `after`. Reads one folder at a time.
 */
export async function* listFiles(root: string, prefix: string, after: string): AsyncIterable<string> {
  yield* below(root, prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix, after);
}

/** `folder` is empty or ends with /. */
async function* below(root: string, folder: string, prefix: string, after: string): AsyncIterable<string> {
  for (const path of await entries(root, folder)) {
    const isFolder = path.endsWith('/');
    const wanted = path.startsWith(prefix) || (isFolder && prefix.startsWith(path));
    if (!wanted) continue;
    if (!isFolder && path > after) yield path;
    else if (isFolder && (path > after || after.startsWith(path))) yield* below(root, path, prefix, after);
  }
}

/** Files and folders, these with a / at the end, by which they sort: `a-b` stands before `a/c`. */
async function entries(root: string, folder: string): Promise<readonly string[]> {
  try {
    const found = await readdir(join(root, folder), { withFileTypes: true });
    return found
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .toSorted(byCodeUnits);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

const byCodeUnits = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
