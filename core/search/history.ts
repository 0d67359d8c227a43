import type { TrialNumber } from '../contracts/names.ts';
import type { Claim, Study, StudyEvent, Trial } from '../contracts/study.ts';

/**
 * What a study's log says: who claimed what, in the order of the claims' numbers, and how it ended. Of several attempts at
 * one rung the last counts. Grows as the folder does; in which order the outcomes were found makes no difference.
 */
export class History {
  /** All of them, each at its number. */
  readonly claims: Claim[] = [];
  readonly #events = new Map<number, StudyEvent>();
  /** By number, those that count and have no outcome. */
  readonly #open = new Map<number, Claim>();
  /** The last claim of each trial, a rung. */
  readonly #rungs: Map<TrialNumber, Claim>[] = [];

  add(claim: Claim): void {
    this.claims.push(claim);
    this.#rungs[claim.rung] ??= new Map();
    const rung = this.#rungs[claim.rung]!;
    this.#open.delete(rung.get(claim.trial)?.number ?? claim.number);
    this.#open.set(claim.number, claim);
    rung.set(claim.trial, claim);
  }

  /** How the claim of that number, which was added, ended. */
  end(number: number, event: StudyEvent): void {
    this.#events.set(number, event);
    this.#open.delete(number);
  }

  /** The claims of a rung that count, one a trial. */
  rung(rung: number): ReadonlyMap<TrialNumber, Claim> {
    return this.#rungs[rung] ?? noClaims;
  }

  /** The claims that count and have not ended, the oldest first. */
  get open(): readonly Claim[] {
    return [...this.#open.values()];
  }

  eventOf(claim: Claim): StudyEvent | undefined {
    return this.#events.get(claim.number);
  }

  /** In the order in which they were found. */
  get events(): IterableIterator<StudyEvent> {
    return this.#events.values();
  }

  /** So many trials were begun: those below this number. */
  get begun(): number {
    return this.rung(0).size;
  }
}

const noClaims: ReadonlyMap<TrialNumber, Claim> = new Map();

/** The trials in the order of their numbers. `ended`: no lane is at work any more, so what waits for a promotion was pruned. */
export function trialsOf(study: Study, history: History, ended: boolean): Trial[] {
  const startedAt = new Map<TrialNumber, number>();
  for (const { trial, at } of history.claims)
    startedAt.set(trial, Math.min(startedAt.get(trial) ?? Infinity, at));
  const trial = (number: number) => trialOf(study, history, number, ended);
  return [...startedAt.keys()]
    .sort((a, b) => a - b)
    .map((number) => ({ ...trial(number), startedAt: startedAt.get(number)! }));
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

function trialOf(
  study: Study,
  history: History,
  number: TrialNumber,
  ended: boolean,
): Omit<Trial, 'startedAt'> {
  const rungCount = study.scheduler.rungs.length;
  const claims = Array.from({ length: rungCount }, (_, rung) => history.rung(rung).get(number) ?? []).flat();
  const done = claims.flatMap((claim) => history.eventOf(claim) ?? []);
  const rungs = done.flatMap(({ rung, outcome, startedAt, at }) =>
    outcome.kind === 'reported' ? [{ rung, outcome, startedAt, at }] : [],
  );
  const lost = done.find(({ outcome }) => outcome.kind === 'failed');
  const open = done.length < claims.length;
  return {
    number,
    params: claims[0]!.params,
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
  };
}
