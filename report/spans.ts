import { axis, type Option } from './figure.ts';
import { duration } from './format.ts';
import type { Theme } from './theme.ts';

/** A bar of a time line: the place of its row, from, to, and what else it needs. */
export interface Span {
  readonly value: readonly [row: number, from: number, to: number, at: number];
  readonly itemStyle: { readonly color: string };
}

/** Rows of bars over time, with a slider that zooms. */
export const timeLine = (
  theme: Theme,
  {
    rows,
    spans,
    took,
    tell,
  }: {
    readonly rows: readonly string[];
    readonly spans: readonly Span[];
    readonly took: number;
    readonly tell: (at: number) => HTMLElement;
  },
): Option => ({
  grid: { left: 70, right: 20, top: 10, bottom: 78 },
  xAxis: axis(theme, {
    type: 'value',
    min: 0,
    max: took,
    axisLabel: { formatter: (at: number) => duration(at) },
  }),
  yAxis: axis(theme, {
    type: 'category',
    data: rows,
    splitLine: { show: false },
    splitArea: { show: true, areaStyle: { color: ['transparent', theme.faint] } },
  }),
  dataZoom: [
    { type: 'inside', filterMode: 'weakFilter', zoomOnMouseWheel: 'ctrl' },
    {
      type: 'slider',
      filterMode: 'weakFilter',
      bottom: 10,
      height: 22,
      borderColor: theme.line,
      textStyle: { color: theme.muted },
      labelFormatter: (at: number) => duration(at),
    },
  ],
  series: [
    {
      type: 'custom',
      renderItem,
      encode: { x: [1, 2], y: 0 },
      data: spans,
      tooltip: { formatter: ({ value }: { value: Span['value'] }) => tell(value[3]) },
    },
  ],
});

interface Api {
  value(dimension: number): number;
  coord(point: readonly number[]): readonly [number, number];
  size(of: readonly number[]): readonly [number, number];
  visual(name: string): string;
}

interface Params {
  readonly coordSys: { readonly x: number; readonly width: number };
}

function renderItem({ coordSys }: Params, api: Api) {
  const [left, middle] = api.coord([api.value(1), api.value(0)]);
  const [right] = api.coord([api.value(2), api.value(0)]);
  const height = Math.min(18, api.size([0, 1])[1] * 0.7);
  const [from, to] = [Math.max(left, coordSys.x), Math.min(right, coordSys.x + coordSys.width)];
  if (to < from) return undefined;
  return {
    type: 'rect',
    shape: { x: from, y: middle - height / 2, width: Math.max(1, to - from - 1), height, r: 2 },
    style: { fill: api.visual('color') },
  };
}
