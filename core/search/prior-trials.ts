import { pointMistakes } from '../contracts/points.ts';
import type { LeftOut, Prior, PriorTrial } from '../contracts/prior.ts';
import type { Study, StudyRecord, Trial } from '../contracts/study.ts';
import { isSame } from '../json.ts';
import { partsOf } from '../tracking/datasets.ts';
import { lossesOf } from './history.ts';
import { settledValue } from './pinned.ts';
import { rungsOf } from './schedulers/rungs.ts';
import { drawParams, type Params, type Space, valueAt, valueCount } from './space.ts';

/** What decides whether trials of another study are comparable with those of this one. */
export type Design = Pick<
  StudyRecord,
  | ('space' | 'scheduler' | 'metric' | 'direction' | 'also')
  | ('dataset' | 'trainable' | 'target' | 'task' | 'inputs' | 'weight' | 'folds')
>;

/** The trials of another study that ended with a value and fit the space. The objectives are the same. */
export function priorTrials(
  design: Design,
  source: Study,
  trials: readonly Trial[],
): Prior['sources'][number] {
  const taken: PriorTrial[] = [];
  const left = new Map<string, number>();
  for (const trial of trials) {
    const found = trialFrom(design.space, source, trial);
    if (typeof found === 'string') left.set(found, (left.get(found) ?? 0) + 1);
    else taken.push(found);
  }
  const leftOut: LeftOut[] = [...left].map(([why, count]) => ({ why, trials: count }));
  return { study: source.study, alike: isAlike(design, source), leftOut, trials: taken };
}

const alikes = ['trainable', 'target', 'task', 'inputs', 'weight', 'folds'] as const;

const isAlike = (one: Design, other: Design): boolean =>
  // By the digest: the name is that of the specification.
  partsOf(one.dataset)[1] === partsOf(other.dataset)[1] &&
  one.scheduler.rungs.at(-1) === other.scheduler.rungs.at(-1) &&
  alikes.every((part) => isSame(one[part] ?? null, other[part] ?? null));

/** Or why it is none. */
function trialFrom(
  space: Space,
  source: Study,
  { number, params, state, rungs }: Trial,
): PriorTrial | string {
  if (state === 'failed') return 'it failed';
  const last = rungs.at(-1);
  if (last === undefined) return 'it has no value yet';
  const losses = lossesOf(source, last.outcome);
  if (!losses.every(Number.isFinite)) return 'its value is no finite number';
  const fitting = fitted(space, params);
  if (typeof fitting === 'string') return fitting;
  const below = rungsOf(source.scheduler, number).length - rungs.length;
  return { params: fitting, losses: [...losses], below };
}

/** The parameters as the space has them, or why it does not. Of those that have one value nothing need be said. */
function fitted(space: Space, params: Params): Params | string {
  const [mistake] = pointMistakes(space, [params]);
  if (mistake) return `${mistake.at[2]}: ${mistake.message.replace(/ \(given: .*\)$/, '')}`;
  const missing: string[] = [];
  const whole = drawParams(space, ({ name, dimension }) => {
    const value = params[name];
    if (value !== undefined) return settledValue(dimension, value);
    if (valueCount(dimension) > 1) missing.push(name);
    return valueAt(dimension, 0);
  });
  return missing.length > 0 ? `${missing.join(', ')}: not told` : whole;
}
