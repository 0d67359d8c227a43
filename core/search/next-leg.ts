import type { Claim, Study } from '../contracts/study.ts';
import { type Field, type Ladder, laddersOf } from './brackets.ts';
import { foldCount, mayBeHeldBack } from './folds.ts';
import type { Seen } from './history.ts';
import type { Asker } from './next.ts';
import { type Scheduler, type Step, schedulerOf } from './schedulers/scheduler.ts';
import { suggest } from './suggest.ts';

/** What is to be claimed next. A new trial's parameters take a while, and are made only for whoever needs them. */
export interface Next extends Pick<Claim, 'trial' | 'rung' | 'fold'> {
  readonly params: () => Claim['params'];
}

/**
 * What is to be trained next: a fold or a rung that is owed, from the highest rung down, or a new trial. Where trials go on by
 * themselves, a lane goes on with its own, and begins a new one rather than to take that of another which is about to ask; without an `asker`
 * it makes no difference whose they are.
 */
export function nextLeg(study: Study, history: Seen, asker?: Asker): Next | undefined {
  const scheduler = schedulerOf(study);
  const ladders = [...laddersOf(study, history, scheduler).values()];
  const steps = stepsOf(scheduler, ladders, history, asker);
  return (
    nextFold(study, ladders, scheduler, 'settled') ??
    nextRung(history, steps.now) ??
    newTrial(study, history) ??
    nextRung(history, steps.later) ??
    nextFold(study, ladders, scheduler, 'any')
  );
}

/**
 * The first fold that a trial is owed, from the highest rung down. `settled`: not of those whose first fold is still out and
 * may show that the others are not worth while; a lane that has anything else to do leaves these alone.
 */
function nextFold(
  study: Study,
  ladders: readonly Ladder[],
  { shrink }: Scheduler,
  which: 'settled' | 'any',
): Next | undefined {
  const folds = foldCount(study);
  if (folds === 1) return undefined;
  const owedOf = ({ standings, held }: Field) =>
    standings.find(
      (standing) =>
        standing.claims.length < folds &&
        !held.has(standing.trial) &&
        (which === 'any' || shrink === null || !mayBeHeldBack(standings, standing, folds, shrink)),
    );
  for (let rung = study.scheduler.rungs.length - 1; rung >= 0; rung--) {
    for (const field of ladders.flatMap(({ fields }) => fields[rung] ?? [])) {
      const owed = owedOf(field);
      if (owed) return { ...legFrom(owed.claims), fold: owed.claims.length };
    }
  }
  return undefined;
}

const legFrom = ([first]: readonly Claim[]) => {
  const { trial, rung, params } = first!;
  return { trial, rung, params: () => params };
};

function stepsOf(scheduler: Scheduler, ladders: readonly Ladder[], history: Seen, asker?: Asker) {
  const steps = ladders
    .flatMap(({ bracket }) => scheduler.judge(bracket).owed)
    .sort((a, b) => b.rung - a.rung);
  if (!scheduler.stops || asker === undefined) return { now: steps, later: [] };
  const busy = new Set(history.open.map(({ lane }) => lane));
  const last = ({ trial, rung }: Step) => history.rung(rung).get(trial)!.at(-1)!;
  const isOurs = (claim: Claim) => claim.execution === asker.execution && claim.lane === asker.lane;
  /** Nobody is about to ask for it. */
  const isLeft = (claim: Claim) => claim.execution !== asker.execution || busy.has(claim.lane);
  return {
    now: [...steps.filter((step) => isOurs(last(step))), ...steps.filter((step) => isLeft(last(step)))],
    later: steps,
  };
}

function nextRung(history: Seen, [step]: readonly Step[]): Next | undefined {
  if (step === undefined) return undefined;
  const { trial, rung } = step;
  const { fold, params } = history.rung(rung).get(trial)![0]!;
  return { trial, rung: rung + 1, ...(fold !== undefined && { fold }), params: () => params };
}

function newTrial(study: Study, history: Seen): Next | undefined {
  const trial = history.begun;
  if (trial >= study.trials) return undefined;
  return {
    ...{ trial, rung: 0, ...(study.folds && { fold: 0 }) },
    params: () => suggest(study, trial, history),
  };
}
