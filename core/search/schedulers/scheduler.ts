import type { TrialNumber } from '../../contracts/names.ts';
import type { Study } from '../../contracts/study.ts';
import type { Losses } from '../pareto.ts';
import { asha } from './asha.ts';

/** Says which trials go on. It is asked at each ask anew: a pure function of where they stand. */
export interface Scheduler {
  /** The trials that are to go on to the next rung, the most urgent first. */
  readonly owed: (bracket: Bracket) => readonly Owed[];
  /** Where folds are trained one after the other: by how much a rung's trials become fewer on the way; null: they do not. */
  readonly shrink: number | null;
}

export interface Owed {
  readonly trial: TrialNumber;
  /** That it finished. */
  readonly rung: number;
}

/** Trials that are compared with each other, rung by rung, the lowest first. */
export interface Bracket {
  readonly rungs: readonly Rung[];
  /** Every trial that there will be was begun, and nobody is at work. */
  readonly settled: boolean;
}

export interface Rung {
  readonly finished: readonly Scored[];
  /** So many more were stopped on the way, as they were worse. */
  readonly worse: number;
  /** Those that began the next rung. */
  readonly risen: { readonly size: number; has(trial: TrialNumber): boolean };
}

/** A trial that finished a rung. */
export interface Scored {
  readonly trial: TrialNumber;
  readonly losses: Losses;
}

export function schedulerOf({ scheduler, folds }: Pick<Study, 'scheduler' | 'folds'>): Scheduler {
  switch (scheduler.kind) {
    case 'none':
      return { owed: () => [], shrink: null };
    case 'asha':
      return { owed: asha(scheduler.eta), shrink: folds?.race ? scheduler.eta : null };
  }
}
