import { unknownName } from '../nearest.ts';
import { settledValue } from '../search/pinned.ts';
import { type Params, type Space, valueAt, valueCount } from '../search/space.ts';
import type { Scalar } from './names.ts';
import type { SearchMistake } from './search-mistakes.ts';
import type { Dimension } from './space.ts';

/** Each names parameters of the space that are there together, with values that they can have; and no two are alike. */
export function pointMistakes(space: Space, points: readonly Params[]): readonly SearchMistake[] {
  const mistakes = points.flatMap((point, k) =>
    Object.entries(point).flatMap(([name, value]): SearchMistake[] => {
      const dimension = Object.hasOwn(space, name) ? space[name] : undefined;
      const message =
        dimension === undefined
          ? unknownName('a point names no parameter of the space', name, Object.keys(space))
          : (valueMistake(dimension, value) ?? absence(space, dimension, point));
      return message === undefined ? [] : [{ at: ['points', k, name], message }];
    }),
  );
  const first = new Map<string, number>();
  for (const [k, point] of points.entries()) {
    const key = keyOf(space, point);
    const other = first.get(key);
    if (other !== undefined) {
      mistakes.push({ at: ['points', k], message: `the same as point ${other + 1}: a point stands once` });
    }
    first.set(key, other ?? k);
  }
  return mistakes;
}

function valueMistake(dimension: Dimension, value: Scalar): string | undefined {
  const given = `(given: ${JSON.stringify(value)})`;
  if (dimension.kind === 'choice') {
    if (dimension.options.includes(value)) return undefined;
    return `use one of ${dimension.options.map((option) => JSON.stringify(option)).join(', ')} ${given}`;
  }
  const { kind, low, high, step } = dimension;
  if (typeof value !== 'number') return `use a number from ${low} to ${high} ${given}`;
  if (value < low || value > high) return `outside of the space: use ${low} to ${high} ${given}`;
  if (kind === 'int' && !Number.isInteger(value)) return `use a whole number ${given}`;
  if (step === undefined) return undefined;
  const nearest = Number(settledValue(dimension, value));
  if (Math.abs(nearest - value) <= 1e-9 * Math.max(1, Math.abs(value))) return undefined;
  return `on no step of ${step} from ${low}: the nearest is ${nearest} ${given}`;
}

/** Why the parameter of a point is not there; undefined: it is. */
function absence(space: Space, { when = {} }: Dimension, point: Params): string | undefined {
  for (const [on, values] of Object.entries(when)) {
    const value = point[on] ?? only(space[on]!);
    const needed = `only there where ${on} is ${values.map((each) => JSON.stringify(each)).join(' or ')}`;
    if (value === undefined) return `${needed}: the point must name ${on} too`;
    if (!values.includes(value)) return `${needed} (given: ${on} ${JSON.stringify(value)})`;
  }
  return undefined;
}

/** The one value that an axis has. */
const only = (dimension: Dimension): Scalar | undefined =>
  valueCount(dimension) === 1 ? valueAt(dimension, 0) : undefined;

/** Points that differ in nothing that is searched have one key. */
const keyOf = (space: Space, point: Params): string =>
  JSON.stringify(
    Object.entries(point)
      .filter(([name]) => space[name] === undefined || only(space[name]) === undefined)
      .map(([name, value]) => [name, space[name] ? settledValue(space[name], value) : value])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
