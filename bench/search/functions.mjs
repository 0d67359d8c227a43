// The functions that samplers are compared on: written before the samplers were, one a kind, from the literature where it
// has one. A space is as a specification writes it; `of` is to be made small, `least` is its least value without noise.

const axes = (count, axis) => Object.fromEntries(Array.from({ length: count }, (_, k) => [`x${k}`, axis]));
const vector = (params, count) => Array.from({ length: count }, (_, k) => params[`x${k}`]);
const sum = (values) => values.reduce((all, value) => all + value, 0);
const square = (value) => value * value;

/** Branin, as in Dixon and Szegö (1978): three minima of the same depth. */
const branin = (x, y) =>
  square(y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6) +
  10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
  10;

/** Hartmann's function of six (Dixon and Szegö, 1978). */
const hartmann = {
  alpha: [1, 1.2, 3, 3.2],
  a: [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  p: [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
  ],
};
const hartmann6 = (x) =>
  -sum(
    hartmann.alpha.map(
      (weight, i) =>
        weight * Math.exp(-sum(x.map((value, j) => hartmann.a[i][j] * square(value - hartmann.p[i][j])))),
    ),
  );

/** Ackley (1987), its hole away from the middle, where a sampler might begin. */
const ackley = (x) =>
  20 +
  Math.E -
  20 * Math.exp(-0.2 * Math.sqrt(sum(x.map(square)) / x.length)) -
  Math.exp(sum(x.map((value) => Math.cos(2 * Math.PI * value))) / x.length);
const shifts = [3.1, -7.4, 1.7, 9.2, -4.6, 6.3, -1.9, 4.8, -8.5, 0.6];

/** Levy (Laguna and Martí, 2005). */
const levy = (x) => {
  const w = x.map((value) => 1 + (value - 1) / 4);
  const last = w.at(-1);
  const middle = w
    .slice(0, -1)
    .map((value) => square(value - 1) * (1 + 10 * square(Math.sin(Math.PI * value + 1))));
  return (
    square(Math.sin(Math.PI * w[0])) +
    sum(middle) +
    square(last - 1) * (1 + square(Math.sin(2 * Math.PI * last)))
  );
};

/** Rosenbrock (1960): a narrow, bent valley. */
const rosenbrock = (x) =>
  sum(x.slice(1).map((next, k) => 100 * square(next - square(x[k])) + square(1 - x[k])));

const categoryCost = { relu: 0.3, tanh: 0.1, gelu: 0, elu: 0.5, none: 1 };
const categoryRate = { relu: -2, tanh: -3, gelu: -3.5, elu: -1, none: -4 };

/**
 * @typedef {object} Benchmark
 * @property {string} name
 * @property {string} kind
 * @property {object} space
 * @property {number} least
 * @property {number} [noise] The standard deviation of what is added to each value that a sampler sees.
 * @property {(params: Record<string, any>) => number} of
 */

/** @type {readonly Benchmark[]} */
export const functions = [
  {
    name: 'ellipsoid',
    kind: 'smooth, badly scaled, 6 floats',
    space: axes(6, { low: -5, high: 5 }),
    least: 0,
    of: (params) => sum(vector(params, 6).map((value, k) => 10 ** (k * 0.6) * square(value - shifts[k] / 3))),
  },
  {
    name: 'branin',
    kind: 'smooth, several minima, 2 floats',
    space: { x: { low: -5, high: 10 }, y: { low: 0, high: 15 } },
    least: 0.39788735772973816,
    of: ({ x, y }) => branin(x, y),
  },
  {
    name: 'hartmann',
    kind: 'multimodal, 6 floats',
    space: axes(6, { low: 0, high: 1 }),
    least: -3.3223680114155,
    of: (params) => hartmann6(vector(params, 6)),
  },
  {
    name: 'levy',
    kind: 'multimodal, 8 floats',
    space: axes(8, { low: -10, high: 10 }),
    least: 0,
    of: (params) => levy(vector(params, 8)),
  },
  {
    name: 'rosenbrock',
    kind: 'narrow valley, 4 floats',
    space: axes(4, { low: -2, high: 2 }),
    least: 0,
    of: (params) => rosenbrock(vector(params, 4)),
  },
  {
    name: 'ackley',
    kind: 'multimodal, 10 floats',
    space: axes(10, { low: -15, high: 15 }),
    least: 0,
    of: (params) => ackley(vector(params, 10).map((value, k) => value - shifts[k])),
  },
  {
    name: 'sparse',
    kind: '20 floats of which 3 matter',
    space: axes(20, { low: 0, high: 1 }),
    least: 0,
    of: ({ x2, x7, x13 }) =>
      10 * square(x2 - 0.3) + 5 * square(x7 - 0.9) + 2 * Math.abs(x13 - 0.55) + 4 * square(x2 - 0.3) * x7,
  },
  {
    name: 'boosting',
    kind: 'whole numbers and logarithms, 6 axes',
    space: {
      rate: { low: 1e-4, high: 1, log: true },
      leaves: { low: 2, high: 1024, log: true, integer: true },
      depth: { low: 1, high: 16, integer: true },
      l2: { low: 1e-6, high: 100, log: true },
      rows: { low: 1, high: 500, log: true, integer: true },
      share: { low: 0.2, high: 1 },
    },
    least: 0,
    of: ({ rate, leaves, depth, l2, rows, share }) =>
      square(Math.log10(rate) + 1.2 + 0.25 * (Math.log2(leaves) - 6)) +
      0.05 * square(Math.log2(leaves) - 6) +
      0.02 * square(depth - 9) +
      0.02 * square(Math.log10(l2) + 1) +
      0.03 * square(Math.log10(rows) - Math.log10(20)) +
      square(share - 0.7),
  },
  {
    name: 'activations',
    kind: 'categories and floats, 6 axes',
    space: {
      activation: ['relu', 'tanh', 'gelu', 'elu', 'none'],
      optimizer: ['sgd', 'adam', 'rmsprop'],
      norm: ['batch', 'layer', 'none', 'group'],
      rate: { low: 1e-5, high: 1, log: true },
      dropout: { low: 0, high: 0.9 },
      width: { low: 8, high: 1024, log: true, integer: true },
    },
    least: 0,
    of: ({ activation, optimizer, norm, rate, dropout, width }) => {
      const best = categoryRate[activation] + (optimizer === 'sgd' ? 1.5 : 0);
      return (
        categoryCost[activation] +
        { sgd: 0.4, adam: 0, rmsprop: 0.15 }[optimizer] +
        { batch: 0.1, layer: 0, none: 0.6, group: 0.25 }[norm] +
        0.4 * square(Math.log10(rate) - best) +
        square(dropout - 0.25) +
        0.05 * square(Math.log2(width) - 8)
      );
    },
  },
  {
    name: 'boosters',
    kind: 'conditional, 3 branches of 2 to 4 axes',
    space: {
      booster: ['trees', 'dart', 'linear'],
      rate: { low: 1e-3, high: 1, log: true, when: { booster: ['trees', 'dart'] } },
      depth: { low: 1, high: 12, integer: true, when: { booster: ['trees', 'dart'] } },
      drop: { low: 0, high: 1, when: { booster: 'dart' } },
      alpha: { low: 1e-6, high: 10, log: true, when: { booster: 'linear' } },
      l1: { low: 0, high: 1, when: { booster: 'linear' } },
    },
    least: 0,
    of: ({ booster, rate, depth, drop, alpha, l1 }) => {
      if (booster === 'linear') return 0.35 + 0.1 * square(Math.log10(alpha) + 2) + 0.5 * square(l1 - 0.2);
      const trees = 0.5 * square(Math.log10(rate) + 1) + 0.03 * square(depth - 6);
      return booster === 'trees' ? 0.1 + trees : trees + 3 * square(drop - 0.15);
    },
  },
  {
    name: 'noisy',
    kind: 'Hartmann with noise of a tenth of its range, 6 floats',
    space: axes(6, { low: 0, high: 1 }),
    least: -3.3223680114155,
    noise: 0.3,
    of: (params) => hartmann6(vector(params, 6)),
  },
  {
    name: 'steps',
    kind: 'whole numbers with interactions, 8 axes',
    space: axes(8, { low: 0, high: 20, integer: true }),
    least: 0,
    of: (params) => {
      const x = vector(params, 8);
      const wanted = [3, 17, 9, 12, 5, 14, 1, 20];
      return (
        sum(x.map((value, k) => Math.abs(value - wanted[k]))) / 8 +
        0.02 * Math.abs(x[0] * x[1] - 51) +
        0.02 * Math.abs(x[2] - x[3] + 3)
      );
    },
  },
];
