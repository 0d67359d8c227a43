import fc from 'fast-check';
import { expect, test } from 'vitest';
import { functions } from '../../bench/search/functions.mjs';

const shifts = [3.1, -7.4, 1.7, 9.2, -4.6, 6.3, -1.9, 4.8, -8.5, 0.6];
const at = (values: readonly number[]) => Object.fromEntries(values.map((value, k) => [`x${k}`, value]));
/** Where the literature, or the formula read by a person, has the least value. */
const best: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  ellipsoid: at(shifts.slice(0, 6).map((shift) => shift / 3)),
  branin: { x: Math.PI, y: 2.275 },
  hartmann: at([0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573]),
  levy: at(Array(8).fill(1)),
  rosenbrock: at([1, 1, 1, 1]),
  ackley: at(shifts),
  sparse: { x2: 0.3, x7: 0.9, x13: 0.55 },
  boosting: { rate: 10 ** -1.2, leaves: 64, depth: 9, l2: 0.1, rows: 20, share: 0.7 },
  activations: {
    activation: 'gelu',
    optimizer: 'adam',
    norm: 'layer',
    rate: 10 ** -3.5,
    dropout: 0.25,
    width: 256,
  },
  boosters: { booster: 'dart', rate: 0.1, depth: 6, drop: 0.15 },
  noisy: at([0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573]),
  steps: at([3, 17, 9, 12, 5, 14, 1, 20]),
};

test.each(functions.map((each) => [each.name, each] as const))(
  '%s has its least value where it is said to be',
  (name, { of, least, space }) => {
    expect(of(best[name]!)).toBeCloseTo(least, 5);
    const axis = (given: unknown): fc.Arbitrary<string | number> => {
      if (Array.isArray(given)) return fc.constantFrom(...(given as string[]));
      const { low, high, integer } = given as { low: number; high: number; integer?: boolean };
      return integer ? fc.integer({ min: low, max: high }) : fc.double({ min: low, max: high, noNaN: true });
    };
    const axes = Object.fromEntries(Object.entries(space).map(([param, given]) => [param, axis(given)]));
    fc.assert(fc.property(fc.record(axes), (params) => of(params) >= least - 1e-9));
  },
);
