import type { ModelPart, RankedClass } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, legend, told } from '../figure.ts';
import { number, percent } from '../format.ts';
import type { Theme } from '../theme.ts';

/** Null where scores are not ranked. */
export const rocCurves = (part: ModelPart): Drawn | null =>
  curves(part, {
    title: 'ROC curve',
    note: 'Of the negative rows the share that is taken for positive, by the share of positive rows that is found. The diagonal is chance.',
    names: ['false positive rate', 'true positive rate'],
    metric: 'auc',
    pointsOf: ({ roc }) => roc,
    diagonal: true,
  });

/** Null where scores are not ranked. */
export const precisionCurves = (part: ModelPart): Drawn | null =>
  curves(part, {
    title: 'Precision and recall',
    note: 'Of the rows that are taken for positive the share that is, by the share of positive rows that is found.',
    names: ['recall', 'precision'],
    metric: 'average_precision',
    pointsOf: ({ precision }) => precision,
    diagonal: false,
  });

interface Kind {
  readonly title: string;
  readonly note: string;
  readonly names: readonly [x: string, y: string];
  readonly metric: string;
  readonly pointsOf: (ranked: RankedClass) => readonly (readonly [number, number])[];
  readonly diagonal: boolean;
}

function curves({ ranking, metrics }: ModelPart, kind: Kind): Drawn | null {
  const { title, note, names, metric, pointsOf, diagonal } = kind;
  const shown = ranking.filter((ranked) => pointsOf(ranked).length > 0);
  if (shown.length === 0) return null;
  const value = metrics[metric];
  return figure({
    title: value === undefined ? title : `${title} · ${metric} ${number(value)}`,
    note,
    label: `${title} of ${shown.map(({ name }) => name).join(', ')}${value === undefined ? '' : `: ${metric} ${number(value)}`}.`,
    height: 360,
    option: (theme) => ({
      grid: { left: 60, right: 20, top: shown.length > 1 ? 34 : 12, bottom: 48 },
      ...(shown.length > 1 && { legend: legend(theme) }),
      xAxis: axis(theme, { type: 'value', min: 0, max: 1, name: names[0], nameGap: 26 }),
      yAxis: axis(theme, { type: 'value', min: 0, max: 1, name: names[1], nameGap: 38 }),
      series: [
        ...shown.map((ranked) => lineOf(ranked.name, pointsOf(ranked), names)),
        ...(diagonal ? [chance(theme)] : []),
      ],
    }),
    rows: () => ({
      columns: ['class', ...names],
      rows: shown.flatMap((ranked) => pointsOf(ranked).map(([x, y]) => [ranked.name, number(x), number(y)])),
    }),
  });
}

const lineOf = (name: string, data: readonly (readonly [number, number])[], names: Kind['names']) => ({
  name,
  type: 'line',
  data,
  symbolSize: 8,
  symbol: 'circle',
  showSymbol: true,
  itemStyle: { opacity: 0 },
  emphasis: { itemStyle: { opacity: 1 } },
  lineStyle: { width: 2.5 },
  tooltip: {
    formatter: ({ value }: { value: readonly [number, number] }) =>
      told(name, [names[0], percent(value[0])], [names[1], percent(value[1])]),
  },
});

const chance = (theme: Theme) => ({
  name: 'chance',
  type: 'line',
  silent: true,
  symbol: 'none',
  data: [
    [0, 0],
    [1, 1],
  ],
  lineStyle: { color: theme.muted, type: 'dashed', width: 1 },
  itemStyle: { color: theme.muted },
});
