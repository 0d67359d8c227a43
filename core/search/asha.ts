/**
 * Asynchronous successive halving (Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, Alg. 2):
 * a free lane promotes the best trial that is owed a promotion, from the highest rung down, and begins a new one otherwise.
 */

/** The resource that each rung has had in all: min, min·eta, … and `max`, which takes the place of a rung just below it. */
export function ashaRungs(min: number, max: number, eta: number): number[] {
  const rungs: number[] = [];
  for (let resource = min; resource * Math.sqrt(eta) <= max; resource *= eta)
    rungs.push(Math.round(resource));
  return [...rungs, max];
}

/** A trial that finished a rung: `loss` is the metric, negated where it is maximised. */
export interface Scored {
  readonly trial: number;
  readonly loss: number;
}

/**
 * The trial to promote from this rung, or undefined: the best third (for eta 3) of those that finished it are owed a promotion.
 * `worse`: so many more were stopped on the way, as they were worse.
 * `last`: nobody else will ever finish this rung, so that at least one goes on.
 * Ties break on the number, so that a replayed rung promotes the same trials.
 */
export function promotable(
  { finished, worse }: { readonly finished: readonly Scored[]; readonly worse: number },
  promoted: { has(trial: number): boolean },
  eta: number,
  last: boolean,
): number | undefined {
  const owed = Math.max(last && finished.length > 0 ? 1 : 0, Math.floor((finished.length + worse) / eta));
  let best: Scored | undefined;
  for (const scored of finished)
    if (!promoted.has(scored.trial) && (best === undefined || isBetter(scored, best))) best = scored;
  if (best === undefined) return undefined;
  // Two passes in place of a sort: a study of thousands asks this each time.
  let rank = 0;
  for (const scored of finished) if (isBetter(scored, best)) rank++;
  return rank < owed ? best.trial : undefined;
}

const isBetter = (a: Scored, b: Scored): boolean =>
  a.loss < b.loss || (a.loss === b.loss && a.trial < b.trial);
