import type { PredictionPart } from '../../core/contracts/report.ts';
import { axis, type Drawn, figure, told } from '../figure.ts';
import { duration, number, plural } from '../format.ts';
import { timeLine } from '../spans.ts';

/** A row each, as long as they can be told apart. */
const mostRows = 200;

/** When each shard was worked on; null where nobody kept it. */
export function shards({ spans, took }: PredictionPart): Drawn | null {
  if (spans.length === 0) return null;
  const all = [...new Set(spans.map(({ shard }) => shard))].sort((a, b) => a - b);
  const shown = all.slice(0, mostRows).toReversed();
  const place = new Map(shown.map((shard, at) => [shard, at]));
  const kept = spans.filter(({ shard }) => place.has(shard));
  const [slowest] = spans.toSorted((a, b) => b.to - b.from - (a.to - a.from));
  return figure({
    title: 'Shards over time',
    note: `A bar is a piece of a shard that was read, predicted and written${all.length > shown.length ? `; the first ${shown.length} of ${all.length} shards` : ''}.`,
    label: `When ${plural(all.length, 'shard')} were worked on; the slowest piece took ${duration(slowest!.to - slowest!.from)}, of shard ${slowest!.shard}.`,
    height: 110 + Math.min(30, Math.max(2, shown.length)) * 18,
    wide: true,
    option: (theme) =>
      timeLine(theme, {
        rows: shown.map((shard) => `shard ${shard}`),
        spans: kept.map(({ shard, from, to }, at) => ({
          value: [place.get(shard)!, from, to, at],
          itemStyle: { color: theme.accent },
        })),
        took,
        tell: (at) => {
          const { shard, from, to, rows } = kept[at]!;
          return told(
            `shard ${shard}`,
            ['rows', number(rows)],
            ['from', duration(from)],
            ['for', duration(to - from)],
            ['rows a second', number(Math.round((1000 * rows) / Math.max(1, to - from)))],
          );
        },
      }),
    rows: () => ({
      columns: ['shard', 'from', 'for', 'rows', 'rows a second'],
      rows: spans.map(({ shard, from, to, rows }) => [
        ...[String(shard), duration(from), duration(to - from), number(rows)],
        number(Math.round((1000 * rows) / Math.max(1, to - from))),
      ]),
    }),
  });
}

const parts = 60;

/** Rows a second over time, each piece's spread evenly over the time that it took; null where nobody kept it. */
export function throughput({ spans, took }: PredictionPart): Drawn | null {
  if (spans.length === 0 || took === 0) return null;
  const width = took / parts;
  const rates = Array.from({ length: parts }, (_, at) => {
    const [from, to] = [at * width, (at + 1) * width];
    const rows = spans.reduce((sum, span) => {
      const length = Math.max(1, span.to - span.from);
      const within = Math.min(to, Math.max(span.to, span.from + 1)) - Math.max(from, span.from);
      return within > 0 ? sum + (span.rows * within) / length : sum;
    }, 0);
    return [(from + to) / 2, (1000 * rows) / width] as const;
  });
  const most = Math.max(...rates.map(([, rate]) => rate));
  return figure({
    title: 'Throughput',
    note: 'Rows that were predicted a second, all shards together.',
    label: `Rows a second over ${duration(took)}: ${number(Math.round(most))} at most.`,
    height: 300,
    option: (theme) => ({
      grid: { left: 70, right: 16, top: 12, bottom: 44 },
      xAxis: axis(theme, {
        type: 'value',
        min: 0,
        max: took,
        axisLabel: { formatter: (at: number) => duration(at) },
      }),
      yAxis: axis(theme, { type: 'value', min: 0, axisLabel: { formatter: number } }),
      series: [
        {
          type: 'line',
          data: rates,
          symbol: 'none',
          step: 'middle',
          areaStyle: { color: theme.accent, opacity: 0.2 },
          lineStyle: { color: theme.accent, width: 2 },
        },
      ],
    }),
    rows: () => ({
      columns: ['after', 'rows a second'],
      rows: rates.map(([at, rate]) => [duration(at), number(Math.round(rate))]),
    }),
  });
}
