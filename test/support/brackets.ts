import type { Bracket, Rung } from '../../core/search/schedulers/scheduler.ts';

/** The losses of those that finished the rung, by trial. */
type Losses = readonly number[] | Readonly<Record<number, number>>;

/** A rung that these finished, one after the other as they were seen, and nobody else began. */
export function rungOf(
  losses: Losses,
  { risen = [] as readonly number[], worse = 0, pending = 0 } = {},
): Rung {
  const finished = Object.entries(losses).map(([trial, loss], seen) => ({
    trial: Number(trial),
    losses: [loss] as const,
    seen,
  }));
  const begun = finished.length + pending;
  return { resource: '10 rounds', finished, worse, pending, begun, risen: new Set(risen) };
}

export const bracketOf = (rungs: readonly Rung[], { size = 100, settled = false } = {}): Bracket => ({
  rungs,
  size,
  settled,
  shown: String,
});
