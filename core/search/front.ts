import type { Study, Trial } from '../contracts/study.ts';
import { lossesOf } from './history.ts';
import { frontsOf, type Losses, lexically, sharesOf } from './pareto.ts';

/**
 * The trials that no other is better than, by the values of the highest rung that each finished: in no objective worse and in
 * one better. The best by the first objective first; the lower number of two alike.
 */
export function frontOf(study: Study, trials: readonly Trial[]): Trial[] {
  const valued = valuedOf(study, trials);
  const [front = []] = frontsOf(valued.map(({ losses }) => losses));
  return front
    .map((place) => valued[place]!)
    .sort((a, b) => lexically(a.losses, b.losses) || a.trial.number - b.trial.number)
    .map(({ trial }) => trial);
}

/**
 * The trial whose model is the study's: the best, of those that did not fail; of several objectives one of the front, by
 * `study.choose`. Undefined: none has a value.
 */
export function bestTrial(study: Study, trials: readonly Trial[]): Trial | undefined {
  const { choose = 'first' } = study;
  const front = valuedOf(study, frontOf(study, trials));
  if (choose === 'first') return front[0]?.trial;
  if (choose === 'knee') return nearest(front)?.trial;
  const near = front.filter(({ losses }) => losses[0] <= front[0]!.losses[0] + choose.within);
  return near.sort((a, b) => lexically(lastFirst(a.losses), lastFirst(b.losses)))[0]?.trial;
}

/** What a trial that finished a rung came to, by objective. */
export function objectiveValues({ metric, also = [] }: Study, { rungs }: Trial): Record<string, number> {
  const { value, metrics } = rungs.at(-1)!.outcome;
  return {
    [metric]: value,
    ...Object.fromEntries(also.map((other) => [other.metric, metrics[other.metric]!])),
  };
}

interface Valued {
  readonly trial: Trial;
  readonly losses: Losses;
}

const valuedOf = (study: Study, trials: readonly Trial[]): Valued[] =>
  trials.flatMap((trial) => {
    const last = trial.rungs.at(-1);
    return trial.state === 'failed' || last === undefined
      ? []
      : [{ trial, losses: lossesOf(study, last.outcome) }];
  });

/** By the other objectives in their order, then by the first. */
const lastFirst = ([first, ...others]: Losses): Losses => [...others, first] as unknown as Losses;

/** The nearest to a trial that would have the best of each objective, in shares of the front's width; the first of two alike. */
function nearest(front: readonly Valued[]): Valued | undefined {
  const far = sharesOf(front.map(({ losses }) => losses)).map((shares) => Math.hypot(...shares));
  return front[far.indexOf(Math.min(...far))];
}
