import type { Claim, Study } from '../contracts/study.ts';
import { bracketOf, type Field, fieldsOf } from './brackets.ts';
import { foldCount, mayBeHeldBack } from './folds.ts';
import type { History } from './history.ts';
import { type Owed, schedulerOf } from './schedulers/scheduler.ts';
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
    budget: study.budget,
    execution,
    lane,
    number: history.claims.length,
    open: open.map(({ number }) => number),
    at: now,
  };
  const orphan = open.find((claim) => claim.execution !== execution);
  if (orphan) return { kind: 'claim', claim: { ...orphan, ...mine, attempt: orphan.attempt + 1 } };

  const next = nextOf(study, history);
  if (next) return { kind: 'claim', claim: { ...next, params: next.params(), ...mine, attempt: 1 } };
  return open.length > 0
    ? { kind: 'wait', since: Math.min(...open.map((claim) => claim.at)) }
    : { kind: 'done' };
}

/** Whether nobody, whoever came, would have anything left to do. */
export const isDone = (study: Study, history: History): boolean =>
  history.open.length === 0 && nextOf(study, history) === undefined;

/** What is to be claimed next. A new trial's parameters take a while, and are made only for whoever needs them. */
interface Next extends Pick<Claim, 'trial' | 'rung' | 'fold'> {
  readonly params: () => Claim['params'];
}

function nextOf(study: Study, history: History): Next | undefined {
  const scheduler = schedulerOf(study);
  const fields = fieldsOf(study, history, scheduler.shrink);
  return (
    nextFold(study, fields, scheduler.shrink, 'settled') ??
    nextRung(history, scheduler.owed(bracketOf(study, history, fields))) ??
    newTrial(study, history) ??
    nextFold(study, fields, scheduler.shrink, 'any')
  );
}

/**
 * The first fold that a trial is owed, from the highest rung down. `settled`: not of those whose first fold is still out and
 * may show that the others are not worth while; a lane that has anything else to do leaves these alone.
 */
function nextFold(
  study: Study,
  fields: readonly Field[],
  shrink: number | null,
  which: 'settled' | 'any',
): Next | undefined {
  const folds = foldCount(study);
  if (folds === 1) return undefined;
  for (const { standings, held } of fields.toReversed()) {
    const owed = standings.find(
      (standing) =>
        standing.claims.length < folds &&
        !held.has(standing.trial) &&
        (which === 'any' || shrink === null || !mayBeHeldBack(standings, standing, folds, shrink)),
    );
    if (owed) {
      const { trial, rung, params } = owed.claims[0]!;
      return { trial, rung, fold: owed.claims.length, params: () => params };
    }
  }
  return undefined;
}

function nextRung(history: History, [owed]: readonly Owed[]): Next | undefined {
  if (owed === undefined) return undefined;
  const { trial, rung } = owed;
  const { fold, params } = history.rung(rung).get(trial)![0]!;
  return { trial, rung: rung + 1, ...(fold !== undefined && { fold }), params: () => params };
}

function newTrial(study: Study, history: History): Next | undefined {
  const trial = history.begun;
  if (trial >= study.trials) return undefined;
  return {
    ...{ trial, rung: 0, ...(study.folds && { fold: 0 }) },
    params: () => suggest(study, trial, history),
  };
}
