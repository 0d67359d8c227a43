import { type SurfacePoint, surface } from '../../core/analysis/surface.ts';
import type { CoordinateAxis, StudyPart } from '../../core/contracts/report.ts';
import { choice, element } from '../dom.ts';
import { type Drawn, figure, told } from '../figure.ts';
import { cell, number } from '../format.ts';
import type { Theme } from '../theme.ts';
import { positionAxis, shownAxes } from './slices.ts';

const cells = 32;

/** What the value is like over two parameters; null where there is one at most. */
export function contour(part: StudyPart): Drawn | null {
  const { trials, metric } = part;
  const axes = shownAxes(part);
  if (axes.length < 2) return null;
  let [across, up] = [axes[0]!, axes[1]!];
  const names = axes.map(({ name }) => name);
  const named = (name: string) => axes.find((one) => one.name === name)!;
  const drawn: Drawn = figure({
    title: 'Contour',
    note: `The ${metric} over two parameters, smoothed over the trials near each place; dots are trials, the strongest colour is the best.`,
    label: `${metric} over two parameters that can be chosen.`,
    height: 400,
    controls: [
      element(
        'div',
        { class: 'controls' },
        choice('across', names, across.name, (name) => {
          across = named(name);
          drawn.redraw();
        }),
        choice('up', names, up.name, (name) => {
          up = named(name);
          drawn.redraw();
        }),
      ),
    ],
    option: (theme) => option(part, across, up, theme),
    rows: () => ({
      columns: ['trial', ...names, metric],
      rows: trials.number.map((trial, place) => [
        String(trial),
        ...names.map((name) => cell(trials.params[name]?.[place])),
        cell(trials.value[place]),
      ]),
    }),
  });
  return drawn;
}

const short = (value: number): string => number(Number(value.toPrecision(3)));

function option(part: StudyPart, across: CoordinateAxis, up: CoordinateAxis, theme: Theme) {
  const { trials, metric, direction } = part;
  const points = trials.value.flatMap((value, place) => {
    const [x, y] = [across.positions[place], up.positions[place]];
    return value === null || typeof x !== 'number' || typeof y !== 'number'
      ? []
      : [[x, y, value, place] as const];
  });
  const heights = surface(
    points.map(([x, y, value]): SurfacePoint => [x, y, value]),
    cells,
  );
  const known = heights.filter((height) => height !== null);
  const labels = Array.from({ length: cells }, (_, at) => at);
  const hidden = { type: 'category', data: labels, show: false };
  return {
    grid: { left: 74, right: 74, top: 10, bottom: 48 },
    xAxis: [positionAxis(theme, across), hidden],
    yAxis: [{ ...positionAxis(theme, up), nameGap: 52 }, hidden],
    visualMap: {
      type: 'continuous',
      min: known.length > 0 ? Math.min(...known) : 0,
      max: known.length > 0 ? Math.max(...known) : 1,
      inRange: { color: direction === 'maximize' ? theme.scale : theme.scale.toReversed() },
      seriesIndex: 0,
      dimension: 2,
      right: 0,
      top: 'center',
      itemHeight: 220,
      itemWidth: 12,
      textStyle: { color: theme.muted },
      text: known.length > 0 ? [short(Math.max(...known)), short(Math.min(...known))] : ['', ''],
    },
    series: [
      {
        type: 'heatmap',
        xAxisIndex: 1,
        yAxisIndex: 1,
        silent: true,
        data: heights.flatMap((height, at) =>
          height === null ? [] : [[at % cells, Math.floor(at / cells), height]],
        ),
      },
      {
        type: 'scatter',
        symbolSize: points.length > 200 ? 4 : 7,
        itemStyle: { color: theme.card, borderColor: theme.ink, borderWidth: 1, opacity: 0.9 },
        data: points,
        tooltip: {
          formatter: ({ data }: { data: readonly number[] }) =>
            told(
              `trial ${trials.number[data[3]!]}`,
              [across.name, cell(trials.params[across.name]?.[data[3]!])],
              [up.name, cell(trials.params[up.name]?.[data[3]!])],
              [metric, number(data[2]!)],
            ),
        },
      },
    ],
  };
}
