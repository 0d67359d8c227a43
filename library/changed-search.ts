import { isDeepStrictEqual } from 'node:util';
import { keys } from '../core/contracts/keys.ts';
import type { Spec } from '../core/contracts/spec.ts';
import { StudyRecord } from '../core/contracts/study.ts';
import { foldersIn } from '../core/folders.ts';
import { findObject } from '../core/steps/objects.ts';
import type { ObjectStore } from '../core/store.ts';

const parts = ['space', 'points', 'constraints', 'warm_start', 'sampler', 'seed'] as const;

/**
 * What there is to tell whoever resumes a study with another search, which begins a new one: how the latest study of the
 * specification's name differs. Undefined where there is none, or one of this search.
 */
export async function changedSearch(store: ObjectStore, { name, tune }: Spec): Promise<string | undefined> {
  const endings = await foldersIn(store, `studies/${name}-`);
  const ids = endings.filter((ending) => /^[0-9a-f]{12}$/.test(ending)).map((ending) => `${name}-${ending}`);
  const found = await Promise.all(ids.map((id) => findObject(store, keys.studyRecord(id), StudyRecord)));
  const studies = found.filter((study) => study !== undefined).sort((a, b) => b.createdAt - a.createdAt);
  const changes = studies.map((study) => parts.filter((part) => !isAlike(study[part], tune[part])));
  const [latest] = studies;
  if (latest === undefined || changes.some((changed) => changed.length === 0)) return undefined;
  const told = changes[0]!.map((part) =>
    part === 'space' ? `tune.space (${differing(latest.space, tune.space).join(', ')})` : `tune.${part}`,
  );
  return `${told.join(', ')}: not as in ${latest.study}; a new study begins, and that one stays as it is`;
}

const isAlike = (one: unknown, other: unknown): boolean => isDeepStrictEqual(written(one), written(other));

/** As it is stored. */
const written = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

const differing = (one: Spec['tune']['space'], other: Spec['tune']['space']): readonly string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) => !isAlike(one[name], other[name]),
  );
