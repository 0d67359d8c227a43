import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from './errors.ts';

/**
 * Makes a folder and those above it that are not there; gives the highest that it made. In place of the `recursive` of Node's own,
 * which (in 20.20) never ends where a folder can be looked into and takes no other, as /proc: it hears that there is nothing of
 * that name, takes that for the folder above, finds it there, and begins again.
 */
export function makeFolders(folder: string): string | undefined {
  if (fs.existsSync(folder)) return undefined;
  const above = dirname(folder);
  const highest = above === folder ? undefined : makeFolders(above);
  try {
    fs.mkdirSync(folder);
    return highest ?? folder;
  } catch (error) {
    // Another process was faster.
    if (codeOf(error) === 'EEXIST' && fs.statSync(folder).isDirectory()) return highest;
    throw error;
  }
}
