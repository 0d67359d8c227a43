import { type LaneColumns, type LaneEnd, laneEnds } from '../../core/contracts/report.ts';

/** A piece of work of a lane. */
export interface Work {
  readonly lane: number;
  readonly trial: number;
  readonly rung: number;
  readonly fold: number | undefined;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  readonly end: LaneEnd;
}

export const worksOf = (columns: LaneColumns): readonly Work[] =>
  columns.lane.map((lane, at) => ({
    lane,
    trial: columns.trial[at]!,
    rung: columns.rung[at]!,
    fold: columns.fold[at],
    from: columns.from[at]!,
    to: columns.to[at]!,
    seconds: columns.seconds[at]!,
    end: laneEnds[columns.end[at]!]!,
  }));
