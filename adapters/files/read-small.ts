import { type BigIntStats, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { FanfareError } from '../../core/errors.ts';
import { isMissing } from './errors.ts';

/** The whole of a file, in one turn; undefined where there is none. Stats and bytes are of one version. */
export function readSmall(
  path: string,
): { readonly stats: BigIntStats; readonly body: Uint8Array } | undefined {
  const file = openExisting(path);
  if (file === undefined) return undefined;
  try {
    const stats = fstatSync(file, { bigint: true });
    const body = new Uint8Array(Number(stats.size));
    for (let done = 0; done < body.length; ) {
      const bytesRead = readSync(file, body, done, body.length - done, done);
      if (bytesRead === 0) throw new FanfareError('BadTable', `${path} became shorter while it was read`);
      done += bytesRead;
    }
    return { stats, body };
  } finally {
    closeSync(file);
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
