import type { StudyPart } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, legend, told } from '../figure.ts';
import { duration, number } from '../format.ts';
import { worksOf } from './works.ts';

/** The best value over time, and when each trial was told last. */
export function bestCurve(part: StudyPart): Drawn {
  const { improvements, metric, took } = part;
  const last = improvements.at(-1);
  const steps = last ? [...improvements.map(({ at, value }) => [at, value]), [took, last.value]] : [];
  return figure({
    title: `Best ${metric} so far`,
    note: 'Each dot is a trial, where it was told last.',
    label: last
      ? `The best ${metric} over time: from ${number(improvements[0]!.value)} to ${number(last.value)} in ${improvements.length} steps, the last of them after ${duration(last.at)} by trial ${last.trial}.`
      : 'No trial has a value yet.',
    height: 300,
    option: (theme) => ({
      grid: { left: 60, right: 16, top: 34, bottom: 44 },
      legend: legend(theme),
      xAxis: axis(theme, {
        type: 'value',
        name: 'time',
        nameGap: 26,
        min: 0,
        max: took,
        axisLabel: { formatter: (at: number) => duration(at) },
      }),
      yAxis: axis(theme, { type: 'value', scale: true, axisLabel: { formatter: number } }),
      series: [
        {
          name: 'trials',
          type: 'scatter',
          symbolSize: 6,
          itemStyle: { color: theme.muted, opacity: 0.55 },
          data: endsOf(part),
          tooltip: {
            formatter: ({ data }: { data: readonly number[] }) =>
              told(`trial ${data[2]}`, [metric, number(data[1]!)], ['after', duration(data[0]!)]),
          },
        },
        {
          name: 'best so far',
          type: 'line',
          step: 'end',
          symbol: 'circle',
          symbolSize: 5,
          lineStyle: { width: 2.5, color: theme.accent },
          itemStyle: { color: theme.accent },
          data: steps,
          tooltip: {
            formatter: ({ dataIndex }: { dataIndex: number }) => {
              const one = improvements[Math.min(dataIndex, improvements.length - 1)]!;
              return told(`trial ${one.trial}`, [metric, number(one.value)], ['after', duration(one.at)]);
            },
          },
        },
      ],
    }),
    rows: () => ({
      columns: ['after', 'rungs trained', 'trial', metric],
      rows: improvements.map(({ at, rungs, trial, value }) => [
        duration(at),
        String(rungs),
        String(trial),
        number(value),
      ]),
    }),
  });
}

function endsOf({ trials, works }: StudyPart): readonly (readonly number[])[] {
  const ended = new Map<number, number>();
  for (const { trial, to, end } of worksOf(works))
    if (end === 'reported') ended.set(trial, Math.max(to, ended.get(trial) ?? 0));
  return trials.number.flatMap((trial, place) => {
    const [at, value] = [ended.get(trial), trials.value[place]];
    return at === undefined || value === null || value === undefined ? [] : [[at, value, trial]];
  });
}
