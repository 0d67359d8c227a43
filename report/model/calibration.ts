import type { ModelPart } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, told } from '../figure.ts';
import { number, percent } from '../format.ts';

/** Whether what is predicted is what happens; null where that is not known. */
export function calibration({ calibration: points, task, classes }: ModelPart): Drawn | null {
  if (points.length === 0) return null;
  const ofClasses = task !== 'regression';
  const total = points.reduce((sum, [, , weight]) => sum + weight, 0);
  const text = ofClasses ? percent : number;
  const names = ofClasses ? ['predicted probability', 'share of rows'] : ['predicted', 'actual mean'];
  const what = task === 'binary' ? `is ${classes[1]}` : 'is what was predicted';
  const ends = points.flatMap((point) => point.slice(0, 2));
  const [low, high] = ofClasses ? [0, 1] : [Math.min(...ends), Math.max(...ends)];
  const range = ofClasses ? { min: 0, max: 1 } : { scale: true };
  const widest = Math.max(...points.map(([, , weight]) => weight));
  return figure({
    title: 'Calibration',
    note: ofClasses
      ? `Of the rows with about that probability the share that ${what}: on the diagonal the two are the same. The larger a dot, the more rows.`
      : 'What the rows came to on average for which about so much was predicted: on the diagonal the two are the same.',
    label: `Calibration: ${points.map(([expected, actual]) => `${text(expected)} came to ${text(actual)}`).join(', ')}.`,
    height: 360,
    option: (theme) => ({
      grid: { left: 70, right: 20, top: 12, bottom: 48 },
      xAxis: axis(theme, {
        type: 'value',
        ...range,
        name: names[0],
        nameGap: 26,
        axisLabel: { formatter: number },
      }),
      yAxis: axis(theme, {
        type: 'value',
        ...range,
        name: names[1],
        nameGap: 48,
        axisLabel: { formatter: number },
      }),
      series: [
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          data: [
            [low, low],
            [high, high],
          ],
          lineStyle: { color: theme.muted, type: 'dashed', width: 1 },
        },
        {
          type: 'line',
          data: points,
          symbol: 'circle',
          symbolSize: (value: readonly number[]) => 5 + 13 * Math.sqrt(value[2]! / widest),
          lineStyle: { color: theme.accent, width: 2 },
          itemStyle: { color: theme.accent },
          tooltip: {
            formatter: ({ value }: { value: readonly [number, number, number] }) =>
              told(
                `${percent(value[2] / total)} of the rows`,
                ['predicted', text(value[0])],
                [ofClasses ? 'share' : 'actual', text(value[1])],
              ),
          },
        },
      ],
    }),
    rows: () => ({
      columns: ['predicted', ofClasses ? 'share' : 'actual', 'weight of the rows'],
      rows: points.map(([expected, actual, weight]) => [text(expected), text(actual), number(weight)]),
    }),
  });
}
