import type { TrialNumber } from '../contracts/names.ts';
import { settledValue } from '../contracts/points.ts';
import type { Study } from '../contracts/study.ts';
import { sampleCmaes } from './cmaes.ts';
import { sampleGp } from './gp/gp.ts';
import { sampleRandom } from './random.ts';
import { sampleSobol } from './sobol.ts';
import type { Params, Space } from './space.ts';
import { type Observed, sampleTpe } from './tpe.ts';

/** What a sampler knows beside the trials. */
export type Search = Pick<Study, 'seed' | 'space' | 'sampler' | 'points'>;

/**
 * The parameters of a new trial, by the study's points and its sampler: a pure function, in which the order of `observed` makes
 * no difference.
 */
export function propose(search: Search, trial: TrialNumber, observed: readonly Observed[]): Params {
  const point = search.points?.[trial];
  const space = point ? pinned(search.space, point) : search.space;
  return sample({ ...search, space }, trial, observed);
}

function sample(search: Search, trial: TrialNumber, observed: readonly Observed[]): Params {
  const { sampler } = search;
  switch (sampler.kind) {
    case 'random':
      return sampleRandom(search, trial);
    case 'sobol':
      return sampleSobol(search, trial);
    case 'cmaes':
      return sampleCmaes(search, trial, observed);
    case 'gp':
      return sampleGp(search, trial, observed, sampler);
    case 'tpe':
      return sampleTpe(search, trial, observed, sampler);
  }
}

/** The part of a space in which these parameters have these values. */
const pinned = (space: Space, point: Params): Space =>
  Object.fromEntries(
    Object.entries(space).map(([name, dimension]) => {
      const value = point[name];
      if (value === undefined) return [name, dimension];
      const { when } = dimension;
      return [
        name,
        { kind: 'choice', options: [settledValue(dimension, value)], ...(when && { when }) } as const,
      ];
    }),
  );
