import type { Scalar, TrialNumber } from '../contracts/names.ts';
import type { Claim, Study } from '../contracts/study.ts';
import { type History, lossOf } from './history.ts';
import { sampleRandom } from './random.ts';
import { type Observed, sampleTpe } from './tpe.ts';

/** The parameters of a new trial: a pure function of the study, the trial's number and what the history says. */
export function suggest(study: Study, trial: TrialNumber, history: History): Record<string, Scalar> {
  const { sampler } = study;
  switch (sampler.kind) {
    case 'random':
      return sampleRandom(study, trial);
    case 'tpe': {
      const begun = [...history.rung(0).values()];
      return sampleTpe(
        study,
        trial,
        begun.map((claim) => observe(study, history, claim)),
        sampler,
      );
    }
  }
}

/** A promoted trial that runs is seen by what it reached before. */
function observe(study: Study, history: History, first: Claim): Observed {
  const { trial: number, params } = first;
  let state: Observed['state'] = { kind: 'running' };
  for (let rung = 0, claim: Claim | undefined = first; claim; claim = history.rung(++rung).get(number)) {
    const outcome = history.eventOf(claim)?.outcome;
    if (outcome?.kind === 'failed') return { number, params, state: { kind: 'failed' } };
    if (outcome) state = { kind: 'value', rung, loss: lossOf(study, outcome.value) };
  }
  return { number, params, state };
}
