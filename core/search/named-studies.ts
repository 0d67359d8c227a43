import { keys } from '../contracts/keys.ts';
import { Identity } from '../contracts/names.ts';
import type { Study } from '../contracts/study.ts';
import { foldersIn } from '../folders.ts';
import type { ObjectStore } from '../store.ts';
import { partsOf } from '../tracking/datasets.ts';
import { findStudy } from './study-folder.ts';

/** Every study that was begun. */
export const studiesIn = (store: ObjectStore): Promise<readonly string[]> =>
  foldersIn(store, keys.studiesPrefix);

/** A study by its id, or the newest of a specification's name; undefined: there is none. */
export async function namedStudy(store: ObjectStore, given: string): Promise<Study | undefined> {
  const own = Identity.safeParse(given).success ? await findStudy(store, given) : undefined;
  return own ?? newestOf(store, given);
}

async function newestOf(store: ObjectStore, name: string): Promise<Study | undefined> {
  const endings = await foldersIn(store, `${keys.studiesPrefix}${name}-`);
  const named = endings.map((ending) => `${name}-${ending}`).filter((id) => partsOf(id)[0] === name);
  const found = (await Promise.all(named.map((id) => findStudy(store, id)))).flatMap((study) => study ?? []);
  return found.toSorted((a, b) => b.createdAt - a.createdAt)[0];
}
