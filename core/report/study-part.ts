import { bestSoFar } from '../analysis/best-so-far.ts';
import { coordinatesOf } from '../analysis/coordinates.ts';
import { type LaneTimes, laneTimes } from '../analysis/lanes.ts';
import { pedAnova } from '../analysis/ped-anova.ts';
import type { Conclusion } from '../contracts/conclusion.ts';
import { type Stage, type StudyPart, type TrialState, trialStates } from '../contracts/report.ts';
import type { Study, Trial } from '../contracts/study.ts';
import { bestTrial, frontOf } from '../search/front.ts';
import { type History, lossOf } from '../search/history.ts';
import { latestValue, trialsOf } from '../search/trials.ts';
import { laneColumns } from './lane-columns.ts';
import { studyFacts } from './study-facts.ts';
import { trialColumns } from './trial-columns.ts';

/** A study's folder, read. */
export interface StudyRead {
  readonly study: Study;
  readonly history: History;
  /** Null: it goes on, or could. */
  readonly conclusion: Conclusion | null;
  /** Until when it was at work: its end, or now. */
  readonly until: number;
}

/** What a study's page shows. */
export function studyPart({ study, history, conclusion, until }: StudyRead): StudyPart {
  const trials = trialsOf(study, history, conclusion !== null);
  const began = history.claims.reduce((first, { at }) => Math.min(first, at), study.createdAt);
  const since = (at: number) => at - began;
  const valued = trials.filter((trial) => trial.state !== 'failed' && trial.rungs.length > 0);
  const times = laneTimes(history, until);
  return {
    kind: 'study',
    study: study.study,
    state: conclusion ? 'concluded' : 'open',
    metric: study.metric,
    direction: study.direction,
    also: study.also ?? [],
    front: study.also ? frontOf(study, trials).map(({ number }) => number) : [],
    resource: study.resource,
    rungs: study.scheduler.rungs,
    budget: study.trials,
    counts: countsOf(trials),
    facts: studyFacts(study, conclusion),
    best: bestOf(study, trials),
    began,
    took: Math.max(0, since(until)),
    improvements: bestSoFar(study, trials).map((one) => ({ ...one, at: since(one.at) })),
    importance: pedAnova(
      study.space,
      valued.map((trial) => ({ params: trial.params, loss: lossOf(study, latestValue(trial)) })),
    ),
    axes: coordinatesOf(
      study.space,
      trials.map(({ params }) => params),
    ),
    trials: trialColumns(study, trials, began),
    failures: trials.flatMap(({ number, failure }) =>
      failure ? [{ ...failure, trial: number, at: since(failure.at) }] : [],
    ),
    lanes: times.lanes,
    laneSeconds: times.seconds,
    works: laneColumns(times.works, began),
    stages: stagesOf(study, times, conclusion),
  };
}

const countsOf = (trials: readonly Trial[]): Readonly<Record<TrialState, number>> => {
  const count = (state: TrialState) => trials.filter((trial) => trial.state === state).length;
  return Object.fromEntries(trialStates.map((state) => [state, count(state)])) as Record<TrialState, number>;
};

function bestOf(study: Study, trials: readonly Trial[]): StudyPart['best'] {
  const best = bestTrial(study, trials);
  if (best === undefined) return null;
  const { outcome, spread } = best.rungs.at(-1)!;
  return {
    trial: best.number,
    value: outcome.value,
    std: spread?.std ?? null,
    resource: outcome.resource,
    params: best.params,
    metrics: outcome.metrics,
  };
}

/** By the clock: before the first claim, until the last outcome, and what was trained once more. */
function stagesOf(study: Study, { works }: LaneTimes, conclusion: Conclusion | null): readonly Stage[] {
  if (works.length === 0) return [];
  const first = works.reduce((least, { from }) => Math.min(least, from), Infinity);
  const last = works.reduce((most, { to }) => Math.max(most, to), 0);
  const span = (name: string, from: number, to: number) => ({ name, seconds: Math.max(0, to - from) / 1000 });
  return [
    span('prepare', study.createdAt, first),
    span('trials', first, last),
    ...(conclusion?.refit ? [{ name: 'refit', seconds: conclusion.refit.seconds }] : []),
  ];
}
