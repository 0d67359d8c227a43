import * as z from 'zod';
import { flows } from '../core/contracts/functions.ts';
import { keys } from '../core/contracts/keys.ts';
import { Digest } from '../core/contracts/names.ts';
import { MapSpec, PredictionSpec, Spec } from '../core/contracts/spec.ts';
import { digestOf } from '../core/digest.ts';
import { findObject, readObject } from '../core/steps/objects.ts';
import { encodeJson, type ObjectStore } from '../core/store.ts';
import type { Job } from './engine.ts';

/** `runs/<name>.json`: what was last asked for under a specification's name. */
const LastJob = z.strictObject({
  command: z.enum(flows),
  spec: Digest,
  model: z.string().nullable(),
});
export type LastJob = z.infer<typeof LastJob>;

const keyOf = (name: string): string => `runs/${name}.json`;

/** Keeps the specification for the functions, and the command for `fanfare resume`. Answers with the specification's digest. */
export async function keepJob(store: ObjectStore, { command, spec, model }: Job): Promise<Digest> {
  const digest = await digestOf(spec);
  await store.put(keys.spec(digest), encodeJson(spec));
  const asked: LastJob = { command, spec: digest, model };
  const before = await findLastJob(store, spec.name);
  if ((await digestOf(before ?? null)) !== (await digestOf(asked))) {
    await store.put(keyOf(spec.name), encodeJson(asked));
  }
  return digest;
}

export const findLastJob = (store: ObjectStore, name: string): Promise<LastJob | undefined> =>
  findObject(store, keyOf(name), LastJob);

export async function jobOf(store: ObjectStore, { command, spec, model }: LastJob): Promise<Job> {
  const key = keys.spec(spec);
  if (command === 'map') return { command, spec: await readObject(store, key, MapSpec), model: null };
  if (command === 'predict') {
    return { command, spec: await readObject(store, key, z.union([Spec, PredictionSpec])), model };
  }
  return { command, spec: await readObject(store, key, Spec), model };
}
