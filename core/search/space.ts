import type { Scalar } from '../contracts/names.ts';
import type { Dimension } from '../contracts/space.ts';

export type Space = Readonly<Record<string, Dimension>>;
export type Params = Readonly<Record<string, Scalar>>;

/** An axis with the name of its parameter. */
export interface Axis {
  readonly name: string;
  readonly dimension: Dimension;
}

/** Axes that are there together or not at all: those of one condition. */
export interface AxisGroup {
  readonly when: Readonly<Record<string, readonly Scalar[]>>;
  /** In the order of their names. */
  readonly axes: readonly Axis[];
}

/**
 * The axes by their conditions, what others depend on before them: so that a sampler which goes through the groups in turn
 * knows of each whether it is there (`isThere`).
 */
export function groupsOf(space: Space): readonly AxisGroup[] {
  const groups = new Map<string, { depth: number; when: AxisGroup['when']; axes: Axis[] }>();
  for (const [name, dimension] of Object.entries(space).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { when = {} } = dimension;
    const key = JSON.stringify(Object.entries(when).sort(([a], [b]) => (a < b ? -1 : 1)));
    const group = groups.get(key) ?? { depth: depthOf(space, name), when, axes: [] };
    group.axes.push({ name, dimension });
    groups.set(key, group);
  }
  return [...groups.entries()]
    .sort(([a, { depth }], [b, { depth: other }]) => depth - other || (a < b ? -1 : 1))
    .map(([, { when, axes }]) => ({ when, axes }));
}

/** How many conditions lie above an axis. */
const depthOf = (space: Space, name: string): number =>
  Object.keys(space[name]?.when ?? {}).reduce((most, on) => Math.max(most, 1 + depthOf(space, on)), 0);

/** Whether the parameters so far call for the axes of a group. */
export const isThere = ({ when }: Pick<AxisGroup, 'when'>, params: Params): boolean =>
  Object.entries(when).every(([on, values]) => params[on] !== undefined && values.includes(params[on]));

/** Parameters drawn in turn, each by its axis: those whose conditions do not hold are left out. */
export function drawParams(space: Space, pick: (axis: Axis) => Scalar): Params {
  const params: Record<string, Scalar> = {};
  for (const group of groupsOf(space)) {
    if (!isThere(group, params)) continue;
    for (const axis of group.axes) params[axis.name] = pick(axis);
  }
  return params;
}

/** How many values an axis has; Infinity for floats without a step. */
export function valueCount(dimension: Dimension): number {
  switch (dimension.kind) {
    case 'choice':
      return dimension.options.length;
    case 'float':
      return dimension.step === undefined
        ? Infinity
        : stepsOf(dimension.low, dimension.high, dimension.step) + 1;
    case 'int':
      return stepsOf(dimension.low, dimension.high, dimension.step ?? 1) + 1;
  }
}

/** So many steps lie within the range; a last one that rounding alone keeps out counts. */
const stepsOf = (low: number, high: number, step: number): number => Math.floor((high - low) / step + 1e-9);

/** The value at the quantile `u` (0 to 1, 1 left out) of an axis. */
export function valueAt(dimension: Dimension, u: number): Scalar {
  if (dimension.kind === 'choice') {
    return dimension.options[
      Math.min(dimension.options.length - 1, Math.floor(u * dimension.options.length))
    ]!;
  }
  const { kind, low, high, log, step } = dimension;
  if (step !== undefined) {
    const count = valueCount(dimension);
    return stepped(low, step, Math.min(count - 1, Math.floor(u * count)));
  }
  if (kind === 'float') return log ? within(low, high, low * (high / low) ** u) : low + (high - low) * u;
  // Each integer owns the half unit on both sides of it, so that the ends are drawn as often as the rest.
  const [from, to] = [low - 0.5, high + 0.5];
  const at = log ? Math.max(from, 0.5) * (to / Math.max(from, 0.5)) ** u : from + (to - from) * u;
  return within(low, high, Math.round(at));
}

/** `low + k · step` without the digits that binary fractions add: 0.1 · 3 is 0.3. */
export const stepped = (low: number, step: number, k: number): number =>
  Number((low + k * step).toPrecision(12));

const within = (low: number, high: number, value: number): number => Math.min(high, Math.max(low, value));

/** The quantile of a value of the axis, in the middle of what `valueAt` gives it for. */
export function unitOf(dimension: Dimension, value: Scalar): number {
  if (dimension.kind === 'choice')
    return (Math.max(0, dimension.options.indexOf(value)) + 0.5) / dimension.options.length;
  const { kind, low, high, log, step } = dimension;
  const number = Number(value);
  if (step !== undefined) return (Math.round((number - low) / step) + 0.5) / valueCount(dimension);
  const [from, to] =
    kind === 'float' ? [low, high] : [log ? Math.max(low - 0.5, 0.5) : low - 0.5, high + 0.5];
  const unit = log ? Math.log(number / from) / Math.log(to / from) : (number - from) / (to - from);
  return within(0, 1, unit);
}
