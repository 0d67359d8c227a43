import type { Claim, Study } from '../contracts/study.ts';
import type { History } from './history.ts';
import { nextLeg } from './next-leg.ts';

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

  const next = nextLeg(study, history, { execution, lane });
  if (next) return { kind: 'claim', claim: { ...next, params: next.params(), ...mine, attempt: 1 } };
  return open.length > 0
    ? { kind: 'wait', since: Math.min(...open.map((claim) => claim.at)) }
    : { kind: 'done' };
}

/** Whether nobody, whoever came, would have anything left to do. */
export const isDone = (study: Study, history: History): boolean =>
  history.open.length === 0 && nextLeg(study, history, { execution: '', lane: -1 }) === undefined;
