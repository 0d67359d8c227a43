import type { TrialNumber } from '../../contracts/names.ts';

/**
 * Hyperband (Li et al., "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization", JMLR 2018): some trials
 * begin at a higher rung, in case the lower ones mislead. Within a bracket it is ASHA, as in section 4.2 of that paper's
 * (MLSys 2020): bracket b begins at the rung b, and the last trains all to the end.
 *
 * Trials are dealt out in the order of their numbers, so that of any many each bracket has its share as nearly as can be.
 */
export function hyperbandBracket(rungs: number, eta: number): (trial: TrialNumber) => number {
  const round = deal(hyperbandSizes(rungs, eta));
  return (trial) => round[trial % round.length]!;
}

/** How many trials the brackets have, that of the lowest first rung first: line n_0 of the paper's Table 1. */
export function hyperbandSizes(rungs: number, eta: number): number[] {
  return Array.from({ length: rungs }, (_, bracket) => {
    const above = rungs - 1 - bracket;
    return Math.ceil((rungs * eta ** above) / (above + 1) - 1e-9);
  });
}

/** The next goes to the bracket that lacks most of its share; the lower wins a tie. */
function deal(sizes: readonly number[]): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const dealt = sizes.map(() => 0);
  return Array.from({ length: all }, (_, trial) => {
    const lacks = sizes.map((size, bracket) => ((trial + 1) * size) / all - dealt[bracket]!);
    const next = lacks.indexOf(Math.max(...lacks));
    dealt[next]! += 1;
    return next;
  });
}
