import type { TrialNumber } from '../../contracts/names.ts';
import type { Study } from '../../contracts/study.ts';
import type { Losses } from '../pareto.ts';
import { asha } from './asha.ts';
import { bestFirst } from './best-first.ts';
import { hyperbandBracket } from './hyperband.ts';
import { patience } from './patience.ts';
import { percentile } from './percentile.ts';
import { successiveHalving } from './successive-halving.ts';

/** Says which trials go on. It is asked at each ask anew: a pure function of where they stand. */
export interface Scheduler {
  /** The bracket of a trial; only trials of one are compared. */
  readonly bracketOf: (trial: TrialNumber) => number;
  readonly judge: (bracket: Bracket) => Verdict;
  /** Where folds are trained one after the other: by how much a rung's trials become fewer on the way; null: they do not. */
  readonly shrink: number | null;
  /** A trial stops or goes on by itself: the lane that has it goes on with it, and nobody else while that lane may. */
  readonly stops: boolean;
}

export interface Verdict {
  /** The trials that are to go on to the next rung, the most urgent first. */
  readonly owed: readonly Step[];
  /** Why a trial goes no further from here as things stand. Asked of those that are not owed anything. */
  readonly why: (step: Step) => Reason;
}

/** A trial that finished a rung, and that rung, which is not its last. */
export interface Step {
  readonly trial: TrialNumber;
  readonly rung: number;
}

export interface Reason {
  readonly text: string;
  /** Nothing that is told later changes it. */
  readonly final: boolean;
}

/** Trials that are compared with each other, rung by rung, the lowest first. */
export interface Bracket {
  readonly rungs: readonly Rung[];
  /** How many there will be. */
  readonly size: number;
  /** All of them were begun, and nobody is at work on them. */
  readonly settled: boolean;
  /** A loss as the metric that it was. */
  readonly shown: (loss: number) => string;
}

export interface Rung {
  /** What it has had in all: `30 rounds`. */
  readonly resource: string;
  readonly finished: readonly Scored[];
  /** So many more were stopped on the way, as they were worse. */
  readonly worse: number;
  /** So many were begun and have not ended, for better or worse. */
  readonly pending: number;
  /** So many were begun. */
  readonly begun: number;
  /** Those that began the next rung. */
  readonly risen: { readonly size: number; has(trial: TrialNumber): boolean };
}

/** A trial that finished a rung. */
export interface Scored {
  readonly trial: TrialNumber;
  readonly losses: Losses;
  /** The number of the first claim that was decided with this in sight: who was seen earlier has a lower one. Infinity: none was yet. */
  readonly seen: number;
}

export function schedulerOf({ scheduler, folds }: Pick<Study, 'scheduler' | 'folds'>): Scheduler {
  const one = { bracketOf: () => 0, shrink: null, stops: false };
  const shrink = 'eta' in scheduler && folds?.race ? scheduler.eta : null;
  switch (scheduler.kind) {
    case 'none':
      return { ...one, judge: () => ({ owed: [], why: () => ({ text: '', final: true }) }) };
    case 'asha':
      return { ...one, judge: asha(scheduler.eta), shrink };
    case 'hyperband': {
      const bracketOf = hyperbandBracket(scheduler.rungs.length, scheduler.eta);
      return { ...one, judge: asha(scheduler.eta), bracketOf, shrink };
    }
    case 'successive_halving': {
      const bracketOf = (trial: TrialNumber) => Math.floor(trial / scheduler.bracket);
      return { ...one, judge: successiveHalving(scheduler.eta), bracketOf, shrink };
    }
    case 'percentile':
      return { ...one, judge: percentile(scheduler), stops: true };
    case 'patience':
      return { ...one, judge: patience(scheduler), stops: true };
  }
}

/** Of those that finished a rung but the last and did not rise: who goes on, from the highest rung down. */
export const goingOn = (
  rungs: readonly Rung[],
  goesOn: (scored: Scored, rung: number) => boolean,
): readonly Step[] =>
  rungs
    .slice(0, -1)
    .flatMap(({ finished, risen }, rung) =>
      finished.flatMap((scored) =>
        !risen.has(scored.trial) && goesOn(scored, rung) ? [{ trial: scored.trial, rung }] : [],
      ),
    )
    .sort((a, b) => b.rung - a.rung);

/** `place 5 of 9 after 30 rounds, of which 3 go on`: of those that finished it or were stopped on the way. */
export function placesIn(rung: Rung, goOn: number): (trial: TrialNumber) => string {
  const places = new Map(bestFirst(rung.finished).map(({ trial }, place) => [trial, place + 1]));
  const { finished, worse, resource } = rung;
  return (trial) =>
    `place ${places.get(trial)} of ${finished.length + worse} after ${resource}, of which ${goOn} go on`;
}

/** What is asked for once a trial, and the same for all, is made when it is asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
