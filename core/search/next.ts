import type { Claim, Study } from '../contracts/study.ts';
import { promotable } from './asha.ts';
import { firstOutcomes, type History, lossOf, slotOf } from './history.ts';
import { sampleRandom } from './random.ts';

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
export function decide(study: Study, history: History, asker: Asker, now: number): Decision {
  const outcomes = firstOutcomes(history.events);
  const latest = latestAttempts(history.claims);
  const open = latest.filter((claim) => !outcomes.has(slotOf(claim)));

  const own = open.find((claim) => claim.execution === asker.execution && claim.lane === asker.lane);
  if (own) return { kind: 'own', claim: own };

  const seq = history.claims.filter((claim) => claim.lane === asker.lane).length;
  const mine = { ...asker, seq, seen: history.events.length, at: now };

  const orphan = open.find((claim) => claim.execution !== asker.execution);
  if (orphan) return { kind: 'claim', claim: { ...orphan, ...mine, attempt: orphan.attempt + 1 } };

  const promoted = promotion();
  if (promoted)
    return { kind: 'claim', claim: { ...promoted, ...mine, rung: promoted.rung + 1, attempt: 1 } };

  const begun = new Set(latest.map((claim) => claim.trial)).size;
  if (begun < study.trials) {
    const claim = { ...mine, trial: begun, rung: 0, attempt: 1, params: sampleRandom(study, begun) };
    return { kind: 'claim', claim };
  }
  return open.length > 0
    ? { kind: 'wait', since: Math.min(...open.map((claim) => claim.at)) }
    : { kind: 'done' };

  function promotion(): Claim | undefined {
    const { scheduler } = study;
    if (scheduler.kind !== 'asha') return undefined;
    const exhausted = new Set(latest.map((claim) => claim.trial)).size >= study.trials && open.length === 0;
    for (let rung = scheduler.rungs.length - 2; rung >= 0; rung--) {
      const finished = latest.flatMap((claim) => {
        const outcome = claim.rung === rung ? outcomes.get(slotOf(claim))?.outcome : undefined;
        return outcome?.kind === 'reported'
          ? [{ trial: claim.trial, loss: lossOf(study, outcome.value) }]
          : [];
      });
      const risen = new Set(latest.filter((claim) => claim.rung === rung + 1).map((claim) => claim.trial));
      const lastOnes = exhausted && risen.size === 0;
      const trial = promotable(finished, risen, scheduler.eta, lastOnes);
      if (trial !== undefined) return latest.find((claim) => claim.trial === trial && claim.rung === rung);
    }
    return undefined;
  }
}

/** Whether nobody, whoever came, would have anything left to do. */
export const isDone = (study: Study, history: History): boolean =>
  decide(study, history, { execution: '', lane: -1 }, 0).kind === 'done';

function latestAttempts(claims: readonly Claim[]): Claim[] {
  const latest = new Map<string, Claim>();
  for (const claim of claims.toSorted((a, b) => a.attempt - b.attempt)) latest.set(slotOf(claim), claim);
  return [...latest.values()];
}
