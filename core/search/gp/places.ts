import type { Scalar } from '../../contracts/names.ts';
import { type Domain, drawAllowed } from '../allowed.ts';
import {
  type Axis,
  drawParams,
  groupsOf,
  type Params,
  type Space,
  unitOf,
  valueAt,
  valueCount,
} from '../space.ts';
import type { Places } from './gaussian-process.ts';

/** How a space's parameters lie in a row of numbers: those with an order first, in [0, 1], then the codes of the others' options. */
export interface Layout {
  readonly space: Space;
  readonly numbers: readonly Axis[];
  readonly codes: readonly Axis[];
}

/** Parameters with one value alone are left out: nothing is to be learnt of them. */
export function layoutOf(space: Space): Layout {
  const axes = groupsOf(space).flatMap((group) => group.axes);
  const free = axes.filter(({ dimension }) => valueCount(dimension) > 1);
  const isCode = ({ dimension }: Axis) =>
    dimension.kind === 'choice' && !dimension.ordered && dimension.options.length > 2;
  return { space, numbers: free.filter((axis) => !isCode(axis)), codes: free.filter(isCode) };
}

/** Where a parameter that is not there is said to be: in the middle, whatever the trial. */
const nowhere = { number: 0.5, code: -1 };

export function placeOf({ numbers, codes }: Layout, params: Params): Float64Array {
  const width = numbers.length + codes.length;
  const place = new Float64Array(width);
  for (const [k, { name, dimension }] of numbers.entries())
    place[k] = params[name] === undefined ? nowhere.number : unitOf(dimension, params[name]);
  for (const [k, { name, dimension }] of codes.entries()) {
    const options: readonly Scalar[] = dimension.kind === 'choice' ? dimension.options : [];
    place[numbers.length + k] = params[name] === undefined ? nowhere.code : options.indexOf(params[name]);
  }
  return place;
}

/** The parameters at a place; what their conditions leave out is left out. */
export function paramsAt({ space, numbers, codes }: Layout, place: Float64Array): Params {
  const at = new Map([...numbers, ...codes].map(({ name }, k) => [name, place[k]!]));
  return drawParams(space, ({ name, dimension }) => {
    const value = at.get(name);
    if (value === undefined) return valueAt(dimension, 0);
    const isCode = codes.some((axis) => axis.name === name);
    if (dimension.kind === 'choice' && isCode) return dimension.options[Math.max(0, value)]!;
    return valueAt(dimension, Math.min(value, 1 - 2 ** -53));
  });
}

/** The place of the parameters at a place: on the grid where there is one, in the middle where a parameter is left out. */
export const settled = (layout: Layout, place: Float64Array): Float64Array =>
  placeOf(layout, paramsAt(layout, place));

export function placesOf(layout: Layout, trials: readonly Params[]): Places {
  const width = layout.numbers.length + layout.codes.length;
  const rows = new Float64Array(trials.length * width);
  for (const [i, params] of trials.entries()) rows.set(placeOf(layout, params), i * width);
  return { rows, count: trials.length, width, numbers: layout.numbers.length };
}

/** The units of the values next to a number's on its grid; none where it has none. */
export function beside({ dimension }: Axis, unit: number): readonly number[] {
  if (!Number.isFinite(valueCount(dimension))) return [];
  const value = valueAt(dimension, Math.min(unit, 1 - 2 ** -53));
  if (dimension.kind === 'choice') {
    const at = dimension.options.indexOf(value);
    return [at - 1, at + 1].flatMap((k) => {
      const option = dimension.options[k];
      return option === undefined ? [] : [unitOf(dimension, option)];
    });
  }
  const { low, high, step = 1 } = dimension;
  return [Number(value) - step, Number(value) + step]
    .filter((other) => other >= low && other <= high)
    .map((other) => unitOf(dimension, other));
}

const leastStarts = 8;

/** Those of the places that are allowed, and some that are drawn where they are few. */
export function allowedOf(
  study: Domain,
  layout: Layout,
  trial: number,
  places: readonly Float64Array[],
): readonly Float64Array[] {
  const { allowed, seed } = study;
  if (!allowed) return places;
  const kept = places.filter((place) => allowed(paramsAt(layout, place)));
  for (let k = 0; kept.length < leastStarts; k++)
    kept.push(placeOf(layout, drawAllowed(study, `${seed}/${trial}/gp/${k}`)));
  return kept;
}
