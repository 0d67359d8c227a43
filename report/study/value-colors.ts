import type { StudyPart } from '../../core/contracts/report.ts';
import type { Theme } from '../theme.ts';

/** Of each trial where its value stands among all, from 0, the worst, to 1, the best; null without a value. */
export function ranksOf({ trials, direction }: StudyPart): readonly (number | null)[] {
  const sign = direction === 'maximize' ? 1 : -1;
  const sorted = trials.value
    .flatMap((value) => (value === null ? [] : [sign * value]))
    .sort((a, b) => a - b);
  const first = new Map<number, number>();
  for (const [at, value] of sorted.entries()) if (!first.has(value)) first.set(value, at);
  const last = Math.max(1, sorted.length - 1);
  return trials.value.map((value) => (value === null ? null : first.get(sign * value)! / last));
}

/** The colour of a rank. */
export function colorOf({ scale, faint }: Theme, rank: number | null): string {
  if (rank === null) return faint;
  return scale[Math.min(scale.length - 1, Math.floor(rank * scale.length))]!;
}
