import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { keys } from '../core/contracts/keys.ts';
import { Identity } from '../core/contracts/names.ts';
import { Prediction } from '../core/contracts/records.ts';
import { FanfareError } from '../core/errors.ts';
import { unknownName } from '../core/nearest.ts';
import { findObject } from '../core/steps/objects.ts';
import type { ObjectStore } from '../core/store.ts';
import { partsOf } from '../core/tracking/datasets.ts';

/**
 * A committed prediction by its id, by its folder or manifest, or by its specification's name: the newest of that name.
 * `MissingInput` says which there are.
 */
export async function findPrediction(store: ObjectStore, given: string): Promise<Prediction> {
  const found = await namedPrediction(store, given);
  if (found) return found;
  const named = given.endsWith('/manifest.json') ? dirname(given) : given;
  const wanted = basename(named);
  const known = await predictionsIn(store);
  const open = known.find((one) => !one.committed && (one.id === wanted || one.name === wanted));
  if (open) {
    throw new FanfareError(
      'MissingInput',
      `prediction ${open.id} was not committed: it runs, or it failed; the command that began it goes on with it`,
    );
  }
  const elsewhere =
    named !== wanted && existsSync(named) ? ', and --home names the folder above its store' : '';
  const names = known.flatMap(({ id: one, committed }) => (committed ? [one] : []));
  throw new FanfareError('MissingInput', unknownName('there is no prediction', given, names) + elsewhere);
}

/** As above; undefined: there is none. */
export async function namedPrediction(store: ObjectStore, given: string): Promise<Prediction | undefined> {
  const wanted = basename(given.endsWith('/manifest.json') ? dirname(given) : given);
  const id = Identity.safeParse(wanted).data;
  const found = id && (await findObject(store, keys.predictionManifest(id), Prediction));
  if (found) return found;
  const known = (await predictionsIn(store)).filter(({ committed, name }) => committed && name === wanted);
  const manifests = await Promise.all(
    known.map((one) => findObject(store, keys.predictionManifest(one.id), Prediction)),
  );
  return manifests.flatMap((manifest) => manifest ?? []).toSorted((a, b) => b.committedAt - a.committedAt)[0];
}

/** Every prediction that was begun. */
export async function predictionsIn(
  store: ObjectStore,
): Promise<{ readonly id: Identity; readonly name: string; readonly committed: boolean }[]> {
  const committed = new Map<string, boolean>();
  for await (const { key } of store.list(keys.predictionsPrefix)) {
    const [, id, rest] = /^predictions\/([^/]+)\/(.*)$/.exec(key) ?? [];
    if (id !== undefined) committed.set(id, committed.get(id) || rest === 'manifest.json');
  }
  return [...committed].map(([id, is]) => ({ id, name: partsOf(id)[0], committed: is }));
}
