import type { Params, Space } from '../search/space.ts';
import { constraintMistakes } from './constraints.ts';
import { gridMistakes } from './grid.ts';
import { pointMistakes } from './points.ts';
import type { SamplerChoice } from './sampler.ts';

/** What cannot be meant of a search; `at`: where it stands, for instance `points`, 2 and `leaves`. */
export interface SearchMistake {
  readonly at: readonly (string | number)[];
  readonly message: string;
}

export interface SearchDesign {
  readonly space: Space;
  readonly sampler: SamplerChoice;
  readonly points?: readonly Params[] | undefined;
  readonly constraints?: readonly string[] | undefined;
}

/** Of a space that is none of them itself: what its points, constraints and sampler ask of it that it cannot give. */
export function searchMistakes({
  space,
  sampler,
  points = [],
  constraints = [],
}: SearchDesign): readonly SearchMistake[] {
  const outside = pointMistakes(space, points);
  const forbidden = constraintMistakes(space, constraints, outside.length > 0 ? [] : points);
  const grid =
    forbidden.length === 0 && sampler.kind === 'grid' ? gridMistakes(space, sampler, constraints) : [];
  return [...outside, ...forbidden, ...grid];
}
