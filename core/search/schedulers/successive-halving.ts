import type { TrialNumber } from '../../contracts/names.ts';
import { bestFirst } from './best-first.ts';
import { type Bracket, once, placesIn, type Scheduler } from './scheduler.ts';

/**
 * Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization",
 * AISTATS 2016): of a bracket of n trials the best n/eta of a rung go on, once all that were to come to it have ended. A lane
 * that finds nobody to go on begins trials of the next bracket.
 */
export const successiveHalving =
  (eta: number): Scheduler['judge'] =>
  (bracket) => {
    const { rungs, size } = bracket;
    const decided = decidedRungs(bracket, eta);
    const places = rungs.map((rung, at) => once(() => placesIn(rung, keptOf(bracket, at, eta))));
    return {
      owed: decided
        .flatMap((best, rung) =>
          [...best].flatMap((trial) => (rungs[rung]!.risen.has(trial) ? [] : [{ trial, rung }])),
        )
        .sort((a, b) => b.rung - a.rung),
      why: ({ trial, rung }) =>
        rung < decided.length
          ? { text: places[rung]!()(trial), final: true }
          : { text: `not all of its bracket of ${size} came to ${rungs[rung]!.resource}`, final: false },
    };
  };

/** So many trials leave one at the last of so many rungs. */
export const halvingBracket = (rungs: number, eta: number): number =>
  Math.max(2, Math.ceil(eta ** (rungs - 1)));

/** Of the rungs that all have come to who were to come, and ended: who goes on. */
function decidedRungs(bracket: Bracket, eta: number): ReadonlySet<TrialNumber>[] {
  const decided: ReadonlySet<TrialNumber>[] = [];
  let coming = bracket.size;
  for (const [at, { finished, begun, pending }] of bracket.rungs.slice(0, -1).entries()) {
    if (begun < coming || pending > 0) break;
    const best = bestFirst(finished).slice(0, keptOf(bracket, at, eta));
    decided.push(new Set(best.map(({ trial }) => trial)));
    coming = best.length;
  }
  return decided;
}

const keptOf = ({ size }: Bracket, rung: number, eta: number): number =>
  Math.max(1, Math.floor(size / eta ** (rung + 1) + 1e-9));
