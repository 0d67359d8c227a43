import { mostPoints, someAllowed } from '../search/allowed.ts';
import { allowedBy, conditionOf } from '../search/constraint.ts';
import { pinned } from '../search/pinned.ts';
import type { Params, Space } from '../search/space.ts';
import type { SearchMistake } from './search-mistakes.ts';

/** Each is a condition on parameters of the space; something is allowed by all of them, and so is each point. */
export function constraintMistakes(
  space: Space,
  constraints: readonly string[],
  points: readonly Params[],
): readonly SearchMistake[] {
  const broken = constraints.flatMap((text, k): SearchMistake[] => {
    try {
      conditionOf(text, space);
      return [];
    } catch (error) {
      return [{ at: ['constraints', k], message: `${JSON.stringify(text)}: ${(error as Error).message}` }];
    }
  });
  if (broken.length > 0 || constraints.length === 0) return broken;
  const allowed = allowedBy({ space, constraints });
  if (!someAllowed(space, allowed)) return [unsatisfied(space, constraints)];
  return points.flatMap((point, k) => {
    const part = pinned(space, point);
    if (someAllowed(part, allowed)) return [];
    const breaks = constraints.find((text) => !someAllowed(part, conditionOf(text, space)));
    const message = breaks
      ? `the point does not satisfy ${JSON.stringify(breaks)} (tune.constraints)`
      : `nothing that has these values satisfies all of tune.constraints (${drawn})`;
    return [{ at: ['points', k], message }];
  });
}

const drawn = `${mostPoints} points were drawn`;

/** The first that nothing satisfies, or that nothing satisfies with those before it. */
function unsatisfied(space: Space, constraints: readonly string[]): SearchMistake {
  const alone = constraints.findIndex((text) => !someAllowed(space, conditionOf(text, space)));
  if (alone >= 0) {
    const message = `${JSON.stringify(constraints[alone])}: nothing in the space satisfies it (${drawn})`;
    return { at: ['constraints', alone], message };
  }
  const last = constraints.findIndex(
    (_, k) => !someAllowed(space, allowedBy({ space, constraints: constraints.slice(0, k + 1) })),
  );
  const message = `${JSON.stringify(constraints[last])}: nothing in the space satisfies it and those before it (${drawn})`;
  return { at: ['constraints', last], message };
}
