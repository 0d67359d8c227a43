import { bestFirst } from './best-first.ts';
import {
  type Bracket,
  once,
  placesIn,
  type Rung,
  type Scheduler,
  type Scored,
  type Step,
} from './scheduler.ts';

/**
 * Asynchronous successive halving (Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, Alg. 2):
 * a free lane promotes the best trial that is owed a promotion, from the highest rung down, and begins a new one otherwise.
 */
export const asha =
  (eta: number): Scheduler['judge'] =>
  (bracket) => {
    const { rungs } = bracket;
    const places = rungs.map((rung) => once(() => placesIn(rung, Math.max(1, owedBy(rung, eta)))));
    return {
      owed: owedIn(bracket, eta),
      why: ({ trial, rung }) => ({ text: places[rung]!()(trial), final: false }),
    };
  };

function owedIn({ rungs, settled }: Bracket, eta: number): readonly Step[] {
  for (let rung = rungs.length - 2; rung >= 0; rung--) {
    const last = settled && rungs[rung]!.risen.size === 0;
    const trial = promotable(rungs[rung]!, eta, last);
    if (trial !== undefined) return [{ trial, rung }];
  }
  return [];
}

/** The resource that each rung has had in all: min, min·eta, … and `max`, which takes the place of a rung just below it. */
export function ashaRungs(min: number, max: number, eta: number): number[] {
  const rungs: number[] = [];
  for (let resource = min; resource * Math.sqrt(eta) <= max; resource *= eta)
    rungs.push(Math.round(resource));
  return [...rungs, max];
}

/**
 * The trial to promote from this rung, or undefined: the best third (for eta 3) of those that finished it, or were stopped on
 * the way, are owed a promotion. `last`: nobody else will ever finish this rung, so that at least one goes on.
 * Of several objectives, the best are those of the first front, the least crowded before the others (Schmucker et al.,
 * "Multi-objective Asynchronous Successive Halving", 2021). Ties break on the number, so that a replayed rung promotes the
 * same trials.
 */
export function promotable(
  rung: Pick<Rung, 'finished' | 'worse' | 'risen'>,
  eta: number,
  last: boolean,
): number | undefined {
  const { finished, risen } = rung;
  const owed = Math.max(last && finished.length > 0 ? 1 : 0, owedBy(rung, eta));
  let best: Scored | undefined;
  for (const scored of finished)
    if (!risen.has(scored.trial) && (best === undefined || isBetter(scored, best))) best = scored;
  if (best === undefined) return undefined;
  if (best.losses.length > 1) {
    const chosen = bestFirst(finished).slice(0, owed);
    return chosen.find(({ trial }) => !risen.has(trial))?.trial;
  }
  // Two passes in place of a sort: a study of thousands asks this each time.
  let rank = 0;
  for (const scored of finished) if (isBetter(scored, best)) rank++;
  return rank < owed ? best.trial : undefined;
}

const isBetter = (a: Scored, b: Scored): boolean =>
  a.losses[0] < b.losses[0] || (a.losses[0] === b.losses[0] && a.trial < b.trial);

const owedBy = ({ finished, worse }: Pick<Rung, 'finished' | 'worse'>, eta: number): number =>
  Math.floor((finished.length + worse) / eta);
