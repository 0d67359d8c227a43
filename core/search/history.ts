import type { Claim, Study, StudyEvent, Trial } from '../contracts/study.ts';

/** What the study's folder says: who claimed what, and how it ended. Of several attempts at one rung, the first that ended counts. */
export interface History {
  readonly claims: readonly Claim[];
  readonly events: readonly StudyEvent[];
}

/** The trials in the order of their numbers. `ended`: no lane is at work any more, so what waits for a promotion was pruned. */
export function trialsOf(study: Study, history: History, ended: boolean): Trial[] {
  const events = firstOutcomes(history.events);
  const byTrial = new Map<number, Claim[]>();
  for (const claim of history.claims) {
    const claims = byTrial.get(claim.trial);
    if (claims) claims.push(claim);
    else byTrial.set(claim.trial, [claim]);
  }
  return [...byTrial]
    .sort(([a], [b]) => a - b)
    .map(([number, claims]) => trialOf(number, claims, events, study.scheduler.rungs.length, ended));
}

/** A metric as something to make small. */
export const lossOf = (study: Pick<Study, 'direction'>, value: number): number =>
  study.direction === 'maximize' ? -value : value;

/** The trial whose latest value is the best of those that did not fail; the lower number wins a tie. */
export function bestTrial(study: Study, trials: readonly Trial[]): Trial | undefined {
  return trials
    .filter((trial) => trial.state !== 'failed' && trial.rungs.length > 0)
    .toSorted(
      (a, b) => lossOf(study, latestValue(a)) - lossOf(study, latestValue(b)) || a.number - b.number,
    )[0];
}

/** The value at the highest rung that it finished. */
export const latestValue = (trial: Trial): number => trial.rungs.at(-1)!.outcome.value;

/** The outcome of each (trial, rung) by `slotOf`. */
export function firstOutcomes(events: readonly StudyEvent[]): ReadonlyMap<string, StudyEvent> {
  const outcomes = new Map<string, StudyEvent>();
  for (const event of events.toSorted((a, b) => a.attempt - b.attempt)) {
    const slot = slotOf(event);
    if (!outcomes.has(slot)) outcomes.set(slot, event);
  }
  return outcomes;
}

export const slotOf = ({ trial, rung }: { readonly trial: number; readonly rung: number }): string =>
  `${trial}-${rung}`;

function trialOf(
  number: number,
  claims: readonly Claim[],
  events: ReadonlyMap<string, StudyEvent>,
  rungCount: number,
  ended: boolean,
): Trial {
  const byRung = [...new Map(claims.map((claim) => [claim.rung, claim])).values()].sort(
    (a, b) => a.rung - b.rung,
  );
  const done = byRung.flatMap((claim) => events.get(slotOf(claim)) ?? []);
  const rungs = done.flatMap(({ rung, outcome, startedAt, at }) =>
    outcome.kind === 'reported' ? [{ rung, outcome, startedAt, at }] : [],
  );
  const lost = done.find(({ outcome }) => outcome.kind === 'failed');
  const open = done.length < byRung.length;
  return {
    number,
    params: byRung[0]!.params,
    state: lost
      ? 'failed'
      : rungs.length === rungCount
        ? 'complete'
        : open && !ended
          ? 'running'
          : ended
            ? 'pruned'
            : 'waiting',
    rungs,
    ...(lost?.outcome.kind === 'failed' && {
      failure: { error: lost.outcome.error, cause: lost.outcome.cause, at: lost.at },
    }),
    startedAt: Math.min(...claims.map((claim) => claim.at)),
  };
}
