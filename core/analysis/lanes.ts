import type { LaneEnd, LaneSeconds } from '../contracts/report.ts';
import type { Claim } from '../contracts/study.ts';
import type { History } from '../search/history.ts';

/** What a lane did from one time to another: a rung of a trial, or one fold of it. */
export interface LaneWork {
  readonly lane: number;
  readonly trial: number;
  readonly rung: number;
  readonly fold: number | null;
  readonly from: number;
  /** When its training began; null where that is not known. */
  readonly startedAt: number | null;
  readonly to: number;
  /** Of training alone. */
  readonly seconds: number;
  readonly end: LaneEnd;
}

/** Where the time of a study's lanes went. */
export interface LaneTimes {
  readonly works: readonly LaneWork[];
  readonly lanes: number;
  readonly seconds: LaneSeconds;
}

/** `now`: until then what is open is at work. */
export function laneTimes(history: History, now: number): LaneTimes {
  const works = history.claims.map((claim) => workOf(claim, history, now));
  const sum = (of: (work: LaneWork) => number) => works.reduce((all, work) => all + of(work), 0) / 1000;
  const told = (work: LaneWork) => work.end !== 'lost' && work.startedAt !== null;
  const begin = sum((work) => (told(work) ? work.startedAt! - work.from : 0));
  const trained = (work: LaneWork) => Math.min(work.to - work.startedAt!, work.seconds * 1000);
  const train = sum((work) => (told(work) ? trained(work) : 0));
  const judge = sum((work) => (told(work) ? work.to - work.startedAt! - trained(work) : 0));
  const lost = sum((work) => (work.end === 'lost' ? work.to - work.from : 0));
  const open = sum((work) => (work.end === 'open' ? work.to - work.from : 0));
  return {
    works,
    lanes: new Set(works.map(({ lane }) => lane)).size,
    seconds: {
      begin,
      train: train + open,
      judge,
      lost,
      idle: Math.max(0, openSeconds(history, works) - begin - train - open - judge - lost),
    },
  };
}

function workOf(claim: Claim, history: History, now: number): LaneWork {
  const { lane, trial, rung, fold = null, at: from } = claim;
  const event = history.eventOf(claim);
  const common = { lane, trial, rung, fold, from };
  if (event === undefined) {
    const next = successorOf(claim, history);
    return {
      ...{ ...common, startedAt: null, seconds: 0 },
      ...(next === undefined ? { to: Math.max(from, now), end: 'open' } : { to: next.at, end: 'lost' }),
    };
  }
  const { outcome, at, startedAt } = event;
  const seconds = outcome.kind === 'reported' ? outcome.seconds : (at - startedAt) / 1000;
  const begun = Math.min(Math.max(startedAt, from), Math.max(at, from));
  return { ...common, startedAt: begun, to: Math.max(at, from), seconds, end: outcome.kind };
}

/** The claim that took the place of one whose execution died. */
const successorOf = (claim: Claim, { claims }: History): Claim | undefined =>
  claims
    .slice(claim.number + 1)
    .find(
      ({ trial, rung, fold, attempt }) =>
        trial === claim.trial && rung === claim.rung && fold === claim.fold && attempt > claim.attempt,
    );

/** How long the lanes were there, in each execution from its first claim to its last outcome. */
function openSeconds(history: History, works: readonly LaneWork[]): number {
  const spans = new Map<string, { from: number; to: number; lanes: Set<number> }>();
  for (const [at, { execution }] of history.claims.entries()) {
    const { from, to, lane, end } = works[at]!;
    const span = spans.get(execution) ?? { from, to: from, lanes: new Set() };
    spans.set(execution, span);
    span.lanes.add(lane);
    span.from = Math.min(span.from, from);
    // What was lost ends when somebody else took it up, in another execution.
    if (end !== 'lost') span.to = Math.max(span.to, to);
  }
  return [...spans.values()].reduce((sum, { from, to, lanes }) => sum + (lanes.size * (to - from)) / 1000, 0);
}
