import type { ShardProgress, Stage, TrialProgress } from '../../library/progress.ts';
import { count } from './print.ts';

/** How far a stage is: a few words each, and how soon they are left out where the line is short (0: never). */
type Part = readonly [text: string, rank: number];

/**
 * `tune     12 of 20 trials · best 0.8000 (trial 4) · 18 rungs · 34 s · about 25 s left`, in at most so many columns: what
 * matters least is left out first. `since`: seconds since the stage began; `ago`: since the counts were taken.
 */
export function liveLine(
  stage: Stage,
  counts: ShardProgress | TrialProgress | undefined,
  { since, ago, columns }: { readonly since: number; readonly ago: number; readonly columns: number },
): string {
  const left = counts?.secondsLeft ?? null;
  const parts: readonly Part[] = [
    ...(counts === undefined ? [] : 'tried' in counts ? trialParts(counts) : shardParts(counts)),
    [duration(since), 4],
    ...(left === null ? [] : [[`about ${duration(Math.max(1, left - ago))} left`, 1] as const]),
  ];
  const lines = [5, 4, 3, 2, 1, 0].map((rank) => {
    const texts = parts.filter(([, own]) => own <= rank).map(([text]) => text);
    return `${stage.padEnd(9)}${texts.join(' · ')}`;
  });
  const fits = (line: string) => line.length <= columns;
  return [...lines, ...shortLines(stage, counts)].find(fits) ?? stage.slice(0, columns);
}

/** `tune 12/20 · best 0.8000`, where a phone would be wide: and less of it. */
function shortLines(stage: Stage, counts: ShardProgress | TrialProgress | undefined): string[] {
  if (counts === undefined) return [];
  const share = `${stage} ${'tried' in counts ? counts.tried : counts.done}/${counts.total}`;
  const best = 'tried' in counts && counts.best ? [`${share} · best ${counts.best.value.toFixed(4)}`] : [];
  return [...best, share];
}

const trialParts = ({ tried, total, best, rungs, failed }: TrialProgress): Part[] => [
  [`${tried} of ${total} trials`, 0],
  ...(best === null
    ? []
    : [[`best ${best.value.toFixed(4)}`, 0] as const, [`trial ${best.trial}`, 3] as const]),
  ...(failed === 0 ? [] : [[`${failed} failed`, 2] as const]),
  [`${rungs} rungs`, 5],
];

const shardParts = ({ done, total, rowsPerSecond }: ShardProgress): Part[] => [
  [`${done} of ${total} shards`, 0],
  ...(rowsPerSecond === null ? [] : [[pace(rowsPerSecond), 2] as const]),
];

/** `412,000 rows a second`: three digits are as many as a pace is good for. */
export const pace = (rowsPerSecond: number): string =>
  `${count(Number(rowsPerSecond.toPrecision(3)))} rows a second`;

/** `45 s`, `12 min`, `3.5 h` */
export function duration(seconds: number): string {
  if (seconds < 99.5) return `${seconds.toFixed(0)} s`;
  if (seconds < 99.5 * 60) return `${(seconds / 60).toFixed(0)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
