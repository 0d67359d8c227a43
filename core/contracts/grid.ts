import { allowedBy } from '../search/constraint.ts';
import { countCombinations, type GridOptions, gridSize, gridValues } from '../search/grid.ts';
import type { Space } from '../search/space.ts';
import type { SearchMistake } from './search-mistakes.ts';

/** A study has no more trials than that. */
const mostCombinations = 100_000;

/** Every axis has values that are counted, and neither too many combinations nor none. */
export function gridMistakes(
  space: Space,
  options: GridOptions,
  constraints: readonly string[],
): readonly SearchMistake[] {
  const endless = Object.entries(space).filter(([, axis]) => gridValues(axis, options) === undefined);
  if (endless.length > 0) {
    const message =
      'a float has no end of values for a grid: give it a step, or the sampler points, sampler: { kind: grid, points: 5 }';
    return endless.map(([name]) => ({ at: ['space', name], message }));
  }
  const count = countCombinations(space, options);
  if (count > mostCombinations) {
    const axes = Object.entries(space).map(([name, axis]) => ({
      name,
      of: gridValues(axis, options)!.length,
    }));
    const told = axes
      .sort((a, b) => b.of - a.of)
      .map(({ name, of }) => `${name} ${of}`)
      .join(' · ');
    const message = `a grid of ${written(count)} combinations, and at most ${written(mostCombinations)} are tried: use a step or fewer points, or a sampler that needs no grid (values: ${told})`;
    return [{ at: ['sampler'], message }];
  }
  if (
    constraints.length > 0 &&
    gridSize({ seed: 0, space, allowed: allowedBy({ space, constraints }) }, options) === 0
  )
    return [
      {
        at: ['constraints'],
        message: `none of the ${written(count)} combinations of the grid satisfies them`,
      },
    ];
  return [];
}

const written = (count: number): string => count.toLocaleString('en');
