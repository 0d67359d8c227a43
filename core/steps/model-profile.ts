import { ColumnBins, ModelProfile } from '../contracts/drift.ts';
import { keys } from '../contracts/keys.ts';
import type { ModelCard, Study } from '../contracts/study.ts';
import { sha256 } from '../digest.ts';
import { binsOf } from '../drift/bins.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../store.ts';
import { mergeProfiles, type Profile } from '../tables/profile.ts';
import { downloadProfile, type ResolvedModel } from '../tracking/registry.ts';
import type { Tracker } from '../tracking/tracker.ts';
import { findObject } from './objects.ts';

/** What the card says of where the model comes from, once what new rows are compared with is written beside the model. */
export async function writeModelProfile(
  study: Study,
  { scores: key, digest }: { readonly scores: string | null; readonly digest: string },
  inputs: readonly string[],
  store: ObjectStore,
): Promise<ModelCard['trained']> {
  const object = await store.get(keys.profile(study.dataset));
  if (object === undefined) return null;
  const { train, validation } = decodeJson(object.body) as Readonly<Record<'train' | 'validation', Profile>>;
  const learned = study.refit ? mergeProfiles(train, validation) : train;
  const columns = learned.columns.filter(({ name }) => inputs.includes(name));
  const scores = key === null ? undefined : await findObject(store, key, ColumnBins);
  const trained = { dataset: study.dataset, profile: await sha256(object.body) };
  const profile: ModelProfile = {
    ...trained,
    columns: binsOf({ ...learned, columns }),
    scores: scores ? [scores] : [],
  };
  await store.put(keys.modelProfile(digest), encodeJson(profile), { kind: 'absent' });
  return trained;
}

/** Puts a version's profile beside the model. Predictions go on without one: what is no profile is left where it is. */
export async function bringProfile(
  model: ResolvedModel,
  digest: string,
  tracker: Tracker,
  store: ObjectStore,
): Promise<void> {
  const key = keys.modelProfile(digest);
  if (await store.head(key)) return;
  const bytes = await downloadProfile(tracker, model);
  if (bytes && isProfile(bytes)) await store.put(key, bytes, { kind: 'absent' });
}

function isProfile(bytes: Uint8Array): boolean {
  try {
    return ModelProfile.safeParse(decodeJson(bytes)).success;
  } catch {
    return false;
  }
}
