import type { TrialNumber } from '../contracts/names.ts';
import type { Study } from '../contracts/study.ts';
import { foldCount, heldBack, lossesAt, type Standing, standingOf } from './folds.ts';
import type { Seen } from './history.ts';
import { rungsOf } from './schedulers/rungs.ts';
import type { Bracket, Rung, Scheduler, Scored } from './schedulers/scheduler.ts';

/** A bracket as its folds are dealt out, and as its scheduler sees it. */
export interface Ladder {
  /** A rung each, the lowest first. */
  readonly fields: readonly Field[];
  readonly bracket: Bracket;
}

/** A rung's trials that did not fail at it, and which of them are given no further fold. */
export interface Field {
  readonly standings: readonly Standing[];
  readonly held: ReadonlySet<TrialNumber>;
}

/** By bracket: all that has a trial, or will have one. */
export function laddersOf(study: Study, history: Seen, scheduler: Scheduler): Map<number, Ladder> {
  const { bracketOf } = scheduler;
  const failed = new Set<TrialNumber>();
  const drafts = new Map<number, Draft>();
  const trials = Math.max(study.trials, history.begun);
  for (let trial = 0; trial < trials; trial++) {
    const bracket = bracketOf(trial);
    if (!drafts.has(bracket)) drafts.set(bracket, newDraft(rungsOf(study.scheduler, trial)));
    drafts.get(bracket)!.size += 1;
  }
  for (const [rung] of study.scheduler.rungs.entries()) {
    for (const [trial, claims] of history.rung(rung)) {
      const draft = drafts.get(bracketOf(trial))!;
      draft.begun[rung]! += 1;
      const standing = standingOf(study, history, trial, claims);
      if (standing) draft.standings[rung]!.push(standing);
      else failed.add(trial);
    }
  }
  for (const { trial } of history.open) drafts.get(bracketOf(trial))!.open += 1;
  const ladders = [...drafts].map(([bracket, draft]) => {
    const fields = draft.standings.map((standings) => fieldOf(study, standings, failed, scheduler.shrink));
    return [bracket, { fields, bracket: bracketFrom(study, history, draft, fields) }] as const;
  });
  return new Map(ladders);
}

interface Draft {
  readonly resources: readonly number[];
  readonly standings: Standing[][];
  readonly begun: number[];
  size: number;
  open: number;
}

const newDraft = (resources: readonly number[]): Draft => ({
  resources,
  standings: resources.map(() => []),
  begun: resources.map(() => 0),
  size: 0,
  open: 0,
});

function fieldOf(
  study: Study,
  standings: readonly Standing[],
  failed: ReadonlySet<TrialNumber>,
  shrink: number | null,
): Field {
  if (shrink === null) return { standings, held: new Set() };
  // A trial that failed, at whichever rung, holds nobody back.
  const rivals = standings.filter(({ trial }) => !failed.has(trial));
  return { standings, held: heldBack(rivals, foldCount(study), shrink) };
}

function bracketFrom(study: Study, history: Seen, draft: Draft, fields: readonly Field[]): Bracket {
  const { resources, begun, size, open } = draft;
  const isStopped = ({ trial, claims }: Standing, held: Field['held']) =>
    held.has(trial) && claims.every((claim) => history.eventOf(claim) !== undefined);
  const rungs = fields.map(({ standings, held }, rung): Rung => {
    const finished: Scored[] = [];
    for (const standing of standings) {
      const losses = lossesAt(standing, foldCount(study));
      if (losses) finished.push({ trial: standing.trial, losses, seen: lastSeen(history, standing) });
    }
    const stopped = held.size === 0 ? [] : standings.filter((standing) => isStopped(standing, held));
    const above = history.rung(rung + 1);
    return {
      resource: `${resources[rung]} ${study.resource}`,
      finished,
      worse: held.size,
      begun: begun[rung]!,
      pending: standings.length - finished.length - stopped.length,
      risen: { size: begun[rung + 1] ?? 0, has: (trial) => above.has(trial) },
    };
  });
  const shown = (loss: number) =>
    String(Number((study.direction === 'maximize' ? -loss : loss).toPrecision(4)));
  return { rungs, size, settled: begun[0] === size && open === 0, shown };
}

/** The number of the first claim that was decided with all of a trial's folds in sight. */
function lastSeen(history: Seen, { claims }: Standing): number {
  let last = -Infinity;
  for (const claim of claims) last = Math.max(last, history.seenAt(claim));
  return last;
}
