import type { StudyPart } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, told } from '../figure.ts';
import { duration, percent, plural } from '../format.ts';
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
    option: (theme) => ({
      grid: { left: 60, right: 20, top: 10, bottom: 78 },
      xAxis: axis(theme, {
        type: 'value',
        min: 0,
        max: took,
        axisLabel: { formatter: (at: number) => duration(at) },
      }),
      yAxis: axis(theme, {
        type: 'category',
        data: names.map((lane) => `lane ${lane}`),
        splitLine: { show: false },
        splitArea: { show: true, areaStyle: { color: ['transparent', theme.faint] } },
      }),
      dataZoom: [
        { type: 'inside', filterMode: 'weakFilter', zoomOnMouseWheel: 'ctrl' },
        {
          type: 'slider',
          filterMode: 'weakFilter',
          bottom: 10,
          height: 22,
          borderColor: theme.line,
          textStyle: { color: theme.muted },
          labelFormatter: (at: number) => duration(at),
        },
      ],
      series: [
        {
          type: 'custom',
          renderItem,
          encode: { x: [1, 2], y: 0 },
          data: works.map((work, at) => ({
            value: [names.indexOf(work.lane), work.from, work.to, at],
            itemStyle: { color: colorOf(theme, work, rungs.length) },
          })),
          tooltip: {
            formatter: ({ value }: { value: readonly number[] }) => tell(works[value[3]!]!, rungs, resource),
          },
        },
      ],
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

interface Api {
  value(dimension: number): number;
  coord(point: readonly number[]): readonly [number, number];
  size(of: readonly number[]): readonly [number, number];
  visual(name: string): string;
}

interface Params {
  readonly coordSys: { readonly x: number; readonly width: number };
}

function renderItem({ coordSys }: Params, api: Api) {
  const [left, middle] = api.coord([api.value(1), api.value(0)]);
  const [right] = api.coord([api.value(2), api.value(0)]);
  const height = Math.min(18, api.size([0, 1])[1] * 0.7);
  const [from, to] = [Math.max(left, coordSys.x), Math.min(right, coordSys.x + coordSys.width)];
  if (to <= from && right < coordSys.x) return undefined;
  return {
    type: 'rect',
    shape: { x: from, y: middle - height / 2, width: Math.max(1, to - from - 1), height, r: 2 },
    style: { fill: api.visual('color') },
  };
}
