import type { TrialNumber } from '../contracts/names.ts';
import type { Claim, Study } from '../contracts/study.ts';
import { promotable } from './asha.ts';
import { foldCount, heldBack, lossAt, mayBeHeldBack, type Standing, standingsOf } from './folds.ts';
import type { History } from './history.ts';
import { suggest } from './suggest.ts';

/** Who asks: one lane of the one execution that is alive. */
export interface Asker {
  readonly execution: string;
  readonly lane: number;
}

/** What the lane is to do. `claim` is to be written where no object has its key yet; an `own` one is there already. */
export type Decision =
  | { readonly kind: 'own'; readonly claim: Claim }
  | { readonly kind: 'claim'; readonly claim: Claim }
  /** For a claim of another lane; `since`: when the oldest of them was made. */
  | { readonly kind: 'wait'; readonly since: number }
  | { readonly kind: 'done' };

/** A pure function of the study, what its folder says, and who asks when. */
export function decide(study: Study, history: History, { execution, lane }: Asker, now: number): Decision {
  const { open } = history;
  const own = open.find((claim) => claim.execution === execution && claim.lane === lane);
  if (own) return { kind: 'own', claim: own };

  const mine = {
    execution,
    lane,
    number: history.claims.length,
    open: open.map(({ number }) => number),
    at: now,
  };
  const orphan = open.find((claim) => claim.execution !== execution);
  if (orphan) return { kind: 'claim', claim: { ...orphan, ...mine, attempt: orphan.attempt + 1 } };

  const rungs = rungsOf(study, history);
  const next =
    nextFold(study, rungs, 'settled') ??
    promotion(study, history, rungs) ??
    newTrial(study, history) ??
    nextFold(study, rungs, 'any');
  if (next) return { kind: 'claim', claim: { ...next, ...mine, attempt: 1 } };
  return open.length > 0
    ? { kind: 'wait', since: Math.min(...open.map((claim) => claim.at)) }
    : { kind: 'done' };
}

type Next = Pick<Claim, 'trial' | 'rung' | 'fold' | 'params'>;

/** A rung's trials that did not fail, and which of them are given no further fold. */
interface Rung {
  readonly standings: readonly Standing[];
  readonly held: ReadonlySet<TrialNumber>;
}

/** Lowest first. A trial that failed, at whichever rung, holds nobody back. */
function rungsOf(study: Study, history: History): Rung[] {
  const rungs = study.scheduler.rungs.map((_, rung) => standingsOf(study, history, rung));
  const eta = raceOf(study);
  if (eta === null) return rungs.map((standings) => ({ standings, held: new Set() }));
  const failed = new Set(
    rungs.flatMap((standings, rung) => {
      const alive = new Set(standings.map(({ trial }) => trial));
      return [...history.rung(rung).keys()].filter((trial) => !alive.has(trial));
    }),
  );
  return rungs.map((standings) => {
    const rivals = standings.filter(({ trial }) => !failed.has(trial));
    return { standings, held: heldBack(rivals, foldCount(study), eta) };
  });
}

/** By how much a rung's trials become fewer while their folds are trained; null: they do not. */
const raceOf = ({ folds, scheduler }: Study): number | null =>
  folds?.race && scheduler.kind === 'asha' ? scheduler.eta : null;

/**
 * The first fold that a trial is owed, from the highest rung down. `settled`: not of those whose first fold is still out and
 * may show that the others are not worth while; a lane that has anything else to do leaves these alone.
 */
function nextFold(study: Study, rungs: readonly Rung[], which: 'settled' | 'any'): Next | undefined {
  const folds = foldCount(study);
  if (folds === 1) return undefined;
  const eta = raceOf(study);
  for (const { standings, held } of rungs.toReversed()) {
    const owed = standings.find(
      (standing) =>
        standing.claims.length < folds &&
        !held.has(standing.trial) &&
        (which === 'any' || eta === null || !mayBeHeldBack(standings, standing, folds, eta)),
    );
    if (owed) {
      const { trial, rung, params } = owed.claims[0]!;
      return { trial, rung, fold: owed.claims.length, params };
    }
  }
  return undefined;
}

/** The next rung of the trial that is owed a promotion, from the highest rung down. */
function promotion(study: Study, history: History, rungs: readonly Rung[]): Next | undefined {
  const { scheduler } = study;
  if (scheduler.kind !== 'asha') return undefined;
  const exhausted = history.begun >= study.trials && history.open.length === 0;
  for (let rung = rungs.length - 2; rung >= 0; rung--) {
    const { standings, held } = rungs[rung]!;
    const risen = history.rung(rung + 1);
    const finished = standings.flatMap((standing) => {
      const loss = lossAt(standing, foldCount(study));
      return loss === undefined ? [] : [{ trial: standing.trial, loss }];
    });
    const last = exhausted && risen.size === 0;
    const trial = promotable({ finished, worse: held.size }, risen, scheduler.eta, last);
    if (trial !== undefined) {
      const { fold, params } = history.rung(rung).get(trial)![0]!;
      return { trial, rung: rung + 1, ...(fold !== undefined && { fold }), params };
    }
  }
  return undefined;
}

function newTrial(study: Study, history: History): Next | undefined {
  const trial = history.begun;
  if (trial >= study.trials) return undefined;
  return { trial, rung: 0, ...(study.folds && { fold: 0 }), params: suggest(study, trial, history) };
}

/** Whether nobody, whoever came, would have anything left to do. */
export const isDone = (study: Study, history: History): boolean =>
  decide(study, history, { execution: '', lane: -1 }, 0).kind === 'done';
