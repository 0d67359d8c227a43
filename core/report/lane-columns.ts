import type { LaneWork } from '../analysis/lanes.ts';
import { type LaneColumns, laneEnds } from '../contracts/report.ts';

/** What the lanes did as columns, times since the study began. */
export const laneColumns = (works: readonly LaneWork[], began: number): LaneColumns => ({
  lane: works.map(({ lane }) => lane),
  trial: works.map(({ trial }) => trial),
  rung: works.map(({ rung }) => rung),
  fold: works.some(({ fold }) => fold !== null) ? works.map(({ fold }) => fold ?? 0) : [],
  from: works.map(({ from }) => from - began),
  to: works.map(({ to }) => to - began),
  seconds: works.map(({ seconds }) => Math.round(seconds * 1000) / 1000),
  end: works.map(({ end }) => laneEnds.indexOf(end)),
});
