import type { StudyPart } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, legend, told } from '../figure.ts';
import { cell, number } from '../format.ts';

const most = 25;

/** How the folds of the best trials did; null without folds. */
export function folds({ trials, direction, metric }: StudyPart): Drawn | null {
  if (trials.folds.length === 0) return null;
  const sign = direction === 'maximize' ? -1 : 1;
  const places = trials.number
    .map((_, place) => place)
    .filter((place) => trials.value[place] !== null)
    .sort((a, b) => sign * (trials.value[a]! - trials.value[b]!))
    .slice(0, most);
  const names = places.map((place) => String(trials.number[place]));
  return figure({
    title: 'Folds of the best trials',
    note: 'A ring is a fold, the bar their mean: where rings lie far apart, so does what the mean says.',
    label: `${metric} by fold of the ${places.length} best trials.`,
    height: 320,
    option: (theme) => ({
      grid: { left: 60, right: 16, top: 34, bottom: 44 },
      legend: legend(theme),
      xAxis: axis(theme, { type: 'category', data: names, name: 'trial, the best first', nameGap: 26 }),
      yAxis: axis(theme, { type: 'value', scale: true, axisLabel: { formatter: number } }),
      series: [
        {
          name: 'fold',
          type: 'scatter',
          symbolSize: 7,
          itemStyle: { color: 'transparent', borderColor: theme.accent, borderWidth: 1.5 },
          data: places.flatMap((place, at) =>
            trials.folds[place]!.flatMap((value, fold) => (value === null ? [] : [[at, value, fold]])),
          ),
          tooltip: {
            formatter: ({ data }: { data: readonly number[] }) =>
              told(`trial ${names[data[0]!]}`, ['fold', String(data[2])], [metric, number(data[1]!)]),
          },
        },
        {
          name: 'mean',
          type: 'scatter',
          symbol: 'rect',
          symbolSize: [18, 3],
          itemStyle: { color: theme.second },
          data: places.map((place, at) => [at, trials.value[place]]),
          tooltip: {
            formatter: ({ data }: { data: readonly number[] }) =>
              told(`trial ${names[data[0]!]}`, ['mean', number(data[1]!)]),
          },
        },
      ],
    }),
    rows: () => ({
      columns: ['trial', 'mean', ...(trials.folds[places[0] ?? 0] ?? []).map((_, fold) => `fold ${fold}`)],
      rows: places.map((place) => [
        String(trials.number[place]),
        cell(trials.value[place]),
        ...trials.folds[place]!.map(cell),
      ]),
    }),
  });
}
