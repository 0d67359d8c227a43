import type { TrialColumns } from '../contracts/report.ts';
import type { Study, Trial } from '../contracts/study.ts';

/** The trials as columns, `began` since the study did. */
export function trialColumns(study: Study, trials: readonly Trial[], began: number): TrialColumns {
  const latest = (trial: Trial) => trial.rungs.at(-1);
  const names = new Set(trials.flatMap((trial) => Object.keys(latest(trial)?.outcome.metrics ?? {})));
  names.delete(study.metric);
  const columns = <T>(keys: Iterable<string>, of: (trial: Trial, name: string) => T) =>
    Object.fromEntries([...keys].map((name) => [name, trials.map((trial) => of(trial, name))]));
  return {
    number: trials.map(({ number }) => number),
    state: trials.map(({ state }) => state),
    reason: trials.map(({ reason }) => reason ?? null),
    value: trials.map((trial) => latest(trial)?.outcome.value ?? null),
    params: columns(Object.keys(study.space), ({ params }, name) => params[name] ?? null),
    metrics: columns(names, (trial, name) => latest(trial)?.outcome.metrics[name] ?? null),
    seconds: trials.map(({ rungs }) => short(rungs.reduce((sum, { outcome }) => sum + outcome.seconds, 0))),
    began: trials.map(({ startedAt }) => startedAt - began),
    curves: trials.map(curveOf),
    ends: trials.map(({ rungs }) => rungs.flatMap(({ outcome }) => [outcome.resource, short(outcome.value)])),
    folds: study.folds
      ? trials.map((trial) => (latest(trial)?.spread ?? trial.begun?.spread)?.values ?? [])
      : [],
  };
}

/** What was told of each step last, in the order of the steps. */
function curveOf({ rungs }: Trial): readonly number[] {
  const told = new Map<number, number>();
  for (const { outcome } of rungs) for (const { step, value } of outcome.reports) told.set(step, value);
  return [...told].toSorted(([a], [b]) => a - b).flatMap(([step, value]) => [step, short(value)]);
}

/** As much of it as a line shows. */
const short = (value: number): number => Number(value.toPrecision(6));
