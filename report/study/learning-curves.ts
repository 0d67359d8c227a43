import type { StudyPart, TrialState } from '../../core/contracts/report.ts';
import { trialStates } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, legend, told } from '../figure.ts';
import { number, plural } from '../format.ts';
import type { Theme } from '../theme.ts';

/** What each trial told on its way, and where the rungs are. */
export function learningCurves(part: StudyPart): Drawn {
  const { trials, metric, resource, rungs, best } = part;
  const lines = trials.number.map((_, place) => lineOf(part, place));
  const bestPlace = best === null ? -1 : trials.number.indexOf(best.trial);
  return figure({
    title: 'Learning curves',
    note: `What each trial was worth after so many ${resource}; the dashed lines are the rungs, a ring is the end of one.`,
    label: `${metric} by ${resource} of ${plural(trials.number.length, 'trial')}; rungs at ${rungs.join(', ')} ${resource}.`,
    height: 340,
    option: (theme) => ({
      grid: { left: 60, right: 30, top: 50, bottom: 44 },
      legend: legend(theme),
      xAxis: axis(theme, { type: 'value', name: resource, nameGap: 26, min: 0, max: 'dataMax' }),
      yAxis: axis(theme, { type: 'value', scale: true, axisLabel: { formatter: number } }),
      dataZoom: [{ type: 'inside', yAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl' }],
      series: [
        ...trialStates.flatMap((state) => stateSeries(part, state, lines, bestPlace, theme)),
        ...(bestPlace < 0
          ? []
          : [
              {
                name: `best (trial ${best!.trial})`,
                type: 'line',
                data: lines[bestPlace],
                symbolSize: 5,
                lineStyle: { color: theme.second, width: 3 },
                itemStyle: { color: theme.second },
                z: 5,
              },
            ]),
        endsOf(part, theme),
      ],
    }),
    rows: () => ({
      columns: ['trial', 'state', ...rungs.map((_, rung) => `${metric} at its rung ${rung}`)],
      rows: trials.number.map((trial, place) => [
        String(trial),
        trials.state[place]!,
        ...rungs.map((_, rung) => {
          const value = trials.ends[place]![2 * rung + 1];
          return value === undefined ? '–' : number(value);
        }),
      ]),
    }),
  });
}

type Point = readonly [number, number | null];

/** The curve and the rungs' ends in the order of the resource. */
function lineOf({ trials }: StudyPart, place: number): readonly Point[] {
  const points = new Map<number, number>();
  for (const flat of [trials.curves[place]!, trials.ends[place]!])
    for (let at = 0; at < flat.length; at += 2) points.set(flat[at]!, flat[at + 1]!);
  return [...points].sort(([a], [b]) => a - b);
}

/** All trials of a state as one line with gaps, which is drawn at once. */
function stateSeries(
  { trials }: StudyPart,
  state: TrialState,
  lines: readonly (readonly Point[])[],
  bestPlace: number,
  theme: Theme,
): object[] {
  const data = lines.flatMap((line, place) =>
    trials.state[place] === state && place !== bestPlace && line.length > 0
      ? [...line, [line.at(-1)![0], null] as const]
      : [],
  );
  if (data.length === 0) return [];
  const color = { complete: theme.accent, failed: theme.bad }[state as string] ?? theme.muted;
  const few = lines.length <= 60;
  return [
    {
      name: state,
      type: 'line',
      data,
      showSymbol: false,
      silent: true,
      connectNulls: false,
      lineStyle: { color, width: few ? 1.5 : 1, opacity: few ? 0.7 : 0.35 },
      itemStyle: { color },
    },
  ];
}

function endsOf({ trials, metric, resource, rungs }: StudyPart, theme: Theme): object {
  return {
    type: 'scatter',
    symbolSize: 6,
    itemStyle: { color: 'transparent', borderColor: theme.muted, borderWidth: 1 },
    data: trials.number.flatMap((trial, place) => {
      const ends = trials.ends[place]!;
      return rungs.flatMap((_, rung) =>
        ends[2 * rung] === undefined ? [] : [[ends[2 * rung]!, ends[2 * rung + 1]!, trial, rung]],
      );
    }),
    tooltip: {
      formatter: ({ data }: { data: readonly number[] }) =>
        told(
          `trial ${data[2]}`,
          [metric, number(data[1]!)],
          [resource, number(data[0]!)],
          ['rung', String(data[3])],
        ),
    },
    markLine: {
      silent: true,
      symbol: 'none',
      label: { color: theme.muted, formatter: ({ dataIndex }: { dataIndex: number }) => `rung ${dataIndex}` },
      lineStyle: { color: theme.muted, type: 'dashed', opacity: 0.7 },
      data: rungs.length > 1 ? rungs.map((rung) => ({ xAxis: rung })) : [],
    },
  };
}
