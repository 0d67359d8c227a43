import type { Sampler, SamplerChoice } from '../contracts/sampler.ts';
import { groupsOf, type Space, valueCount } from './space.ts';

/** So few trials and axes that a Gaussian process over them is no burden. */
const ofProcess = { trials: 150, axes: 40 };
/** So many trials that a distribution over all axes is learnt in them. */
const trialsOfEvolution = 1000;

/** The sampler of a study; `auto` is the one that finds most in so many trials of such a space ([search](../../docs/search.md)). */
export function chooseSampler(choice: SamplerChoice, space: Space, trials: number, objectives = 1): Sampler {
  if (choice.kind !== 'auto') return choice;
  const free = groupsOf(space)
    .flatMap((group) => group.axes)
    .filter(({ dimension }) => valueCount(dimension) > 1);
  if (trials <= ofProcess.trials && free.length <= ofProcess.axes) return { kind: 'gp', startup: 10 };
  if (objectives > 1) return { kind: 'nsga2', population: 10 };
  const isFloat = ({ dimension }: (typeof free)[number]) =>
    valueCount(dimension) === Infinity && dimension.when === undefined;
  if (trials >= trialsOfEvolution && free.length > 0 && free.every(isFloat)) return { kind: 'cmaes' };
  return { kind: 'tpe', startup: 10, candidates: 24 };
}
