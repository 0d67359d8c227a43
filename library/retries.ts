import * as z from 'zod';
import { keys } from '../core/contracts/keys.ts';
import type { Identity } from '../core/contracts/names.ts';
import { findObject } from '../core/steps/objects.ts';
import type { ObjectStore } from '../core/store.ts';
import { predictionsIn } from './find-prediction.ts';

const Input = z.object({ input: z.object({ kind: z.string(), parent: z.string().optional() }) });

/** The predictions of the rows that one rejected. They bear its name. */
export async function retriesOf(store: ObjectStore, prediction: Identity): Promise<Identity[]> {
  const retries: Identity[] = [];
  for (const { id, committed } of await predictionsIn(store)) {
    const found = committed && (await findObject(store, keys.predictionManifest(id), Input));
    if (found && found.input.parent === prediction) retries.push(id);
  }
  return retries;
}
