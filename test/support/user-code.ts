import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { CodeRef } from '../../core/contracts/names.ts';
import type { ObjectStore } from '../../core/store.ts';
import { bringCode } from '../../library/code/bring.ts';
import { bundleCode } from '../../library/code/bundle.ts';

/** What user code gets for `fanfare`, before the build. */
const library = resolve('library/define.ts');

/** Within the tests that follow, stacks are Node's: the test runner has its own, which know no source maps but its own. */
export function asNodeTellsStacks(): void {
  const { prepareStackTrace } = Error;
  beforeAll(() => {
    Reflect.deleteProperty(Error, 'prepareStackTrace');
  });
  afterAll(() => {
    Error.prepareStackTrace = prepareStackTrace;
  });
}

/** A module of the user's in the store, as the CLI brings it. */
export const bringSource = (store: ObjectStore, source: string, name = 'mine.ts'): Promise<CodeRef> =>
  inFolder({ [name]: source }, (folder) => bringCode({ store, library }, join(folder, name)));

/** The bundle of `mine.ts`, which may lie beside other files. */
export const bundleOf = (files: Readonly<Record<string, string>>): Promise<Uint8Array> =>
  inFolder(files, (folder) => bundleCode(join(folder, 'mine.ts'), library));

async function inFolder<T>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'user-code-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
