import type { TrialNumber } from '../contracts/names.ts';
import type { Claim, Study } from '../contracts/study.ts';
import { foldCount, meanLosses } from './folds.ts';
import { lossesOf, type Seen } from './history.ts';
import type { Losses } from './pareto.ts';
import { priorsOf } from './prior.ts';
import { learns, propose, type Search, searchOf } from './propose.ts';
import { lowestRungs } from './schedulers/rungs.ts';
import type { Params } from './space.ts';
import type { Observed } from './tpe.ts';

/** The parameters of a new trial: a pure function of the study, the trial's number and what the history says. */
export const suggest = (study: Study, trial: TrialNumber, history: Seen): Params =>
  propose(searchOfStudy(study), trial, learns(study.sampler) ? observedOf(study, history) : []);

function observedOf(study: Study, history: Seen): Observed[] {
  const lowest = lowestRungs(study.scheduler);
  const own = [...history.rung(0)].map(([trial, claims]) => observe(study, history, claims, lowest(trial)));
  return [...priorsOf(study, own), ...own];
}

const searches = new WeakMap<Study, Search>();

function searchOfStudy(study: Study): Search {
  const search = searches.get(study) ?? searchOf(study);
  searches.set(study, search);
  return search;
}

/**
 * A promoted trial that runs is seen by what it reached before. Of the first rung, the folds that were told count as a
 * lower one: who was held back there is below all that finished it. `lowest`: which of the study's rungs is the trial's first.
 */
function observe(study: Study, history: Seen, first: readonly Claim[], lowest: number): Observed {
  const { trial: number, params } = first[0]!;
  let state: Observed['state'] = { kind: 'running' };
  let claims: readonly Claim[] | undefined = first;
  for (let rung = 0; claims; claims = history.rung(++rung).get(number)) {
    const losses: Losses[] = [];
    for (const claim of claims) {
      const outcome = history.eventOf(claim)?.outcome;
      if (outcome?.kind === 'failed') return { number, params, state: { kind: 'failed' } };
      if (outcome) losses.push(lossesOf(study, outcome));
    }
    const whole = losses.length === foldCount(study);
    if (whole || (rung === 0 && losses.length > 0))
      state = { kind: 'value', rung: lowest + (whole ? rung : -1), losses: meanLosses(losses) };
  }
  return { number, params, state };
}
