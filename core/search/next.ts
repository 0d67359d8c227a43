import type { Claim, Study } from '../contracts/study.ts';
import { promotable } from './asha.ts';
import { type History, lossOf } from './history.ts';
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

  const promoted = promotion(study, history);
  if (promoted)
    return { kind: 'claim', claim: { ...promoted, ...mine, rung: promoted.rung + 1, attempt: 1 } };

  const trial = history.begun;
  if (trial < study.trials) {
    const params = suggest(study, trial, history);
    return { kind: 'claim', claim: { ...mine, trial, rung: 0, attempt: 1, params } };
  }
  return open.length > 0
    ? { kind: 'wait', since: Math.min(...open.map((claim) => claim.at)) }
    : { kind: 'done' };
}

/** The claim of the trial that goes on to the next rung, from the highest rung down. */
function promotion(study: Study, history: History): Claim | undefined {
  const { scheduler } = study;
  if (scheduler.kind !== 'asha') return undefined;
  const exhausted = history.begun >= study.trials && history.open.length === 0;
  for (let rung = scheduler.rungs.length - 2; rung >= 0; rung--) {
    const claims = history.rung(rung);
    const risen = history.rung(rung + 1);
    const finished = [...claims.values()].flatMap((claim) => {
      const outcome = history.eventOf(claim)?.outcome;
      return outcome?.kind === 'reported' ? [{ trial: claim.trial, loss: lossOf(study, outcome.value) }] : [];
    });
    const trial = promotable(finished, risen, scheduler.eta, exhausted && risen.size === 0);
    if (trial !== undefined) return claims.get(trial);
  }
  return undefined;
}

/** Whether nobody, whoever came, would have anything left to do. */
export const isDone = (study: Study, history: History): boolean =>
  decide(study, history, { execution: '', lane: -1 }, 0).kind === 'done';
