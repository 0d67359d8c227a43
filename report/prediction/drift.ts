import type { PredictionDrift } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, legend, told } from '../figure.ts';
import { number, percent } from '../format.ts';
import type { Theme } from '../theme.ts';

type Compared = Extract<PredictionDrift, { kind: 'compared' }>;
type ColumnDrift = Compared['columns'][number];

/** How far each column is from training, the furthest first. */
export function driftBars({ columns, scores, rows, of }: Compared): Drawn {
  const shown = [...scores, ...columns].slice(0, 24).toReversed();
  return figure({
    title: 'Drift',
    note: `Population stability index of the scores and the ${columns.length === of ? '' : `furthest ${columns.length} of ${of} `}columns, by ${number(rows)} rows: from 0.1 moderate, from 0.25 major.`,
    label: `Drift: ${shown
      .toReversed()
      .slice(0, 5)
      .map(({ name, psi, level }) => `${name} ${number(psi)} (${level})`)
      .join(', ')}.`,
    height: 60 + 24 * Math.max(3, shown.length),
    option: (theme, width) => ({
      grid: { left: Math.min(180, width * 0.4), right: 60, top: 8, bottom: 28 },
      xAxis: axis(theme, { type: 'value', min: 0, axisLabel: { formatter: number } }),
      yAxis: axis(theme, {
        type: 'category',
        data: shown.map(({ name }) => name),
        splitLine: { show: false },
        axisLabel: { width: Math.min(170, width * 0.4 - 10), overflow: 'truncate', color: theme.ink },
      }),
      series: [
        {
          type: 'bar',
          barMaxWidth: 16,
          data: shown.map(({ psi, level }) => ({ value: psi, itemStyle: { color: colorOf(theme, level) } })),
          label: {
            show: true,
            position: 'right',
            color: theme.ink,
            formatter: ({ value }: { value: number }) => String(Number(value.toPrecision(2))),
          },
          tooltip: {
            formatter: ({ dataIndex }: { dataIndex: number }) => {
              const { name, psi, level, unseen } = shown[dataIndex]!;
              return told(
                name,
                ['index', number(psi)],
                ['level', level],
                ...(unseen === null ? [] : [['unseen in training', percent(unseen)] as const]),
              );
            },
          },
        },
      ],
    }),
    rows: () => ({
      columns: [
        'column',
        'index',
        'level',
        'noise',
        'missing in training',
        'missing here',
        'unseen in training',
      ],
      rows: [...scores, ...columns].map(({ name, psi, level, noise, missing, unseen }) => [
        name,
        number(psi),
        level,
        number(noise),
        percent(missing.expected),
        percent(missing.actual),
        unseen === null ? 'not known' : percent(unseen),
      ]),
    }),
  });
}

const colorOf = ({ bad, second, accent }: Theme, level: ColumnDrift['level']): string =>
  ({ major: bad, moderate: second, stable: accent })[level];

/** How the values of a column are spread here and in training. */
export function columnDrift({ name, bins, psi, level }: ColumnDrift, what: string, beside: string): Drawn {
  const [expected, actual] = [sharesOf(bins, 'expected'), sharesOf(bins, 'actual')];
  const shown = bins.map((_, at) => at).filter((at) => expected[at]! > 0 || actual[at]! > 0);
  const series = (title: string, shares: readonly number[], color: string) => ({
    name: title,
    type: 'bar',
    data: shown.map((at) => shares[at]),
    itemStyle: { color },
    barGap: '8%',
    tooltip: {
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const at = shown[dataIndex]!;
        return told(bins[at]!.bin, [beside, percent(expected[at]!)], ['here', percent(actual[at]!)]);
      },
    },
  });
  return figure({
    title: `${what}: ${name}`,
    note: `${level}, index ${Number(psi.toPrecision(2))}.`,
    label: `How ${name} is spread beside ${beside}: ${shown.map((at) => `${bins[at]!.bin} ${percent(expected[at]!)} and ${percent(actual[at]!)}`).join(', ')}.`,
    height: 270,
    option: (theme) => ({
      grid: { left: 52, right: 12, top: 34, bottom: 70 },
      legend: legend(theme),
      xAxis: axis(theme, {
        type: 'category',
        data: shown.map((at) => shortBin(bins[at]!.bin)),
        splitLine: { show: false },
        axisLabel: { rotate: 35, width: 90, overflow: 'truncate', fontSize: 11 },
      }),
      yAxis: axis(theme, { type: 'value', axisLabel: { formatter: percent } }),
      series: [series(beside, expected, theme.muted), series('here', actual, theme.accent)],
    }),
    rows: () => ({
      columns: ['bin', beside, 'here'],
      rows: bins.map(({ bin }, at) => [bin, percent(expected[at]!), percent(actual[at]!)]),
    }),
  });
}

/** With as many digits as there is room for. */
const shortBin = (bin: string): string =>
  bin.replace(/-?\d+\.\d{4,}(e[-+]?\d+)?/g, (value) => String(Number(Number(value).toPrecision(3))));

function sharesOf(bins: ColumnDrift['bins'], side: 'expected' | 'actual'): readonly number[] {
  const total = bins.reduce((sum, bin) => sum + bin[side], 0) || 1;
  return bins.map((bin) => bin[side] / total);
}
