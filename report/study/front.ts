import type { StudyPart } from '../../core/contracts/report.ts';
import { choice, element } from '../dom.ts';
import { axis, type Drawn, figure, legend, told } from '../figure.ts';
import { cell, number, plural } from '../format.ts';

interface Objective {
  readonly metric: string;
  readonly better: string;
  readonly values: readonly (number | null)[];
}

/** The trials over two objectives, and those that no other is better than; null where there is one objective. */
export function front(part: StudyPart): Drawn | null {
  const { trials, front: best } = part;
  if (part.also.length === 0) return null;
  const objectives = objectivesOf(part);
  const names = objectives.map(({ metric }) => metric);
  let [across, up] = [objectives[0]!, objectives[1]!];
  const named = (name: string) => objectives.find(({ metric }) => metric === name)!;
  const places = best.map((trial) => trials.number.indexOf(trial));
  const drawn: Drawn = figure({
    title: 'Pareto front',
    note: `${plural(best.length, 'trial')} that no other is better than: in no objective worse and in one better. By the latest value of each.`,
    label: `${plural(best.length, 'trial')} of ${trials.number.length} on the Pareto front of ${names.join(', ')}.`,
    height: 400,
    wide: true,
    controls:
      objectives.length < 3
        ? []
        : [
            element(
              'div',
              { class: 'controls' },
              choice('across', names, across.metric, (name) => {
                across = named(name);
                drawn.redraw();
              }),
              choice('up', names, up.metric, (name) => {
                up = named(name);
                drawn.redraw();
              }),
            ),
          ],
    option: (theme) => {
      const of = (all: readonly number[]) =>
        all.flatMap((place) => {
          const [x, y] = [across.values[place], up.values[place]];
          return typeof x === 'number' && typeof y === 'number' ? [[x, y, place]] : [];
        });
      const tell = ({ value }: { value: readonly number[] }) =>
        told(
          `trial ${trials.number[value[2]!]}`,
          ...objectives.map(({ metric, values }) => [metric, cell(values[value[2]!])] as const),
        );
      const others = trials.number.map((_, place) => place).filter((place) => !places.includes(place));
      return {
        grid: { left: 76, right: 24, top: 34, bottom: 48 },
        legend: legend(theme),
        xAxis: axis(theme, {
          ...{ type: 'value', scale: true, name: `${across.metric} (${across.better})`, nameGap: 28 },
          axisLabel: { formatter: number },
        }),
        yAxis: axis(theme, {
          ...{ type: 'value', scale: true, name: `${up.metric} (${up.better})`, nameGap: 56 },
          axisLabel: { formatter: number },
        }),
        series: [
          {
            ...{
              name: 'others',
              type: 'scatter',
              symbolSize: 6,
              data: of(others),
              tooltip: { formatter: tell },
            },
            itemStyle: { color: theme.muted, opacity: 0.5 },
          },
          {
            ...{ name: 'front', type: 'line', symbol: 'circle', symbolSize: 9, tooltip: { formatter: tell } },
            data: of(places).sort((a, b) => a[0]! - b[0]!),
            itemStyle: { color: theme.accent },
            // Of more than two objectives the front is no line.
            lineStyle: { color: theme.accent, width: objectives.length > 2 ? 0 : 1.5, type: 'dashed' },
          },
        ],
      };
    },
    rows: () => ({
      columns: ['trial', ...names],
      rows: places.map((place) => [
        String(trials.number[place]),
        ...objectives.map(({ values }) => cell(values[place])),
      ]),
    }),
  });
  return drawn;
}

const objectivesOf = ({ metric, direction, also, trials }: StudyPart): readonly Objective[] => [
  { metric, better: betterOf(direction), values: trials.value },
  ...also.map((other) => ({
    metric: other.metric,
    better: betterOf(other.direction),
    values: trials.metrics[other.metric] ?? [],
  })),
];

const betterOf = (direction: StudyPart['direction']): string =>
  direction === 'maximize' ? 'higher is better' : 'lower is better';
