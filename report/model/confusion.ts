import type { ModelPart } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, told } from '../figure.ts';
import { number, percent } from '../format.ts';
import type { Theme } from '../theme.ts';

/** Which class was predicted for which; null of a quantity. */
export function confusion({ confusion: matrix, classes }: ModelPart): Drawn | null {
  if (matrix === null) return null;
  const totals = matrix.map((row) => row.reduce((sum, one) => sum + one, 0));
  const shareOf = (label: number, predicted: number) =>
    totals[label]! > 0 ? matrix[label]![predicted]! / totals[label]! : 0;
  const data = matrix.flatMap((row, label) =>
    row.map((weight, predicted) => [predicted, matrix.length - 1 - label, shareOf(label, predicted), weight]),
  );
  const few = classes.length <= 12;
  return figure({
    title: 'Confusion matrix',
    note: 'A row is a class, its cells are what was predicted for it: the more on the diagonal, the better.',
    label: `Confusion matrix: ${classes.map((name, at) => `of ${name} ${percent(shareOf(at, at))} are right`).join(', ')}.`,
    height: Math.min(560, 130 + classes.length * 44),
    option: (theme, width) => ({
      grid: { left: Math.min(130, width * 0.3), right: 16, top: 8, bottom: 56 },
      xAxis: categories(theme, classes, 'predicted', 30),
      yAxis: categories(theme, classes.toReversed(), '', 0),
      visualMap: {
        show: false,
        min: 0,
        max: 1,
        dimension: 2,
        inRange: { color: [theme.card, theme.accent] },
      },
      series: [
        {
          type: 'heatmap',
          data,
          itemStyle: { borderColor: theme.line, borderWidth: 1 },
          label: {
            show: few,
            color: theme.ink,
            lineHeight: 17,
            textBorderColor: theme.card,
            textBorderWidth: 2,
            formatter: ({ value }: { value: readonly number[] }) =>
              width / classes.length > 90
                ? `${number(value[3]!)}\n${percent(value[2]!)}`
                : percent(value[2]!),
          },
          tooltip: {
            formatter: ({ value }: { value: readonly number[] }) =>
              told(
                `${classes[classes.length - 1 - value[1]!]} predicted as ${classes[value[0]!]}`,
                ['rows', number(value[3]!)],
                ['of the class', percent(value[2]!)],
              ),
          },
        },
      ],
    }),
    rows: () => ({
      columns: ['class', ...classes.map((name) => `as ${name}`)],
      rows: matrix.map((row, at) => [classes[at]!, ...row.map(number)]),
    }),
  });
}

const categories = (theme: Theme, data: readonly string[], name: string, nameGap: number) =>
  axis(theme, {
    type: 'category',
    data,
    name,
    nameGap,
    splitLine: { show: false },
    axisLabel: { width: 110, overflow: 'truncate', color: theme.ink },
  });
