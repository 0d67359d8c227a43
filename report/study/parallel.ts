import type { EChartsType } from 'echarts/core';
import type { CoordinateAxis, StudyPart } from '../../core/contracts/report.ts';
import { element } from '../dom.ts';
import { type Drawn, figure } from '../figure.ts';
import { number, plural } from '../format.ts';
import type { Selection } from '../selection.ts';
import type { Theme } from '../theme.ts';
import { colorOf, ranksOf } from './value-colors.ts';

/** The trials as lines over all parameters; a part of an axis that is brushed selects those that go through it. */
export function parallel(part: StudyPart, selection: Selection): Drawn {
  const { trials, metric } = part;
  const axes = [...part.axes.filter(({ ticks }) => ticks.length > 1), valueAxis(part)];
  const ranks = ranksOf(part);
  const said = element('p', { class: 'note', role: 'status' });
  const clear = element('button', { type: 'button', class: 'quiet' }, 'Clear the brush');
  const show = () => {
    const { places } = selection;
    clear.hidden = places === null;
    said.textContent =
      places === null ? '' : `${plural(places.size, 'trial')} of ${trials.number.length} selected`;
  };
  selection.onChange(show);
  show();
  const drawn: Drawn = figure({
    title: 'Parallel coordinates',
    note: 'A line is a trial, the better the stronger its colour. Drag along an axis to select trials; the table below shows those.',
    label: `The trials over ${axes.map(({ name }) => name).join(', ')}. The filters of the table below select in the same way.`,
    height: 380,
    wide: true,
    controls: [element('div', { class: 'controls' }, clear, said)],
    option: (theme, width) => option(axes, ranks, theme, width),
    rows: () => ({
      columns: ['trial', ...axes.map(({ name }) => name)],
      rows: trials.number.map((trial, place) => [
        String(trial),
        ...axes.map(({ name, positions }) => {
          if (positions[place] === null) return '–';
          const value = name === metric ? trials.value[place]! : (trials.params[name]?.[place] ?? null);
          return typeof value === 'number' ? number(value) : String(value);
        }),
      ]),
    }),
    onChart: (chart) => listen(chart, axes, selection),
  });
  clear.addEventListener('click', () => {
    selection.set(null);
    drawn.redraw();
  });
  return drawn;
}

/** The metric as the last axis, in a line from the least value to the greatest. */
function valueAxis({ trials, metric }: StudyPart): CoordinateAxis {
  const values = trials.value.filter((value) => value !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high > low ? high - low : 1;
  return {
    ...{ name: metric, kind: 'numbers', log: false },
    ticks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({
      at,
      label: values.length === 0 ? '' : String(Number((low + at * span).toPrecision(4))),
    })),
    positions: trials.value.map((value) => (value === null ? null : (value - low) / span)),
  };
}

function option(
  axes: readonly CoordinateAxis[],
  ranks: readonly (number | null)[],
  theme: Theme,
  width: number,
) {
  const order = ranks.map((rank, place) => ({ rank, place })).sort((a, b) => (a.rank ?? -1) - (b.rank ?? -1));
  const few = ranks.length <= 100;
  const upright = width < 600 && axes.length > 4;
  return {
    parallel: {
      left: upright ? 110 : 40,
      right: 60,
      top: upright ? 16 : 46,
      bottom: 24,
      layout: upright ? 'vertical' : 'horizontal',
      axisExpandable: false,
    },
    parallelAxis: axes.map(({ name, ticks }, dim) => ({
      dim,
      id: String(dim),
      name,
      type: 'value',
      z: 10,
      min: 0,
      max: 1,
      nameLocation: upright ? 'start' : 'end',
      nameTextStyle: { color: theme.ink, fontSize: 11, width: 100, overflow: 'truncate' },
      nameTruncate: { maxWidth: upright ? 100 : Math.max(60, width / axes.length - 12) },
      axisLine: { lineStyle: { color: theme.muted } },
      axisTick: { customValues: ticks.map(({ at }) => at), lineStyle: { color: theme.muted } },
      axisLabel: {
        color: theme.muted,
        fontSize: 10,
        backgroundColor: theme.card,
        padding: [1, 3],
        width: Math.max(36, width / axes.length - 24),
        overflow: 'truncate',
        customValues: ticks.map(({ at }) => at),
        formatter: (at: number) => labelAt(ticks, at),
      },
      areaSelectStyle: { color: theme.accent, opacity: 0.35, borderColor: theme.accent, width: 18 },
    })),
    series: [
      {
        type: 'parallel',
        smooth: 0.15,
        inactiveOpacity: 0.04,
        activeOpacity: few ? 0.9 : 0.6,
        lineStyle: { width: few ? 1.5 : 1, opacity: few ? 0.75 : 0.4 },
        data: order.map(({ rank, place }) => ({
          value: axes.map(({ positions }) => positions[place] ?? '-'),
          place,
          lineStyle: { color: colorOf(theme, rank) },
        })),
      },
    ],
    tooltip: { show: false },
  };
}

const labelAt = (ticks: CoordinateAxis['ticks'], at: number): string =>
  ticks.find((tick) => Math.abs(tick.at - at) < 1e-6)?.label ?? '';

/** What an axis has brushed, as ECharts tells it. */
interface Brushed {
  readonly parallelAxisId: string;
  readonly intervals: readonly (readonly [number, number])[];
}

function listen(chart: EChartsType, axes: readonly CoordinateAxis[], selection: Selection): void {
  const brushed = new Map<string, Brushed['intervals']>();
  selection.onChange(() => {
    if (selection.places === null) brushed.clear();
  });
  chart.on('axisareaselected', (event) => {
    const { parallelAxisId, intervals } = event as unknown as Brushed;
    if (intervals.length > 0) brushed.set(parallelAxisId, intervals);
    else brushed.delete(parallelAxisId);
    selection.set(brushed.size === 0 ? null : withinAll(axes, brushed));
  });
}

/** The trials that go through what is brushed of each axis. */
function withinAll(
  axes: readonly CoordinateAxis[],
  brushed: ReadonlyMap<string, Brushed['intervals']>,
): ReadonlySet<number> {
  const meets = [...brushed].map(([id, intervals]) => {
    const { positions } = axes[Number(id)]!;
    return (place: number) =>
      intervals.some(([from, to]) => {
        const position = positions[place];
        return typeof position === 'number' && position >= from && position <= to;
      });
  });
  return new Set(
    axes[0]!.positions.map((_, place) => place).filter((place) => meets.every((one) => one(place))),
  );
}
