import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { keys } from '../core/contracts/keys.ts';
import type { PredictionSpec } from '../core/contracts/spec.ts';
import type { ModelSignature } from '../core/contracts/study.ts';
import { sha256 } from '../core/digest.ts';
import { FanfareError } from '../core/errors.ts';
import { candidatesOf, withCandidates } from '../core/spec/candidates.ts';
import { encodeJson, type ObjectStore } from '../core/store.ts';
import { loggedOf } from '../core/tracking/mlmodel.ts';
import { modelSource } from '../core/tracking/model-source.ts';

/** A model as the flows see it: a file of this machine goes into the store, and is named by its digest; any other as it is. */
export async function bringModel(store: ObjectStore, given: string): Promise<string> {
  const source = modelSource(given);
  if (source.kind !== 'file') return given;
  const path = resolve(source.path);
  const bytes = new Uint8Array(
    await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
      throw new FanfareError('MissingInput', `model ${path}: ${why}`, { cause });
    }),
  );
  const digest = await sha256(bytes);
  await store.put(keys.model(digest), bytes, { kind: 'absent' });
  const columns = await signedBeside(path);
  if (columns) {
    const signature: ModelSignature = { digest, inputs: [...columns] };
    await store.put(keys.signature(digest), encodeJson(signature));
  }
  return `sha256:${digest}`;
}

export async function bringSpecModel<S extends PredictionSpec>(store: ObjectStore, spec: S): Promise<S> {
  const { model } = spec.predict;
  const brought =
    model === undefined
      ? spec
      : { ...spec, predict: { ...spec.predict, model: await bringModel(store, model) } };
  const candidates = await Promise.all(candidatesOf(brought).map((each) => bringModel(store, each)));
  return withCandidates(brought, candidates);
}

/** What the signature says in the folder of a model that MLflow saved. */
async function signedBeside(path: string): Promise<readonly string[] | null> {
  const text = await readFile(join(dirname(path), 'MLmodel'), 'utf8').catch(() => undefined);
  if (text === undefined) return null;
  const { file, columns } = loggedOf(text, path);
  return file === basename(path) ? columns : null;
}
