import type { Facts } from '../core/contracts/report.ts';
import { axis, type Drawn, figure, told } from './figure.ts';
import { percent } from './format.ts';

const most = 20;

/** Shares as bars, the largest first. */
export function bars({
  title,
  note,
  shares,
}: {
  readonly title: string;
  readonly note: string;
  readonly shares: readonly (readonly [name: string, share: number])[];
}): Drawn {
  const shown = shares.slice(0, most).toReversed();
  const texts: Facts = shares.map(([name, share]) => [name, percent(share)]);
  return figure({
    title,
    note,
    label: `${title}: ${texts
      .slice(0, 5)
      .map(([name, share]) => `${name} ${share}`)
      .join(', ')}.`,
    height: 60 + 26 * Math.max(3, shown.length),
    option: (theme, width) => ({
      grid: { left: Math.min(180, width * 0.4), right: 56, top: 8, bottom: 28 },
      xAxis: axis(theme, { type: 'value', min: 0, axisLabel: { formatter: percent } }),
      yAxis: axis(theme, {
        type: 'category',
        data: shown.map(([name]) => name),
        splitLine: { show: false },
        axisLabel: { width: Math.min(170, width * 0.4 - 10), overflow: 'truncate', color: theme.ink },
      }),
      series: [
        {
          type: 'bar',
          data: shown.map(([, share]) => share),
          itemStyle: { color: theme.accent, borderRadius: [0, 3, 3, 0] },
          label: {
            show: true,
            position: 'right',
            color: theme.ink,
            formatter: ({ value }: { value: number }) => percent(value),
          },
          barMaxWidth: 18,
        },
      ],
      tooltip: {
        formatter: ({ dataIndex }: { dataIndex: number }) => {
          const [name, share] = shown[dataIndex]!;
          return told(name, ['importance', percent(share)]);
        },
      },
    }),
    rows: () => ({ columns: ['name', 'importance'], rows: texts }),
  });
}
