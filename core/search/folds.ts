import type { TrialNumber } from '../contracts/names.ts';
import type { Claim, Study } from '../contracts/study.ts';
import { lossesOf, type Seen } from './history.ts';
import { type Losses, orderOf } from './pareto.ts';

/**
 * How a rung's trials stand on their folds. A trial's loss at a rung is the mean over all of them; a study without folds
 * has one. Cross-validation that is stopped early finds the best sooner where the stopping is forgiving (Bergman et al.,
 * "Don't Waste Your Time: Early Stopping Cross-Validation", AutoML 2024). Here the folds are small rungs of successive
 * halving (Jamieson and Talwalkar, AISTATS 2016): of the trials that a rung has, so many go on after each fold that with
 * the last those are left which the rung promotes. All are compared on the same folds, so that a hard one harms nobody.
 */

/** A trial at a rung, as far as it did not fail. */
export interface Standing {
  readonly trial: TrialNumber;
  /** Of its folds that were begun, in their order. */
  readonly claims: readonly Claim[];
  /** By fold; undefined: not told yet. */
  readonly losses: readonly (Losses | undefined)[];
}

export const foldCount = ({ folds }: Pick<Study, 'folds'>): number => folds?.count ?? 1;

/** By its claims of that rung; undefined: it failed there. A loop, since each ask takes it for all that was begun. */
export function standingOf(
  study: Study,
  history: Seen,
  trial: TrialNumber,
  claims: readonly Claim[],
): Standing | undefined {
  const losses: (Losses | undefined)[] = [];
  for (const claim of claims) {
    const outcome = history.eventOf(claim)?.outcome;
    if (outcome?.kind === 'failed') return undefined;
    losses.push(outcome && lossesOf(study, outcome));
  }
  return { trial, claims, losses };
}

/** The means over all folds; undefined while one is missing. */
export function lossesAt({ losses }: Standing, folds: number): Losses | undefined {
  if (folds === 1) return losses[0];
  return losses.length === folds && losses.every(isTold) ? meanLosses(losses) : undefined;
}

/** Of each objective the mean over some folds. */
export function meanLosses(losses: readonly Losses[]): Losses {
  const [first, ...others] = losses[0]!.map((_, objective) => mean(losses.map((each) => each[objective]!)));
  return [first!, ...others];
}

/** In the order of the folds, so that every reader has the same bits. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The trials that are given no further fold as things stand: when m of k folds are told, n·eta^(-m/k) of the rung's n trials
 * go on, rounded up. Who has not done the same folds is in nobody's way. One that is held back goes on after all
 * when enough others turn out to be worse.
 */
export function heldBack(
  standings: readonly Standing[],
  folds: number,
  eta: number,
): ReadonlySet<TrialNumber> {
  const judged = standings.filter(({ losses }) => losses.some(isTold));
  const held = new Set<TrialNumber>();
  const done = new Set<string>();
  for (const standing of judged) {
    const told = toldFolds(standing);
    if (told.length === folds || done.has(told.join())) continue;
    done.add(told.join());
    const kept = keptOf(judged.length, told.length, folds, eta);
    for (const trial of rank(judged, told).slice(kept)) {
      if (toldFolds(trial).join() === told.join()) held.add(trial.trial);
    }
  }
  return held;
}

/** Whether the first fold of a trial, which is not told yet, may be all that it gets. */
export function mayBeHeldBack(
  standings: readonly Standing[],
  { losses }: Standing,
  folds: number,
  eta: number,
): boolean {
  if (losses.some(isTold)) return false;
  const judged = standings.filter((other) => other.losses.some(isTold)).length + 1;
  return keptOf(judged, 1, folds, eta) < judged;
}

/** An integer that comes out a little above itself is not rounded up. */
const keptOf = (trials: number, told: number, folds: number, eta: number): number =>
  Math.ceil(trials * eta ** (-told / folds) - 1e-9);

const isTold = (losses: Losses | undefined): losses is Losses => losses !== undefined;

const toldFolds = ({ losses }: Standing): readonly number[] =>
  losses.flatMap((told, fold) => (told === undefined ? [] : [fold]));

/** Those that have done these folds, the best on them first. */
function rank(standings: readonly Standing[], folds: readonly number[]): Standing[] {
  const told = standings
    .flatMap((standing) => {
      const losses = folds.map((fold) => standing.losses[fold]);
      return losses.every(isTold) ? [{ standing, losses: meanLosses(losses) }] : [];
    })
    .sort((a, b) => a.standing.trial - b.standing.trial);
  return orderOf(told.map(({ losses }) => losses)).map((at) => told[at]!.standing);
}
