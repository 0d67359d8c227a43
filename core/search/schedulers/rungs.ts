import type { TrialNumber } from '../../contracts/names.ts';
import type { Scheduler, SchedulerForm } from '../../contracts/scheduler.ts';
import { ashaRungs } from './asha.ts';
import { hyperbandBracket } from './hyperband.ts';
import { halvingBracket } from './successive-halving.ts';

/** What a specification asks for, with its rungs. */
export function schedulerFrom(form: SchedulerForm): Scheduler {
  switch (form.kind) {
    case 'none':
      return { kind: 'none', rungs: [form.max] };
    case 'asha':
    case 'hyperband': {
      const { kind, min, max, eta } = form;
      return { kind, eta, rungs: ashaRungs(min, max, eta) };
    }
    case 'successive_halving': {
      const { kind, min, max, eta } = form;
      const rungs = ashaRungs(min, max, eta);
      return { kind, eta, bracket: form.bracket ?? halvingBracket(rungs.length, eta), rungs };
    }
    case 'median':
      return { kind: 'percentile', percentile: 50, startup: form.startup, rungs: stoppingRungs(form) };
    case 'percentile': {
      const { kind, percentile, startup } = form;
      return { kind, percentile, startup, rungs: stoppingRungs(form) };
    }
    case 'patience': {
      const { kind, patience, min_delta } = form;
      return { kind, patience, min_delta, rungs: stoppingRungs(form) };
    }
  }
}

/** Each `interval`, the first of them at the warm-up if there is one, and the end. */
function stoppingRungs({
  max,
  interval = Math.ceil(max / 10),
  warmup,
}: {
  max: number;
  interval?: number | undefined;
  warmup: number;
}) {
  const rungs: number[] = [];
  for (let rung = warmup || interval; rung < max; rung += interval) rungs.push(rung);
  return [...rungs, max];
}

/** What the rungs of this trial have had in all: a trial of a higher bracket begins higher. */
export const rungsOf = (scheduler: Scheduler, trial: TrialNumber): readonly number[] =>
  scheduler.rungs.slice(lowestRungs(scheduler)(trial));

/** Which of the study's rungs is the first of each trial. */
export const lowestRungs = (scheduler: Scheduler): ((trial: TrialNumber) => number) =>
  scheduler.kind === 'hyperband' ? hyperbandBracket(scheduler.rungs.length, scheduler.eta) : () => 0;
