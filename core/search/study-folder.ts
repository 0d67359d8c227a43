import type { z } from 'zod';
import { keys } from '../contracts/keys.ts';
import type { Identity } from '../contracts/names.ts';
import { Claim, StudyEvent } from '../contracts/study.ts';
import { decodeJson, type ObjectStore } from '../store.ts';
import type { History } from './history.ts';

/** The immutable objects of one study that this process has read already, by key. */
export type Seen = Map<string, unknown>;

/** Lists the study's claims and events, and reads those that are new. */
export async function readHistory(store: ObjectStore, study: Identity, seen: Seen): Promise<History> {
  const claims = await readNew(store, keys.claims(study), Claim, seen);
  const events = await readNew(store, keys.events(study), StudyEvent, seen);
  return { claims, events };
}

async function readNew<T>(
  store: ObjectStore,
  prefix: string,
  contract: z.ZodType<T>,
  seen: Seen,
): Promise<T[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  const fresh = found.filter((key) => !seen.has(key));
  await Promise.all(
    fresh.map(async (key) => {
      const object = await store.get(key);
      if (object) seen.set(key, contract.parse(decodeJson(object.body)));
    }),
  );
  return found.map((key) => seen.get(key) as T);
}
