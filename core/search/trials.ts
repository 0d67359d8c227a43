import type { TrialNumber } from '../contracts/names.ts';
import type { Claim, Reported, Spread, Study, StudyEvent, Trial } from '../contracts/study.ts';
import { foldCount, mean } from './folds.ts';
import type { History } from './history.ts';
import { reasonsOf } from './reasons.ts';
import { rungsOf } from './schedulers/rungs.ts';

/** The trials in the order of their numbers. `ended`: no lane is at work any more, so what waits for a promotion was pruned. */
export function trialsOf(study: Study, history: History, ended: boolean): Trial[] {
  const startedAt = new Map<TrialNumber, number>();
  for (const { trial, at } of history.claims)
    startedAt.set(trial, Math.min(startedAt.get(trial) ?? Infinity, at));
  const reasonFor = reasonsOf(study, history);
  const trial = (number: number) => trialOf(study, history, number, ended, reasonFor);
  return [...startedAt.keys()]
    .sort((a, b) => a - b)
    .map((number) => ({ ...trial(number), startedAt: startedAt.get(number)! }));
}

/** The value at the highest rung that it finished. */
export const latestValue = (trial: Trial): number => trial.rungs.at(-1)!.outcome.value;

function trialOf(
  study: Study,
  history: History,
  number: TrialNumber,
  ended: boolean,
  reasonFor: ReturnType<typeof reasonsOf>,
): Omit<Trial, 'startedAt'> {
  const rungCount = rungsOf(study.scheduler, number).length;
  const claims = Array.from({ length: rungCount }, (_, rung) => history.rung(rung).get(number) ?? []);
  const done = claims.flat().flatMap((claim) => history.eventOf(claim) ?? []);
  const rungs = claims.flatMap((of, rung) => {
    const told = toldOf(of, history);
    return told.length === foldCount(study) ? [rungOf(study, rung, told)] : [];
  });
  const lost = done.find(({ outcome }) => outcome.kind === 'failed');
  const open = done.length < claims.flat().length;
  const begun = begunOf(study, rungs.length, toldOf(claims[rungs.length] ?? [], history));
  const complete = rungs.length === rungCount;
  const reason = lost || complete ? undefined : reasonFor(number, rungs.length);
  const state = lost
    ? 'failed'
    : complete
      ? 'complete'
      : ended || reason?.final
        ? 'pruned'
        : open
          ? 'running'
          : 'waiting';
  return {
    number,
    params: claims[0]![0]!.params,
    state,
    ...(state === 'pruned' && reason && { reason: reason.text }),
    rungs,
    ...(begun && { begun }),
    ...(lost?.outcome.kind === 'failed' && {
      failure: { error: lost.outcome.error, cause: lost.outcome.cause, at: lost.at },
    }),
  };
}

/** How a fold ended that gave a value. */
type Told = Omit<StudyEvent, 'outcome'> & { readonly outcome: Reported };

const toldOf = (claims: readonly Claim[], history: History): Told[] =>
  claims.flatMap((claim) => {
    const event = history.eventOf(claim);
    return event?.outcome.kind === 'reported' ? [{ ...event, outcome: event.outcome }] : [];
  });

function rungOf(study: Study, rung: number, told: readonly Told[]): Trial['rungs'][number] {
  const startedAt = Math.min(...told.map((event) => event.startedAt));
  const at = Math.max(...told.map((event) => event.at));
  if (!study.folds) return { rung, outcome: told[0]!.outcome, startedAt, at };
  const outcomes = told.map(({ outcome }) => outcome);
  const outcome = {
    value: mean(outcomes.map(({ value }) => value)),
    metrics: meansOf(outcomes),
    resource: Math.round(mean(outcomes.map(({ resource }) => resource))),
    reports: reportsOf(outcomes),
    model: null,
    seconds: outcomes.reduce((sum, { seconds }) => sum + seconds, 0),
  };
  return { rung, outcome, startedAt, at, spread: spreadOf(study, told) };
}

/** The means of those metrics that every fold has. */
function meansOf(outcomes: readonly Reported[]): Reported['metrics'] {
  const common = Object.keys(outcomes[0]!.metrics).filter((name) =>
    outcomes.every(({ metrics }) => name in metrics),
  );
  return Object.fromEntries(
    common.map((name) => [name, mean(outcomes.map(({ metrics }) => metrics[name]!))]),
  );
}

/** The means at those steps of which every fold has told. */
function reportsOf([first, ...others]: readonly Reported[]): Reported['reports'] {
  return first!.reports.flatMap(({ step, value }) => {
    const same = others.flatMap(({ reports }) => reports.find((report) => report.step === step) ?? []);
    const values = [value, ...same.map((report) => report.value)];
    return values.length === others.length + 1 ? [{ step, value: mean(values) }] : [];
  });
}

function begunOf(study: Study, rung: number, told: readonly Told[]): Trial['begun'] {
  if (!study.folds || told.length === 0) return undefined;
  const value = mean(told.map(({ outcome }) => outcome.value));
  const at = Math.max(...told.map((event) => event.at));
  return { rung, value, spread: spreadOf(study, told), at };
}

function spreadOf(study: Study, told: readonly Told[]): Spread {
  const values = Array.from(
    { length: foldCount(study) },
    (_, fold) => told.find((event) => event.fold === fold)?.outcome.value ?? null,
  );
  const some = values.filter((value) => value !== null);
  const middle = mean(some);
  return { values, std: Math.sqrt(mean(some.map((value) => (value - middle) ** 2))) };
}
