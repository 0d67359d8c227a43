import { basename } from 'node:path';
import { Identity } from '../core/contracts/names.ts';
import type { Study } from '../core/contracts/study.ts';
import { FanfareError } from '../core/errors.ts';
import { unknownName } from '../core/nearest.ts';
import { newestOf, studiesIn } from '../core/search/named-studies.ts';
import { findStudy } from '../core/search/study-folder.ts';
import type { ObjectStore } from '../core/store.ts';

/** A study by its id, by its folder, or by its specification's name: the newest of that name. Undefined where there is none. */
export async function namedStudy(store: ObjectStore, given: string): Promise<Study | undefined> {
  const wanted = basename(given);
  const own = Identity.safeParse(wanted).success ? await findStudy(store, wanted) : undefined;
  return own ?? newestOf(store, wanted);
}

/** As above; `MissingInput` says which there are. */
export async function studyNamed(store: ObjectStore, given: string): Promise<Study> {
  const found = await namedStudy(store, given);
  if (found) return found;
  throw new FanfareError('MissingInput', unknownName('there is no study', given, await studiesIn(store)));
}
