import { keys } from '../contracts/keys.ts';
import { type Claim, Curve, type Report, type Study, type Trial } from '../contracts/study.ts';
import type { History } from '../search/history.ts';
import { encodeJson } from '../store.ts';
import { findObject } from './objects.ts';
import type { Ports } from './ports.ts';

/** A trial is shown anew so often while it trains: no dearer than what the lanes do anyway, and no slower than the recorder looks. */
const everyMs = 5000;

/**
 * Leaves what a rung has reported so far where the recorder finds it. For people's eyes alone: nothing is decided by it. All
 * but the latest, which is told as its file is worth where the rung ends there: what was shown is never told otherwise.
 */
export function liveCurve(
  study: Study,
  claim: Claim,
  { store, remaining }: Pick<Ports, 'store' | 'remaining'>,
) {
  let left = remaining();
  return async (reports: readonly Report[]): Promise<void> => {
    if (left - remaining() < everyMs) return;
    left = remaining();
    await store.put(keys.curve(study.study, claim), encodeJson({ reports: reports.slice(0, -1) }));
  };
}

/** The trials, with what those that are being trained have reported since their last rung. Folds are shown when all have ended. */
export async function withLiveCurves(
  study: Study,
  trials: readonly Trial[],
  history: History,
  { store, now }: Pick<Ports, 'store' | 'now'>,
): Promise<readonly Trial[]> {
  if (study.folds) return trials;
  const curves = new Map<number, Curve>();
  await Promise.all(
    history.open.map(async (claim) => {
      const curve = await findObject(store, keys.curve(study.study, claim), Curve);
      if (curve) curves.set(claim.trial, curve);
    }),
  );
  return trials.map((trial) => {
    const live = trial.state === 'running' ? curves.get(trial.number) : undefined;
    return live ? { ...trial, live: { ...live, at: now() } } : trial;
  });
}
