import type { Stopped } from '../contracts/stop.ts';
import type { Study } from '../contracts/study.ts';
import { foldCount, lossesAt, standingOf } from './folds.ts';
import { type History, lossOf, type Seen } from './history.ts';

/** Where a study does not say how many may fail: so many trials that were the first to end, and all failed. */
const firstFailures = 10;

/** Why the study is to begin nothing any more, as far as was seen. `seconds`: that it has been running. */
export function stopOf(study: Study, seen: Seen, seconds: () => number): Omit<Stopped, 'at'> | undefined {
  const { stop = {} } = study;
  if (stop.seconds !== undefined && seconds() >= stop.seconds)
    return { reason: 'time', text: `it had its ${stop.seconds} seconds` };
  const { target, patience, failures } = stop;
  // Which is how it mostly is, and quick to see.
  if ((target ?? patience ?? failures) === undefined && gaveValue(seen)) return undefined;
  const ends = endsOf(study, seen);
  return (
    tooManyFailed(ends, failures) ??
    (target === undefined ? undefined : reached(study, ends, target)) ??
    (patience && noBetter(study, ends, patience))
  );
}

/** Whether any trial gave one at its first rung. */
function gaveValue(seen: Seen): boolean {
  for (const claims of seen.rung(0).values())
    if (claims.some((claim) => seen.eventOf(claim)?.outcome.kind === 'reported')) return true;
  return false;
}

/** How long lanes of the study have been at work, in all its executions: from the first claim of each to what came last. */
export function secondsAtWork(history: History, execution: string, now: number): number {
  const spans = new Map<string, { from: number; to: number }>();
  for (const claim of history.claims) {
    const { from, to } = spans.get(claim.execution) ?? { from: Infinity, to: -Infinity };
    spans.set(claim.execution, {
      from: Math.min(from, claim.at),
      to: Math.max(
        to,
        claim.at,
        history.eventOf(claim)?.at ?? -Infinity,
        claim.execution === execution ? now : -Infinity,
      ),
    });
  }
  return [...spans.values()].reduce((sum, { from, to }) => sum + (to - from), 0) / 1000;
}

/** A trial that gave a value or failed. `loss`: its best at any rung; Infinity where it gave none. */
interface End {
  readonly trial: number;
  readonly failed: boolean;
  readonly loss: number;
}

/** In the order of their numbers. */
function endsOf(study: Study, seen: Seen): End[] {
  const losses = new Map<number, number>();
  const failed = new Set<number>();
  for (const [rung] of study.scheduler.rungs.entries()) {
    for (const [trial, claims] of seen.rung(rung)) {
      const standing = standingOf(study, seen, trial, claims);
      if (standing === undefined) failed.add(trial);
      const [loss] = (standing && lossesAt(standing, foldCount(study))) ?? [];
      if (loss !== undefined) losses.set(trial, Math.min(loss, losses.get(trial) ?? Infinity));
    }
  }
  return [...new Set([...losses.keys(), ...failed])]
    .sort((a, b) => a - b)
    .map((trial) => ({ trial, failed: failed.has(trial), loss: losses.get(trial) ?? Infinity }));
}

function tooManyFailed(ends: readonly End[], most: number | undefined): Omit<Stopped, 'at'> | undefined {
  const failed = ends.filter((end) => end.failed).length;
  if (most !== undefined)
    return failed >= most ? { reason: 'failures', text: `${failed} trials failed` } : undefined;
  return failed >= firstFailures && ends.every((end) => end.failed && end.loss === Infinity)
    ? { reason: 'failures', text: `the first ${failed} trials all failed` }
    : undefined;
}

function reached(study: Study, ends: readonly End[], target: number): Omit<Stopped, 'at'> | undefined {
  const first = ends.find(({ failed, loss }) => !failed && loss <= lossOf(study, target));
  return (
    first && {
      reason: 'target',
      text: `trial ${first.trial} reached ${study.metric} ${shown(study, first.loss)}, the target is ${target}`,
    }
  );
}

function noBetter(
  study: Study,
  ends: readonly End[],
  { trials, min_delta }: { readonly trials: number; readonly min_delta: number },
): Omit<Stopped, 'at'> | undefined {
  let best: End | undefined;
  let since = 0;
  for (const end of ends) {
    if (!end.failed && (best === undefined || end.loss < best.loss - min_delta)) {
      best = end;
      since = 0;
    } else since += 1;
  }
  if (best === undefined || since < trials) return undefined;
  return {
    reason: 'patience',
    text: `${since} trials were no better than trial ${best.trial} with ${study.metric} ${shown(study, best.loss)}`,
  };
}

const shown = (study: Study, loss: number): string => String(Number(lossOf(study, loss).toPrecision(6)));
