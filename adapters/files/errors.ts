import { FanfareError } from '../../core/errors.ts';

/** The object or folder is not there. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** A disk, a quota or a limit on files that is full; then one that may not or cannot be written at all, or not be made. */
const full: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const closed: readonly unknown[] = ['EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOENT', 'ENOTDIR'];

/** Names what keeps a folder from being written to, as `StoreFailed`; any other error as it is. */
export function writeError(error: unknown, folder: string): unknown {
  const code = codeOf(error);
  const what = full.includes(code) ? 'is full' : closed.includes(code) ? 'cannot be written to' : undefined;
  if (what === undefined || !(error instanceof Error)) return error;
  return new FanfareError(
    'StoreFailed',
    `the place of the folder ${folder} ${what} (${error.message}); nothing that was written is lost: mend that and give the same command again`,
    { cause: error },
  );
}
