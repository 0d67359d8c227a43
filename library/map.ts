import { basename, resolve } from 'node:path';
import type * as z from 'zod';
import { keys } from '../core/contracts/keys.ts';
import { CodeRef, Identity, Name } from '../core/contracts/names.ts';
import type { MapSpec } from '../core/contracts/spec.ts';
import { FanfareError } from '../core/errors.ts';
import { unknownName } from '../core/nearest.ts';
import type { ObjectStore } from '../core/store.ts';
import { bringCode, libraryIn } from './code/bring.ts';
import { root } from './root.ts';

/** What `map` is asked for. */
export interface MapRequest {
  /** A file whose default export is a mapping (`defineMapping`), or `code:<digest>` of one that was brought before. */
  readonly module: string;
  /** A dataset's id, or its folder below the store. */
  readonly dataset: string;
  /** What the new dataset is called. */
  readonly name: string;
}

/** Brings the mapping into the store and finds the dataset there. */
export async function mapSpecOf(
  store: ObjectStore,
  { module, dataset, name: given }: MapRequest,
): Promise<MapSpec> {
  const name = checked('name', Name, given);
  const file = module.startsWith('code:') ? module : resolve(module);
  const from = await requireDataset(store, basename(dataset));
  const map = await bringCode({ store, library: libraryIn(root) }, checked('module', CodeRef, file));
  return { name, dataset: from, map };
}

function checked(what: string, schema: z.ZodType<string>, given: string): string {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new FanfareError('InvalidSpec', `${what} ${given}: ${parsed.error.issues[0]!.message}`);
}

async function requireDataset(store: ObjectStore, given: string): Promise<Identity> {
  const id = Identity.safeParse(given).data;
  if (id !== undefined && (await store.head(keys.datasetManifest(id)))) return id;
  const known = new Set<string>();
  for await (const { key } of store.list(keys.datasetsPrefix)) {
    const [, dataset] = /^datasets\/([^/]+)\/manifest\.json$/.exec(key) ?? [];
    if (dataset !== undefined) known.add(dataset);
  }
  throw new FanfareError('MissingInput', unknownName('there is no dataset', given, [...known]));
}
