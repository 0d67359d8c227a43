import { keys } from '../contracts/keys.ts';
import { sides } from '../contracts/names.ts';
import type { Dataset } from '../contracts/records.ts';
import type { Target } from '../contracts/spec.ts';
import { noOrYes, type Task } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';
import { decodeJson, type ObjectStore } from '../store.ts';
import { mergeProfiles, type Profile } from '../tables/profile.ts';
import { taskOf } from '../training/task.ts';

/** What the target asks for, by the values that the dataset's sides have. Throws as `taskOf`. */
export async function taskIn({ dataset }: Dataset, target: Target, store: ObjectStore): Promise<Task> {
  if (target.kind !== 'column') return noOrYes;
  const object = await store.get(keys.profile(dataset));
  if (object === undefined)
    throw new FanfareError('MissingInput', `dataset ${dataset} has no profile (${keys.profile(dataset)})`);
  const profiles = decodeJson(object.body) as Readonly<Record<string, Profile>>;
  const [column] = sides
    .map((side): Profile => {
      const { rows, columns } = profiles[side]!;
      return { rows, columns: columns.filter(({ name }) => name === target.column) };
    })
    .reduce(mergeProfiles).columns;
  if (column) return taskOf(target, column);
  throw new FanfareError('MissingInput', `target: dataset ${dataset} has no column "${target.column}"`);
}
