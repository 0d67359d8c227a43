import type { TrialNumber } from '../contracts/names.ts';
import type { Study } from '../contracts/study.ts';
import { foldCount, heldBack, lossesAt, type Standing, standingsOf } from './folds.ts';
import type { History } from './history.ts';
import type { Bracket, Rung } from './schedulers/scheduler.ts';

/** A rung's trials that did not fail at it, and which of them are given no further fold. */
export interface Field {
  readonly standings: readonly Standing[];
  readonly held: ReadonlySet<TrialNumber>;
}

/** A rung each, the lowest first. `shrink`: by how much their trials become fewer while folds are trained; null: they do not. */
export function fieldsOf(study: Study, history: History, shrink: number | null): Field[] {
  const fields = study.scheduler.rungs.map((_, rung) => standingsOf(study, history, rung));
  if (shrink === null) return fields.map((standings) => ({ standings, held: new Set() }));
  // A trial that failed, at whichever rung, holds nobody back.
  const failed = new Set(
    fields.flatMap((standings, rung) => {
      const alive = new Set(standings.map(({ trial }) => trial));
      return [...history.rung(rung).keys()].filter((trial) => !alive.has(trial));
    }),
  );
  return fields.map((standings) => {
    const rivals = standings.filter(({ trial }) => !failed.has(trial));
    return { standings, held: heldBack(rivals, foldCount(study), shrink) };
  });
}

/** The same as a scheduler sees it. */
export function bracketOf(study: Study, history: History, fields: readonly Field[]): Bracket {
  const rungs = fields.map(({ standings, held }, rung): Rung => {
    const finished = standings.flatMap((standing) => {
      const losses = lossesAt(standing, foldCount(study));
      return losses === undefined ? [] : [{ trial: standing.trial, losses }];
    });
    return { finished, worse: held.size, risen: history.rung(rung + 1) };
  });
  return { rungs, settled: history.begun >= study.trials && history.open.length === 0 };
}
