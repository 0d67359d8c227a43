import type { Direction } from '../core/contracts/metrics.ts';
import type { Leg } from '../core/contracts/names.ts';
import type { Outcome } from '../core/contracts/study.ts';
import { mean } from '../core/search/folds.ts';
import type { History } from '../core/search/history.ts';
import type { ShardProgress, Stage, TrialProgress } from './progress.ts';

/** No guess before that: the first shards wait for processes to start, the first trials for the compiler. */
const earliest = { shards: 2, trials: 3, seconds: 2 };

/** Counts the shards of a stage. `before`: those that were done before this run, and say nothing of its pace. */
export function countShards(stage: Stage, total: number, before: ReadonlySet<number>) {
  let done = 0;
  /** Of each shard so far: a large one answers several times before it is done. */
  const rowsOf = new Map<number, number>();
  return {
    stage,
    answered(shard: number, count: number) {
      if (!before.has(shard)) rowsOf.set(shard, count);
    },
    end: () => done++,
    /** After so many seconds of the stage. */
    after(seconds: number): ShardProgress {
      const fresh = done - before.size;
      const guess = fresh >= earliest.shards && seconds >= earliest.seconds;
      const rows = rowsOf.size === 0 ? null : [...rowsOf.values()].reduce((sum, count) => sum + count, 0);
      return {
        ...{ stage, done, total, rows },
        rowsPerSecond: rows === null || seconds <= 0 ? null : rows / seconds,
        secondsLeft: guess ? (seconds / fresh) * (total - done) : null,
      };
    },
  };
}

/** Counts the trials of a study, whether they ended in this run or before. A rung is done when all `folds` of it are. */
export function countTrials(total: number, folds = 1) {
  let direction: Direction = 'maximize';
  const begun = new Set<number>();
  const tried = new Set<number>();
  const failed = new Set<number>();
  const values = new Map<string, number[]>();
  let rungs = 0;
  const triedHere = new Set<number>();
  let best: TrialProgress['best'] = null;

  const end = ({ trial, rung, fold = 0 }: Leg, outcome: Outcome) => {
    begun.add(trial);
    tried.add(trial);
    if (outcome.kind === 'failed') return void failed.add(trial);
    const ofRung = values.get(`${trial}-${rung}`) ?? [];
    if (ofRung[fold] !== undefined) return;
    ofRung[fold] = outcome.value;
    values.set(`${trial}-${rung}`, ofRung);
    if (Object.keys(ofRung).length < folds) return;
    rungs++;
    const value = mean(ofRung);
    const better = best === null || (direction === 'maximize' ? value > best.value : value < best.value);
    if (better) best = { value, trial, rung };
  };

  return {
    /** Which way a value is better, before any is told. */
    seek: (way: Direction) => {
      direction = way;
    },
    begin: (trial: number) => void begun.add(trial),
    end(leg: Leg, outcome: Outcome) {
      if (!tried.has(leg.trial)) triedHere.add(leg.trial);
      end(leg, outcome);
    },
    /** What a study that goes on had before. */
    resume(history: History) {
      for (const claim of history.claims) {
        begun.add(claim.trial);
        const outcome = history.eventOf(claim)?.outcome;
        if (outcome) end(claim, outcome);
      }
    },
    /** After so many seconds of the search. */
    after(seconds: number): TrialProgress {
      const left = total - tried.size;
      const guess = triedHere.size >= earliest.trials && seconds >= earliest.seconds && left > 0;
      return {
        ...{ total, begun: begun.size, tried: tried.size, failed: failed.size, rungs, best },
        secondsLeft: guess ? (seconds / triedHere.size) * left : null,
      };
    },
  };
}
