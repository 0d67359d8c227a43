import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { failureText, type UserModule } from '../../core/code/module.ts';
import { digestOfCode } from '../../core/code/references.ts';
import { keys } from '../../core/contracts/keys.ts';
import type { CodeRef } from '../../core/contracts/names.ts';
import { sha256 } from '../../core/digest.ts';
import { FanfareError } from '../../core/errors.ts';
import type { ObjectStore } from '../../core/store.ts';

/**
 * Imports user code from the store, each module once. `InvalidSpec` for a reference that is no `code:<digest>`,
 * `MissingInput` where nothing lies there, `BadTable` where the bytes are other than their digest says, `UserCodeFailed`
 * where the module throws while it is imported.
 */
export function codeLoader(store: ObjectStore): (reference: CodeRef) => Promise<UserModule> {
  const loaded = new Map<CodeRef, UserModule>();
  return async (reference) => {
    const module = loaded.get(reference) ?? (await load(store, reference));
    loaded.set(reference, module);
    return module;
  };
}

async function load(store: ObjectStore, reference: CodeRef): Promise<UserModule> {
  const digest = digestOfCode(reference);
  const object = await store.get(keys.code(digest));
  if (!object)
    throw new FanfareError('MissingInput', `user code ${reference}: there is no ${keys.code(digest)}`);
  const found = await sha256(object.body);
  if (found !== digest) {
    throw new FanfareError('BadTable', `${keys.code(digest)} was altered: its digest is ${found}`);
  }
  return await importBytes(object.body, reference);
}

/** A module is a file while it is imported, in a folder that nobody else can write to. */
async function importBytes(bytes: Uint8Array, reference: CodeRef): Promise<UserModule> {
  process.setSourceMapsEnabled(true);
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-code-'));
  const file = join(folder, 'module.mjs');
  try {
    await writeFile(file, bytes);
    return (await import(pathToFileURL(file).href)) as UserModule;
  } catch (cause) {
    throw new FanfareError('UserCodeFailed', `${failureText(cause, reference)} (while it was imported)`, {
      cause,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
