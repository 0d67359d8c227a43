import { stream } from '../chance.ts';
import type { Allowed } from './constraint.ts';
import { type Axis, drawParams, groupsOf, type Params, type Space, unitOf, valueAt } from './space.ts';

/** Where a sampler may look. */
export interface Domain {
  readonly seed: number;
  readonly space: Space;
  /** Left out: everything. */
  readonly allowed?: Allowed;
}

/** Each axis by a stream of its own, so that a parameter keeps its values when another joins the space. */
const drawn = (space: Space, key: (axis: Axis) => string): Params =>
  drawParams(space, (axis) => valueAt(axis.dimension, stream(key(axis))()));

const mostDraws = 1000;

/** Parameters that are allowed, drawn evenly; of a domain in which `someAllowed` finds some. Where few draws are allowed, by a walk from there. */
export function drawAllowed({ space, allowed }: Domain, key: string): Params {
  for (let draw = 0; draw < mostDraws; draw++) {
    const params = drawn(space, ({ name }) => `${key}/${name}${draw === 0 ? '' : `/${draw}`}`);
    if (allowed === undefined || allowed(params)) return params;
  }
  return walk(space, allowed!, someAllowed(space, allowed!)!, stream(`${key}/walk`));
}

/** So many points are drawn before a space is said to have none that its constraints allow. */
export const mostPoints = 10_000;

/** One point that is allowed, the same for the same space: a corner, or one that is drawn. Undefined: none was found. */
export function someAllowed(space: Space, allowed: Allowed): Params | undefined {
  for (const corner of [0, 1 - 2 ** -53]) {
    const params = drawParams(space, ({ dimension }) => valueAt(dimension, corner));
    if (allowed(params)) return params;
  }
  for (let draw = 0; draw < mostPoints; draw++) {
    const params = drawn(space, ({ name }) => `some/${draw}/${name}`);
    if (allowed(params)) return params;
  }
  return undefined;
}

const rounds = 5;
const triesAnAxis = 20;

/**
 * From a point that is allowed to others that are, axis by axis: each drawn anew within a bracket that shrinks towards the value
 * it has until that is allowed (slice sampling: Neal, 2003). The rest is kept where it is still there.
 */
function walk(space: Space, allowed: Allowed, from: Params, next: () => number): Params {
  const axes = groupsOf(space).flatMap((group) => group.axes);
  let here = from;
  for (let round = 0; round < rounds; round++) {
    for (const axis of axes) {
      if (here[axis.name] === undefined) continue;
      const unit = unitOf(axis.dimension, here[axis.name]!);
      let [low, high] = [0, 1];
      for (let attempt = 0; attempt < triesAnAxis; attempt++) {
        const u = low + (high - low) * next();
        const there = drawParams(space, ({ name, dimension }) =>
          name === axis.name ? valueAt(dimension, u) : (here[name] ?? valueAt(dimension, next())),
        );
        if (allowed(there)) {
          here = there;
          break;
        }
        if (u < unit) low = u;
        else high = u;
      }
    }
  }
  return here;
}
