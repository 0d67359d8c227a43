import type { TrialNumber } from '../contracts/names.ts';
import type { Sampler } from '../contracts/sampler.ts';
import type { Domain } from './allowed.ts';
import { sampleCmaes } from './cmaes.ts';
import { allowedBy, type Constrained } from './constraint.ts';
import { sampleGp } from './gp/gp.ts';
import { sampleGrid } from './grid.ts';
import { sampleNsga2 } from './nsga2.ts';
import { pinned } from './pinned.ts';
import { sampleRandom } from './random.ts';
import { scalarised } from './scalarised.ts';
import { sampleSobol } from './sobol.ts';
import type { Params } from './space.ts';
import { type Observed, sampleTpe } from './tpe.ts';

/** What a sampler knows beside the trials. */
export interface Search extends Domain {
  readonly sampler: Sampler;
  /** Trial k has the parameters of point k, as far as that says. */
  readonly points?: readonly Params[] | undefined;
}

/** A search as it is written down: what is kept of it is kept with what this gives. */
export const searchOf = ({ constraints, ...search }: Search & Constrained): Search => ({
  ...search,
  ...(constraints && { allowed: allowedBy({ ...search, constraints }) }),
});

/**
 * The parameters of a new trial, by the study's points and its sampler: a pure function, in which the order of `observed` makes
 * no difference.
 */
export function propose(search: Search, trial: TrialNumber, observed: readonly Observed[]): Params {
  // The grid takes points off its combinations itself.
  const point = search.sampler.kind === 'grid' ? undefined : search.points?.[trial];
  return sample(
    point ? { ...search, space: pinned(search.space, point) } : search,
    trial,
    observed.map(judged),
  );
}

/** Whether a sampler looks at the trials before; those of the others need not be gathered. */
export const learns = ({ kind }: Sampler): boolean =>
  kind !== 'grid' && kind !== 'random' && kind !== 'sobol';

/** What is not a number, or beyond all numbers, is a failure. */
const judged = (each: Observed): Observed =>
  each.state.kind === 'value' && !each.state.losses.every(Number.isFinite)
    ? { ...each, state: { kind: 'failed' } }
    : each;

function sample(search: Search, trial: TrialNumber, observed: readonly Observed[]): Params {
  const { sampler } = search;
  switch (sampler.kind) {
    case 'grid':
      return sampleGrid(search, trial, sampler);
    case 'random':
      return sampleRandom(search, trial);
    case 'sobol':
      return sampleSobol(search, trial);
    case 'cmaes':
      return sampleCmaes(search, trial, observed);
    case 'gp':
      return sampleGp(search, trial, scalarised(search.seed, trial, observed), sampler);
    case 'nsga2':
      return sampleNsga2(search, trial, observed, sampler);
    case 'tpe':
      return sampleTpe(search, trial, observed, sampler);
  }
}
