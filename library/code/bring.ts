import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { mapCode } from '../../core/code/references.ts';
import { keys } from '../../core/contracts/keys.ts';
import type { CodeRef } from '../../core/contracts/names.ts';
import type { PredictionSpec, Spec } from '../../core/contracts/spec.ts';
import { sha256 } from '../../core/digest.ts';
import type { ObjectStore } from '../../core/store.ts';
import { bundleCode, requireFile } from './bundle.ts';

export interface CodePlace {
  readonly store: ObjectStore;
  /** The file that stands for `fanfare` in what user code imports. */
  readonly library: string;
}

/** Where the build puts what user code may import, below the project's root. */
export const libraryIn = (root: string): string => join(root, 'dist/library/define.mjs');

/** Bundles the user code that a specification names by paths into the store, and names it by its digest. */
export const bringSpecCode = <S extends Spec | PredictionSpec>(place: CodePlace, spec: S): Promise<S> =>
  mapCode(spec, (reference) => bringCode(place, reference));

/** `code:<digest>` of a module that lies on this machine, or `python:<digest>`. One that was brought before stays as it is. */
export async function bringCode({ store, library }: CodePlace, reference: CodeRef): Promise<CodeRef> {
  if (/^(code|python):/.test(reference)) return reference;
  if (reference.endsWith('.py')) return await bringPython(store, reference);
  const bundle = await bundleCode(reference, library);
  const digest = await sha256(bundle);
  await store.put(keys.code(digest), bundle, { kind: 'absent' });
  return `code:${digest}`;
}

/** A Python file goes as it is, but for a last line that says its name: what it imports is the interpreter's. */
async function bringPython(store: ObjectStore, file: string): Promise<string> {
  await requireFile(file);
  const bytes = new TextEncoder().encode(
    `${await readFile(file, 'utf8')}\n# fanfare-file: ${basename(file)}\n`,
  );
  const digest = await sha256(bytes);
  await store.put(keys.python(digest), bytes, { kind: 'absent' });
  return `python:${digest}`;
}
