import type { Scalar } from '../contracts/names.ts';
import type { Dimension } from '../contracts/space.ts';
import { type Params, type Space, unitOf, valueAt } from './space.ts';

/** The part of a space in which these parameters have these values. */
export const pinned = (space: Space, point: Params): Space =>
  Object.fromEntries(
    Object.entries(space).map(([name, dimension]) => {
      const value = point[name];
      if (value === undefined) return [name, dimension];
      const { when } = dimension;
      return [
        name,
        { kind: 'choice', options: [settledValue(dimension, value)], ...(when && { when }) } as const,
      ];
    }),
  );

/** The value of an axis with steps that is meant by one that is off by a rounding; any other as it is. */
export const settledValue = (dimension: Dimension, value: Scalar): Scalar =>
  dimension.kind !== 'choice' && dimension.step !== undefined
    ? valueAt(dimension, unitOf(dimension, value))
    : value;
