import { shuffled, stream } from '../chance.ts';
import type { Scalar, TrialNumber } from '../contracts/names.ts';
import type { Dimension } from '../contracts/space.ts';
import { type Domain, drawAllowed } from './allowed.ts';
import { pinned } from './pinned.ts';
import { type Axis, groupsOf, isThere, type Params, type Space, valueAt, valueCount } from './space.ts';

export interface GridOptions {
  /** Floats, and whole numbers of more values, have so many, evenly from end to end; left out: floats need a step. */
  readonly points?: number | undefined;
}

type Grid = Domain & { readonly points?: readonly Params[] | undefined };

/** Combination `trial` of those that are allowed, each once; of which there are `gridSize`. The study's points come first. */
export const sampleGrid = (grid: Grid, trial: TrialNumber, options: GridOptions): Params =>
  combinationsOf(grid, options)[trial]!;

export const gridSize = (grid: Grid, options: GridOptions): number => combinationsOf(grid, options).length;

/** The values of an axis in a grid, in their order; undefined: they are not counted. */
export function gridValues(dimension: Dimension, { points }: GridOptions): readonly Scalar[] | undefined {
  const count = valueCount(dimension);
  if (dimension.kind === 'choice') return dimension.options;
  const spread = dimension.step === undefined && count > (points ?? Infinity);
  if (spread || (count === Infinity && points !== undefined)) return spreadOver(dimension, points!);
  if (count === Infinity) return undefined;
  return Array.from({ length: count }, (_, k) =>
    dimension.step === undefined ? dimension.low + k : valueAt(dimension, (k + 0.5) / count),
  );
}

type Numeric = Exclude<Dimension, { kind: 'choice' }>;

/** From end to end, without the digits that binary fractions add. */
function spreadOver({ kind, low, high, log }: Numeric, points: number): readonly number[] {
  const values = Array.from({ length: points }, (_, k) => {
    if (k === 0 || k === points - 1) return k === 0 ? low : high;
    const share = k / (points - 1);
    const value = log ? low * (high / low) ** share : low + (high - low) * share;
    return kind === 'int' ? Math.round(value) : Number(value.toPrecision(12));
  });
  return [...new Set(values)];
}

/** How many combinations there are before any constraint: none is made for it. Every axis has `gridValues`. */
export function countCombinations(space: Space, options: GridOptions): number {
  const axes = axesOf(space);
  const asked = new Map<string, Set<Scalar>>();
  for (const { dimension } of axes)
    for (const [on, values] of Object.entries(dimension.when ?? {}))
      asked.set(on, new Set([...(asked.get(on) ?? []), ...values]));
  return countFrom(0, {});

  function countFrom(at: number, params: Params): number {
    const axis = axes[at];
    if (axis === undefined) return 1;
    if (!isPresent(axis, params)) return countFrom(at + 1, params);
    const values = gridValues(axis.dimension, options)!;
    // Values that no condition asks for lead to the same number.
    const told = values.filter((value) => asked.get(axis.name)?.has(value));
    const others = values.length - told.length;
    const rest = others === 0 ? 0 : others * countFrom(at + 1, params);
    return told.reduce<number>(
      (sum, value) => sum + countFrom(at + 1, { ...params, [axis.name]: value }),
      rest,
    );
  }
}

const axesOf = (space: Space): readonly Axis[] => groupsOf(space).flatMap((group) => group.axes);

const isPresent = ({ dimension }: Axis, params: Params): boolean =>
  isThere({ when: dimension.when ?? {} }, params);

/** Kept with the study: they are the same for all of its trials. */
const kept = new WeakMap<Grid, readonly Params[]>();

function combinationsOf(grid: Grid, options: GridOptions): readonly Params[] {
  const known = kept.get(grid) ?? inOrder(grid, options);
  kept.set(grid, known);
  return known;
}

/** For each point the first combination that has its values, or else one beside the grid; then all others, in an order by chance. */
function inOrder(grid: Grid, options: GridOptions): readonly Params[] {
  const { seed, points = [] } = grid;
  const all = [...allCombinations(grid, options)];
  const rest = new Set(shuffled(all.length, stream(`${seed}/grid`)).map((k) => all[k]!));
  const first = points.map((point, k) => {
    const part = pinned(grid.space, point);
    const wanted = Object.entries(part).filter(([name]) => Object.hasOwn(point, name));
    const found = [...rest].find((params) =>
      wanted.every(([name, axis]) => axis.kind === 'choice' && params[name] === axis.options[0]),
    );
    if (found) rest.delete(found);
    return found ?? besideGrid({ ...grid, space: part }, options, k);
  });
  return [...first, ...rest];
}

/** With the point's values, which are on no grid, and the grid's for the others. */
function besideGrid(part: Grid, options: GridOptions, point: number): Params {
  for (const params of allCombinations(part, options)) return params;
  return drawAllowed(part, `${part.seed}/grid/${point}`);
}

function* allCombinations({ space, allowed }: Domain, options: GridOptions): Generator<Params> {
  const axes = axesOf(space).map((axis) => ({ axis, values: gridValues(axis.dimension, options)! }));
  yield* from(0, {});

  function* from(at: number, params: Params): Generator<Params> {
    const next = axes[at];
    if (next === undefined) {
      if (allowed?.(params) ?? true) yield params;
    } else if (!isPresent(next.axis, params)) {
      yield* from(at + 1, params);
    } else {
      for (const value of next.values) yield* from(at + 1, { ...params, [next.axis.name]: value });
    }
  }
}
