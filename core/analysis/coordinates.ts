import type { Scalar } from '../contracts/names.ts';
import type { CoordinateAxis } from '../contracts/report.ts';
import type { Dimension } from '../contracts/space.ts';
import { type Params, type Space, unitOf, valueAt } from '../search/space.ts';

/** Where the trials stand on each axis of the space. */
export const coordinatesOf = (space: Space, trials: readonly Params[]): readonly CoordinateAxis[] =>
  Object.entries(space).map(([name, dimension]) => ({
    name,
    kind: dimension.kind === 'choice' ? 'words' : 'numbers',
    log: dimension.kind !== 'choice' && dimension.log,
    ticks: ticksOf(dimension),
    positions: trials.map(({ [name]: value }) =>
      value === undefined ? null : rounded(unitOf(dimension, value)),
    ),
  }));

const tickCount = 5;

function ticksOf(dimension: Dimension): CoordinateAxis['ticks'] {
  if (dimension.kind === 'choice')
    return dimension.options.map((option) => ({
      at: rounded(unitOf(dimension, option)),
      label: String(option),
    }));
  const { low, high } = dimension;
  const between = Array.from({ length: tickCount - 2 }, (_, at) =>
    valueAt(dimension, (at + 1) / (tickCount - 1)),
  );
  return [low, ...between, high].flatMap((value, at, all) =>
    all.indexOf(value) < at ? [] : [{ at: rounded(unitOf(dimension, value)), label: labelOf(value) }],
  );
}

const labelOf = (value: Scalar): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(3))) : String(value);

const rounded = (position: number): number => Math.round(position * 1e4) / 1e4;
