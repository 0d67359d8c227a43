import { stream } from '../chance.ts';
import type { Scalar } from '../contracts/names.ts';
import type { Study } from '../contracts/study.ts';
import type { Dimension } from '../contracts/tune-spec.ts';

/** Draws each parameter on its own, so that a parameter keeps its values when another joins the space. */
export function sampleRandom(study: Pick<Study, 'seed' | 'space'>, trial: number): Params {
  return Object.fromEntries(
    Object.entries(study.space).map(([name, dimension]) => [
      name,
      draw(dimension, stream(`${study.seed}/${trial}/${name}`)()),
    ]),
  );
}

type Params = Record<string, Scalar>;

/** The value at the quantile `u` (0 to 1, 1 left out) of a dimension. */
export function draw(dimension: Dimension, u: number): Scalar {
  switch (dimension.kind) {
    case 'choice':
      return dimension.options[Math.floor(u * dimension.options.length)]!;
    case 'float': {
      const { low, high } = dimension;
      return dimension.log ? low * (high / low) ** u : low + (high - low) * u;
    }
    case 'int': {
      const { low, high } = dimension;
      // Each integer owns the half unit on both sides of it, so that the ends are drawn as often as the rest.
      const [from, to] = [low - 0.5, high + 0.5];
      const at = dimension.log
        ? Math.max(from, 0.5) * (to / Math.max(from, 0.5)) ** u
        : from + (to - from) * u;
      return Math.min(high, Math.max(low, Math.round(at)));
    }
  }
}
