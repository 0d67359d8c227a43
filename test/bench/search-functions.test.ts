import fc from 'fast-check';
import { expect, test } from 'vitest';
import { functions } from '../../bench/search/functions.mjs';
import { heldOut } from '../../bench/search/held-out.mjs';
import { compareRanks } from '../../bench/search/rank.mjs';

const middles = [1.3, -2.1, 0.7, 2.9, -1.6, 3.2, -0.4, 1.9, -2.7, 0.2];
const shifts = [3.1, -7.4, 1.7, 9.2, -4.6, 6.3, -1.9, 4.8, -8.5, 0.6];
const at = (values: readonly number[]) => Object.fromEntries(values.map((value, k) => [`x${k}`, value]));
/** Where the literature, or the formula read by a person, has the least value. */
const best: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
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
  griewank: at(middles.slice(0, 5).map((middle) => 10 * middle)),
  styblinski: at(Array(6).fill(-2.903534)),
  rastrigin: at(middles.slice(0, 4)),
  michalewicz: at([2.202906, 1.570796, 1.284992, 1.923058, 1.72047]),
  powell: at(Array(8).fill(0)),
  shekel: at([4.00074671, 4.00059326, 3.9996629, 3.99950981]),
  turned: at(middles),
  few: { x1: 0.8, x4: 0.2, x11: 1.1, nx3: 16 },
  network: {
    optimizer: 'adam',
    schedule: 'cosine',
    backbone: 'net4',
    size: 'l',
    rate: 10 ** -3.3,
    decay: 1e-4,
    smooth: 0.1,
  },
  kernels: { model: 'svm', kernel: 'rbf', c: 10 ** 1.5, gamma: 0.01 },
  'noisy-bowl': at(middles.slice(0, 5)),
  'noisy-shekel': { ...at([3, 6, 5]), side: 'a' },
  grid: { a: 0.35, b: 0.75, c: 15, d: 11, e: 208, f: true, g: false, h: 1, i: 4 },
};

test.each([...functions, ...heldOut].map((each) => [each.name, each] as const))(
  '%s has its least value where it is said to be',
  (name, { of, least, space }) => {
    expect(of(best[name]!)).toBeCloseTo(least, 5);
    const axis = (given: unknown): fc.Arbitrary<string | number | boolean> => {
      const { low, high, integer, options } = given as Record<'low' | 'high', number> & {
        integer?: boolean;
        options?: string[];
      };
      const choices = Array.isArray(given) ? (given as string[]) : options;
      if (choices) return fc.constantFrom(...choices);
      return integer ? fc.integer({ min: low, max: high }) : fc.double({ min: low, max: high, noNaN: true });
    };
    const axes = Object.fromEntries(Object.entries(space).map(([param, given]) => [param, axis(given)]));
    fc.assert(fc.property(fc.record(axes), (params) => of(params) >= least - 1e-9));
  },
);

test('the difference of two samples in rank is what SciPy says: mannwhitneyu(method="asymptotic")', () => {
  const compared = compareRanks([1, 4, 2.5, 7, 7, 3, 9], [0.5, 1, 2, 2.2, 3, 0.1, 1.5, 4]);
  expect(compared.worse).toBe(true);
  expect(compared.p).toBeCloseTo(0.036566183752582956, 6);
  expect(compareRanks([1, 2], [1, 2])).toEqual({ worse: false, p: expect.closeTo(1, 6) });
});
