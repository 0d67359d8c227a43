import type { ModelPart } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, told } from '../figure.ts';
import { number, percent } from '../format.ts';

/** How far what happened was from what was predicted; null of classes. */
export function errors({ errors: bars }: ModelPart): Drawn | null {
  if (bars.length === 0) return null;
  const total = bars.reduce((sum, { weight }) => sum + weight, 0);
  const spans = bars.map(({ from, to }) => `${number(from)} to ${number(to)}`);
  return figure({
    title: 'Residuals',
    note: 'What was, less what was predicted: to the right of nothing too little was predicted.',
    label: `Residuals from ${number(bars[0]!.from)} to ${number(bars.at(-1)!.to)}.`,
    height: 320,
    option: (theme) => ({
      grid: { left: 60, right: 16, top: 12, bottom: 48 },
      xAxis: axis(theme, {
        type: 'category',
        data: bars.map(({ from, to }) => number((from + to) / 2)),
        name: 'actual less predicted',
        nameGap: 28,
        splitLine: { show: false },
      }),
      yAxis: axis(theme, { type: 'value', axisLabel: { formatter: percent } }),
      series: [
        {
          type: 'bar',
          barCategoryGap: '8%',
          data: bars.map(({ weight }) => weight / total),
          itemStyle: { color: theme.accent },
          tooltip: {
            formatter: ({ dataIndex }: { dataIndex: number }) =>
              told(spans[dataIndex]!, ['rows', percent(bars[dataIndex]!.weight / total)]),
          },
        },
      ],
    }),
    rows: () => ({
      columns: ['actual less predicted', 'weight of the rows', 'share'],
      rows: bars.map(({ weight }, at) => [spans[at]!, number(weight), percent(weight / total)]),
    }),
  });
}
