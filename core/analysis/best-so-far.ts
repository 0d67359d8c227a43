import type { Improvement } from '../contracts/report.ts';
import type { Study, Trial } from '../contracts/study.ts';
import { lossOf } from '../search/history.ts';

/**
 * The best value over time. As in `bestTrial` a trial is worth its latest value, so that what a trial loses on its way to
 * the next rung is seen; one that failed later counts until then.
 */
export function bestSoFar(study: Pick<Study, 'direction'>, trials: readonly Trial[]): readonly Improvement[] {
  const told = trials
    .flatMap(({ number, rungs, failure }) => [
      ...rungs.map(({ at, outcome }) => ({ at, trial: number, value: outcome.value as number | null })),
      ...(failure ? [{ at: failure.at, trial: number, value: null }] : []),
    ])
    .toSorted((a, b) => a.at - b.at || a.trial - b.trial);
  const latest = new Map<number, number>();
  const improvements: Improvement[] = [];
  let rungs = 0;
  for (const { at, trial, value } of told) {
    if (value === null) latest.delete(trial);
    else latest.set(trial, value);
    if (value !== null) rungs += 1;
    const best = bestOf(study, latest);
    const before = improvements.at(-1);
    if (best && (best.trial !== before?.trial || best.value !== before.value))
      improvements.push({ at, rungs, ...best });
  }
  return improvements;
}

function bestOf(study: Pick<Study, 'direction'>, latest: ReadonlyMap<number, number>) {
  let best: { trial: number; value: number } | undefined;
  for (const [trial, value] of latest) {
    const better = best === undefined ? -1 : lossOf(study, value) - lossOf(study, best.value);
    if (better < 0 || (better === 0 && trial < best!.trial)) best = { trial, value };
  }
  return best;
}
