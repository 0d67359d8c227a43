import type { Scalar } from '../contracts/names.ts';
import type { Report, Study, Trial } from '../contracts/study.ts';

/** A trial as other tools know trials. */
export interface TrialRow {
  readonly number: number;
  readonly state: 'RUNNING' | 'COMPLETE' | 'PRUNED' | 'FAIL';
  /** Of each objective, at the highest rung that it finished; null: it finished none, or failed. */
  readonly values: readonly number[] | null;
  /** Milliseconds since 1970; null: it has not ended. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly params: Readonly<Record<string, Scalar>>;
  /** Of the first objective, by step. */
  readonly reports: readonly Report[];
  /** What else is known of it, by name. */
  readonly attributes: Readonly<Record<string, Scalar>>;
}

const states = {
  running: 'RUNNING',
  waiting: 'RUNNING',
  complete: 'COMPLETE',
  pruned: 'PRUNED',
  failed: 'FAIL',
} as const;

export function trialRow(study: Study, trial: Trial): TrialRow {
  const { number, params, rungs, begun, failure, startedAt, reason } = trial;
  const state = states[trial.state];
  const last = rungs.at(-1);
  return {
    ...{ number, state, params, startedAt },
    values: state === 'FAIL' || last === undefined ? null : valuesOf(study, last),
    endedAt: state === 'RUNNING' ? null : (failure?.at ?? begun?.at ?? last?.at ?? startedAt),
    reports: reportsOf(rungs),
    attributes: {
      rungs: rungs.length,
      ...(last && { resource: last.outcome.resource, ...othersOf(study, last) }),
      seconds: rungs.reduce((sum, { outcome }) => sum + outcome.seconds, 0),
      ...(last?.spread && { [`${study.metric}_std`]: last.spread.std }),
      ...(reason !== undefined && { reason }),
      ...(failure && { error: `${failure.error}: ${failure.cause}` }),
    },
  };
}

type Rung = Trial['rungs'][number];

/** Of each objective. */
export const valuesOf = ({ also = [] }: Study, { outcome }: Rung): readonly number[] => [
  outcome.value,
  ...also.map(({ metric }) => outcome.metrics[metric]!),
];

/** The metrics that are no objective. */
export function othersOf({ metric, also = [] }: Study, { outcome }: Rung): Readonly<Record<string, number>> {
  const objectives = [metric, ...also.map((objective) => objective.metric)];
  return Object.fromEntries(Object.entries(outcome.metrics).filter(([name]) => !objectives.includes(name)));
}

/** One value a step: on the way to a rung what was reported, at its resource the value that counts. */
function reportsOf(rungs: readonly Rung[]): Report[] {
  const bySteps = new Map<number, number>();
  for (const { outcome } of rungs) {
    for (const { step, value } of outcome.reports)
      if (step < outcome.resource && !bySteps.has(step)) bySteps.set(step, value);
    bySteps.set(outcome.resource, outcome.value);
  }
  return [...bySteps].sort(([a], [b]) => a - b).map(([step, value]) => ({ step, value }));
}
