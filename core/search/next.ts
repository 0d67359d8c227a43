import type { Stopped } from '../contracts/stop.ts';
import type { Claim, Study } from '../contracts/study.ts';
import type { History } from './history.ts';
import { sightsInOrder } from './in-order.ts';
import { type Next, nextLeg } from './next-leg.ts';
import { secondsAtWork, stopOf } from './stops.ts';

/** Who asks: one lane of the one execution that is alive. */
export interface Asker {
  readonly execution: string;
  readonly lane: number;
}

/** What the lane is to do. `claim` and `stop` are to be written where no object has their key yet; an `own` one is there already. */
export type Decision =
  | { readonly kind: 'own'; readonly claim: Claim }
  | { readonly kind: 'claim'; readonly claim: Claim }
  /** Nothing is to be begun any more; what was is finished. */
  | { readonly kind: 'stop'; readonly stop: Stopped }
  /** For a claim of another lane; `since`: when the oldest of them was made. */
  | { readonly kind: 'wait'; readonly since: number }
  | { readonly kind: 'done' };

/** A pure function of the study, what its folder says, and who asks when. */
export function decide(study: Study, history: History, asker: Asker, now: number): Decision {
  const { execution, lane } = asker;
  const { open } = history;
  const own = open.find((claim) => claim.execution === execution && claim.lane === lane);
  if (own) return { kind: 'own', claim: own };

  const mine = { budget: study.budget, execution, lane, number: history.claims.length, at: now };
  const orphan = open.find((claim) => claim.execution !== execution);
  if (orphan) {
    const unseen = study.batch === undefined ? open : history.unseen;
    const successor = { ...orphan, ...mine, attempt: orphan.attempt + 1 };
    return { kind: 'claim', claim: { ...successor, open: unseen.map(({ number }) => number) } };
  }
  if (study.stopped) return { kind: 'done' };

  const begin = beginning(study, history, asker, now);
  if (begin && 'reason' in begin) return { kind: 'stop', stop: { ...begin, at: now } };
  if (begin) return { kind: 'claim', claim: claimFrom(begin, mine) };
  return open.length > 0
    ? { kind: 'wait', since: Math.min(...open.map((claim) => claim.at)) }
    : { kind: 'done' };
}

/**
 * What was decided when the claim was made, from what it says it had seen, which `seen` has and nothing else. In deterministic
 * mode that may be less than there was: outcomes of its own lane that it was not to see, or of executions that had ended. What
 * stopped the study came later.
 */
export function decideAgain(study: Study, seen: History, claim: Claim): Decision {
  if (study.stopped) {
    const { stopped: _, ...before } = study;
    return decideAgain(before, seen, claim);
  }
  if (study.batch === undefined) return decide(study, seen, claim, claim.at);
  const { budget, execution, lane, at, open } = claim;
  const mine = { budget, execution, lane, number: seen.claims.length, at };
  if (claim.attempt > 1) {
    const before = seen.rung(claim.rung).get(claim.trial)?.[claim.fold ?? 0];
    if (before === undefined || before.execution === execution) return { kind: 'done' };
    return { kind: 'claim', claim: { ...before, ...mine, open, attempt: before.attempt + 1 } };
  }
  const begin = beginning(study, seen, claim, at);
  if (begin === undefined) return { kind: 'done' };
  if ('reason' in begin) return { kind: 'stop', stop: { ...begin, at } };
  return { kind: 'claim', claim: claimFrom(begin, mine) };
}

/** Whether nobody, whoever came, would have anything left to do. */
export const isDone = (study: Study, history: History): boolean =>
  history.open.length === 0 &&
  (study.stopped !== undefined || beginning(study, history, { execution: '', lane: -1 }, 0) === undefined);

/** What is to be begun, and by which claims' outcomes unseen; or why nothing is to be any more. */
type Beginning = Begun | Omit<Stopped, 'at'>;

interface Begun {
  readonly leg: Next;
  readonly unseen: readonly number[];
}

const claimFrom = (
  { leg, unseen }: Begun,
  place: Pick<Claim, 'budget' | 'execution' | 'lane' | 'number' | 'at'>,
): Claim => ({ ...leg, params: leg.params(), ...place, open: [...unseen], attempt: 1 });

function beginning(study: Study, history: History, asker: Asker, now: number): Beginning | undefined {
  const seconds = () => secondsAtWork(history, asker.execution, now);
  if (study.batch === undefined) {
    const leg = nextLeg(study, history, asker);
    const unseen = history.open.map(({ number }) => number);
    return leg && (stopOf(study, history, seconds) ?? { leg, unseen });
  }
  for (const sight of sightsInOrder(history, study.batch)) {
    if (sight === undefined) return undefined;
    const leg = nextLeg(study, sight.seen);
    if (leg) return stopOf(study, sight.seen, seconds) ?? { leg, unseen: sight.open };
  }
  return undefined;
}
