import type { StudyPart } from '../../core/contracts/report.ts';
import { type Drawn, figure, told } from '../figure.ts';
import { duration, percent, plural } from '../format.ts';
import { timeLine } from '../spans.ts';
import type { Theme } from '../theme.ts';
import { type Work, worksOf } from './works.ts';

/** What each lane did when: where nothing stands, it did nothing. */
export function lanes({ works: columns, laneSeconds: seconds, took, resource, rungs }: StudyPart): Drawn {
  const works = worksOf(columns);
  const names = [...new Set(works.map(({ lane }) => lane))].sort((a, b) => b - a);
  const whole = Object.values(seconds).reduce((sum, one) => sum + one, 0);
  const idle = whole > 0 ? seconds.idle / whole : 0;
  return figure({
    title: 'Lanes over time',
    note: `A bar is one trial on its way to a rung, the stronger the higher the rung; gaps are idle (${percent(idle)}). Drag to move, use the slider to zoom.`,
    label: `What ${plural(names.length, 'lane')} did over ${duration(took)}: ${percent(idle)} of the time they were idle.`,
    height: 110 + Math.min(24, Math.max(2, names.length)) * 22,
    wide: true,
    option: (theme) =>
      timeLine(theme, {
        rows: names.map((lane) => `lane ${lane}`),
        spans: works.map((work, at) => ({
          value: [names.indexOf(work.lane), work.from, work.to, at],
          itemStyle: { color: colorOf(theme, work, rungs.length) },
        })),
        took,
        tell: (at) => tell(works[at]!, rungs, resource),
      }),
    rows: () => ({
      columns: ['lane', 'trial', 'rung', 'fold', 'from', 'for', 'trained', 'end'],
      rows: works.map(({ lane, trial, rung, fold, from, to, seconds: trained, end }) => [
        ...[lane, trial, rung, fold ?? '–'].map(String),
        ...[duration(from), duration(to - from), duration(1000 * trained), end],
      ]),
    }),
  });
}

function colorOf({ accent, bad, second, muted }: Theme, { end, rung }: Work, rungs: number): string {
  if (end === 'failed') return bad;
  if (end === 'lost') return muted;
  if (end === 'open') return second;
  const part = rungs > 1 ? 0.45 + (0.55 * rung) / (rungs - 1) : 0.85;
  return `color-mix(in srgb, ${accent} ${Math.round(100 * part)}%, transparent)`;
}

const tell = (
  { lane, trial, rung, fold, from, to, seconds, end }: Work,
  rungs: readonly number[],
  resource: string,
) =>
  told(
    `trial ${trial}, rung ${rung}${fold === undefined ? '' : `, fold ${fold}`}`,
    ['lane', String(lane)],
    [resource, String(rungs[rung] ?? '')],
    ['from', duration(from)],
    ['for', duration(to - from)],
    ['of that training', duration(1000 * seconds)],
    ['ended', end],
  );
