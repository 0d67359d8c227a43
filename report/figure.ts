import { BarChart, CustomChart, HeatmapChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import {
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  ParallelComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { element, newId, plainTable, type Rows } from './dom.ts';
import { onTheme, readTheme, type Theme } from './theme.ts';

use([
  ...[BarChart, CustomChart, HeatmapChart, LineChart, ParallelChart, ScatterChart, CanvasRenderer],
  ...[DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent],
  ...[ParallelComponent, TooltipComponent, VisualMapComponent],
]);

/** What ECharts draws: data of any shape, as its options are. */
export type Option = Readonly<Record<string, unknown>>;

export interface Figure {
  readonly title: string;
  /** One sentence: how to read it. */
  readonly note?: string;
  /** What whoever cannot see it is told. */
  readonly label: string;
  readonly height: number | ((width: number) => number);
  readonly wide?: boolean;
  readonly controls?: readonly HTMLElement[];
  /** Drawn anew when the colours or the width change. */
  readonly option: (theme: Theme, width: number) => Option;
  readonly rows: () => Rows;
  readonly onChart?: (chart: EChartsType) => void;
}

export interface Drawn {
  readonly section: HTMLElement;
  redraw(): void;
}

/** A card with a chart that is drawn when it comes into sight, and its numbers as a table. */
export function figure(given: Figure): Drawn {
  const { title, height } = given;
  const place = element('div', { class: 'chart', role: 'img', 'aria-label': given.label });
  const section = card(title, given.note, given.wide, ...(given.controls ?? []), place, tableOf(given));
  let chart: EChartsType | undefined;
  const draw = () => {
    const width = place.clientWidth;
    if (chart === undefined || width === 0) return;
    const tall = typeof height === 'number' ? height : height(width);
    heights.set(title, tall);
    place.style.height = `${tall}px`;
    chart.resize();
    const theme = readTheme();
    chart.setOption({ ...common(theme), ...given.option(theme, width) }, { notMerge: true });
  };
  place.style.height = `${typeof height === 'number' ? height : (heights.get(title) ?? 300)}px`;
  let width = 0;
  const resized = new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    draw();
  });
  whenSeen(place, () => {
    chart = init(place);
    given.onChart?.(chart);
    draw();
    width = place.clientWidth;
    resized.observe(place);
  });
  const unheard = onTheme(draw);
  forgets.push(() => {
    unheard();
    resized.disconnect();
    observer.unobserve(place);
    waiting.delete(place);
    chart?.dispose();
  });
  return { section, redraw: draw };
}

/** How tall each was, so that a page that is made anew does not jump. */
const heights = new Map<string, number>();
const forgets: (() => void)[] = [];

/** Lets go of all that was drawn, before the page is made anew. */
export function forgetFigures(): void {
  for (const forget of forgets.splice(0)) forget();
}

/** A section of the page under a heading. */
export function card(
  title: string,
  note: string | undefined,
  wide: boolean | undefined,
  ...children: readonly HTMLElement[]
): HTMLElement {
  const id = newId();
  return element(
    'section',
    { class: wide ? 'card wide' : 'card', 'aria-labelledby': id },
    element('h3', { id }, title),
    note === undefined ? null : element('p', { class: 'note' }, note),
    ...children,
  );
}

function tableOf({ title, rows }: Figure): HTMLElement {
  const details = element('details', {}, element('summary', {}, 'Numbers as a table'));
  // Built when it is asked for: there may be a thousand rows.
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) details.append(plainTable(title, rows()));
  });
  return details;
}

const waiting = new Map<Element, () => void>();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      waiting.get(target)?.();
      waiting.delete(target);
    }
  },
  { rootMargin: '300px' },
);

function whenSeen(place: Element, then: () => void): void {
  waiting.set(place, then);
  observer.observe(place);
}

/** A page that is printed shows all of it. */
addEventListener('beforeprint', () => {
  for (const [place, then] of [...waiting]) {
    observer.unobserve(place);
    waiting.delete(place);
    then();
  }
});

const common = (theme: Theme): Option => ({
  animation: false,
  color: [theme.accent, theme.second, theme.good, theme.bad, theme.muted],
  textStyle: { color: theme.ink, fontFamily: 'system-ui, sans-serif' },
  tooltip: tooltip(theme),
});

const tooltip = ({ card: paper, ink, line }: Theme): Option => ({
  confine: true,
  backgroundColor: paper,
  borderColor: line,
  textStyle: { color: ink, fontSize: 12 },
});

/** What a tooltip says: text, never markup. */
export const told = (title: string, ...lines: readonly (readonly [string, string])[]): HTMLElement =>
  element(
    'div',
    {},
    element('strong', {}, title),
    ...lines.map(([name, value]) =>
      element('div', { class: 'told' }, element('span', {}, name), element('span', {}, value)),
    ),
  );

/** An axis in the page's colours. */
export const axis = ({ muted, line }: Theme, more: Option = {}): Option => ({
  nameTextStyle: { color: muted },
  nameLocation: 'middle',
  axisLine: { lineStyle: { color: line } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: line, opacity: 0.6 } },
  ...more,
  axisLabel: { color: muted, hideOverlap: true, ...(more.axisLabel as object | undefined) },
});

export const legend = ({ muted, ink }: Theme): Option => ({
  top: 0,
  left: 0,
  itemHeight: 8,
  itemWidth: 16,
  type: 'scroll',
  textStyle: { color: ink },
  pageTextStyle: { color: muted },
});
