import type { Scheduler as Settings } from '../../contracts/scheduler.ts';
import { type Bracket, goingOn, type Scheduler, type Scored } from './scheduler.ts';

/**
 * The percentile rule, and the median rule where that is 50 (Golovin et al., "Google Vizier: A Service for Black-Box
 * Optimization", KDD 2017, section 3.2.2), in the form of Optuna 5's PercentilePruner: a trial stops at a rung where the best
 * of its values so far is worse than the percentile of the values there of those that were trained to the end, once there are
 * `startup` of these. It is judged once, by what was seen when its value was; what is told later changes nothing.
 */
export const percentile =
  (settings: Extract<Settings, { kind: 'percentile' }>): Scheduler['judge'] =>
  (bracket) => {
    const { shown, rungs } = bracket;
    const stopOf = stopsOf(bracket, settings);
    return {
      owed: goingOn(rungs, (scored, rung) => stopOf(scored, rung) === undefined),
      why: ({ trial, rung }) => {
        const { resource, finished } = rungs[rung]!;
        const stop = stopOf(finished.find((each) => each.trial === trial)!, rung);
        if (stop === undefined) return { text: `the study ended after its ${resource}`, final: false };
        const limit = settings.percentile === 50 ? 'median' : `best ${settings.percentile} %`;
        const others = `the ${limit} of ${stop.of} others, ${shown(stop.limit)}`;
        return { text: `${shown(stop.best)} by ${resource} is worse than ${others}`, final: true };
      },
    };
  };

interface Stop {
  /** Of its own losses. */
  readonly best: number;
  readonly limit: number;
  /** So many others the limit is of. */
  readonly of: number;
}

/** Undefined: the trial goes on. */
function stopsOf({ rungs }: Bracket, { percentile: part, startup }: { percentile: number; startup: number }) {
  const ends = new Map(rungs.at(-1)!.finished.map(({ trial, seen }) => [trial, seen]));
  const lossesAt = rungs.map(
    ({ finished }) => new Map(finished.map(({ trial, losses }) => [trial, losses[0]])),
  );
  /** Of those that were trained to the end, the best first, with when that was seen. */
  const rivalsAt = rungs.map(({ finished }) =>
    finished
      .flatMap(({ trial, losses: [loss] }) => (ends.has(trial) ? [{ loss, seen: ends.get(trial)! }] : []))
      .sort((a, b) => a.loss - b.loss),
  );
  return ({ trial, seen }: Scored, rung: number): Stop | undefined => {
    const rivals = rivalsAt[rung]!.filter((rival) => rival.seen <= seen);
    if (rivals.length < startup) return undefined;
    const own = lossesAt.slice(0, rung + 1).map((losses) => losses.get(trial) ?? Infinity);
    const best = Math.min(...own);
    const limit = quantile(rivals, part / 100);
    return best > limit ? { best, limit, of: rivals.length } : undefined;
  };
}

/** Between neighbours by a straight line, as NumPy's. */
function quantile(sorted: readonly { readonly loss: number }[], part: number): number {
  const at = part * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!.loss;
  const high = sorted[Math.ceil(at)]!.loss;
  return low + (high - low) * (at - Math.floor(at));
}
