import { basename } from 'node:path';
import type { Study } from '../core/contracts/study.ts';
import { FanfareError } from '../core/errors.ts';
import { unknownName } from '../core/nearest.ts';
import { namedStudy, studiesIn } from '../core/search/named-studies.ts';
import type { ObjectStore } from '../core/store.ts';

/** A study by its id, by its folder, or by its specification's name: the newest of that name. `MissingInput` says which there are. */
export async function studyNamed(store: ObjectStore, given: string): Promise<Study> {
  const found = await namedStudy(store, basename(given));
  if (found) return found;
  throw new FanfareError('MissingInput', unknownName('there is no study', given, await studiesIn(store)));
}
