import type { Claim } from '../contracts/study.ts';
import type { History, Seen } from './history.ts';

/**
 * Deterministic mode. What is begun is begun in one order, whoever does it: the n-th claim is decided by the outcomes of the
 * claims up to n − batch, which must have ended, and by no other. So the whole order, by induction, is that of the study's
 * outcomes alone: neither how long anything took, nor how many lanes there were, nor which of them died changes it. At most
 * `batch` claims are at work.
 *
 * Where that gives nothing to begin, such as at the end of a rung, one outcome more is waited for, and so on: what an ask
 * saw, those after it see too. Gives what is to be seen, the least first; undefined: a claim has to end before.
 *
 * The successor of a claim takes its place in the order.
 */
export function* sightsInOrder(history: History, batch: number): Generator<Sight | undefined> {
  const { latest, before } = lastBegun(history, batch - 1);
  for (let unseen = Math.min(latest.length, before + 1); unseen >= 0; unseen--) {
    const hidden = new Map(latest.slice(0, unseen).map((claim) => [claim.number, claim]));
    yield history.open.every(({ number }) => hidden.has(number))
      ? { seen: without(history, hidden), open: [...hidden.keys()].sort((a, b) => a - b) }
      : undefined;
  }
}

export interface Sight {
  readonly seen: Seen;
  /** The numbers of those whose outcome is not seen. */
  readonly open: readonly number[];
}

/** The claims that count at the last so many places, the last first; `before`: how many outcomes the last had not seen. */
function lastBegun(history: History, most: number) {
  const { claims } = history;
  const latest: Claim[] = [];
  let before = 0;
  for (let at = claims.length - 1; at >= 0; at--) {
    const claim = claims[at]!;
    if (claim.attempt > 1) continue;
    if (latest.length === 0) before = claim.open.length;
    if (latest.length === most) break;
    latest.push(history.rung(claim.rung).get(claim.trial)![claim.fold ?? 0]!);
  }
  return { latest, before };
}

const without = (history: History, hidden: ReadonlyMap<number, Claim>): Seen => ({
  rung: (rung) => history.rung(rung),
  eventOf: (claim) => (hidden.has(claim.number) ? undefined : history.eventOf(claim)),
  seenAt: (claim) => history.seenAt(claim),
  open: [...hidden.values()].sort((a, b) => a.number - b.number),
  begun: history.begun,
});
