import type { CoordinateAxis, StudyPart } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, told } from '../figure.ts';
import { cell, number } from '../format.ts';
import { colorOf, ranksOf } from './value-colors.ts';

const most = 12;

/** The value over each parameter by itself, the most important ones first. */
export function slices(part: StudyPart): Drawn {
  const { trials, metric } = part;
  const axes = shownAxes(part).slice(0, most);
  const ranks = ranksOf(part);
  const columnsFor = (width: number) => Math.max(1, Math.min(axes.length, Math.floor(width / 260)));
  const rowHeight = 210;
  return figure({
    title: 'Slices',
    note: `The ${metric} of each trial over one parameter, whatever the others are.`,
    label: `${metric} over each of ${axes.map(({ name }) => name).join(', ')}.`,
    height: (width) => Math.ceil(axes.length / columnsFor(width)) * rowHeight,
    wide: true,
    option: (theme, width) => {
      const columns = columnsFor(width);
      const each = width / columns;
      return {
        grid: axes.map((_, at) => ({
          left: (at % columns) * each + 54,
          top: Math.floor(at / columns) * rowHeight + 12,
          width: each - 70,
          height: rowHeight - 64,
        })),
        xAxis: axes.map((one, at) => ({ ...positionAxis(theme, one), gridIndex: at })),
        yAxis: axes.map((_, at) =>
          axis(theme, { type: 'value', scale: true, gridIndex: at, axisLabel: { formatter: number } }),
        ),
        series: axes.map((one, at) => ({
          type: 'scatter',
          xAxisIndex: at,
          yAxisIndex: at,
          symbolSize: trials.number.length > 200 ? 5 : 7,
          data: pointsOf(part, one).map(([x, y, place]) => ({
            value: [x, y, place],
            itemStyle: { color: colorOf(theme, ranks[place]!), opacity: 0.8 },
          })),
          tooltip: {
            formatter: ({ value }: { value: readonly number[] }) =>
              told(
                `trial ${trials.number[value[2]!]}`,
                [one.name, cell(trials.params[one.name]?.[value[2]!])],
                [metric, number(value[1]!)],
              ),
          },
        })),
      };
    },
    rows: () => ({
      columns: ['trial', ...axes.map(({ name }) => name), metric],
      rows: trials.number.map((trial, place) => [
        String(trial),
        ...axes.map(({ name }) => cell(trials.params[name]?.[place])),
        cell(trials.value[place]),
      ]),
    }),
  });
}

/** Those of more than one value, the most important first. */
export const shownAxes = ({ axes, importance }: StudyPart): readonly CoordinateAxis[] =>
  importance.flatMap(({ parameter }) =>
    axes.filter(({ name, ticks }) => name === parameter && ticks.length > 1),
  );

/** An axis of positions that is labelled by values. */
export const positionAxis = (theme: Parameters<typeof axis>[0], { name, ticks }: CoordinateAxis) =>
  axis(theme, {
    type: 'value',
    min: 0,
    max: 1,
    name,
    nameGap: 24,
    axisTick: { show: true, customValues: ticks.map(({ at }) => at), lineStyle: { color: theme.line } },
    splitLine: { show: false },
    axisLabel: {
      customValues: ticks.map(({ at }) => at),
      formatter: (at: number) => ticks.find((tick) => Math.abs(tick.at - at) < 1e-6)?.label ?? '',
      width: 64,
      overflow: 'truncate',
    },
  });

type Point = readonly [x: number, y: number, place: number];

function pointsOf({ trials }: StudyPart, { positions }: CoordinateAxis): readonly Point[] {
  return trials.value.flatMap((value, place) => {
    const position = positions[place];
    return value === null || position === null || position === undefined
      ? []
      : [[position, value, place] as const];
  });
}
