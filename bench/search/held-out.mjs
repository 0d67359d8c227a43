// Functions of the same kinds as functions.mjs: samplers are tried and improved on these, so that those stay a test.
// Minima without a formula were found by a long search from many starts.

const axes = (count, axis) => Object.fromEntries(Array.from({ length: count }, (_, k) => [`x${k}`, axis]));
const vector = (params, count) => Array.from({ length: count }, (_, k) => params[`x${k}`]);
const sum = (values) => values.reduce((all, value) => all + value, 0);
const square = (value) => value * value;

/** Griewank (1981): a wide bowl with ripples. */
const griewank = (x) =>
  1 + sum(x.map(square)) / 4000 - x.reduce((all, value, k) => all * Math.cos(value / Math.sqrt(k + 1)), 1);

/** Styblinski and Tang (1990). */
const styblinski = (x) => 0.5 * sum(x.map((value) => value ** 4 - 16 * square(value) + 5 * value));

/** Rastrigin (1974). */
const rastrigin = (x) => sum(x.map((value) => square(value) + 10 - 10 * Math.cos(2 * Math.PI * value)));

/** Michalewicz (1992), m = 10: steep valleys. */
const michalewicz = (x) =>
  -sum(x.map((value, k) => Math.sin(value) * Math.sin(((k + 1) * square(value)) / Math.PI) ** 20));

/** Powell's singular function (1962). */
const powell = ([a, b, c, d]) =>
  square(a + 10 * b) + 5 * square(c - d) + square(square(b - 2 * c)) + 10 * square(square(a - d));

/** Shekel's foxholes, m = 10 (Dixon and Szegö, 1978). */
const holes = {
  depth: [0.1, 0.2, 0.2, 0.4, 0.4, 0.6, 0.3, 0.7, 0.5, 0.5],
  at: [
    [4, 4, 4, 4],
    [1, 1, 1, 1],
    [8, 8, 8, 8],
    [6, 6, 6, 6],
    [3, 7, 3, 7],
    [2, 9, 2, 9],
    [5, 5, 3, 3],
    [8, 1, 8, 1],
    [6, 2, 6, 2],
    [7, 3.6, 7, 3.6],
  ],
};
const shekel = (x) =>
  -sum(holes.depth.map((depth, i) => 1 / (depth + sum(x.map((value, j) => square(value - holes.at[i][j]))))));

const middles = [1.3, -2.1, 0.7, 2.9, -1.6, 3.2, -0.4, 1.9, -2.7, 0.2];

/** Turned by a reflection (Householder, 1958), so that no axis is by itself. */
function turned(x) {
  const normal = x.map((_, k) => k + 1);
  const along = (2 * sum(x.map((value, k) => value * normal[k]))) / sum(normal.map(square));
  return x.map((value, k) => value - along * normal[k]);
}

/** @type {typeof import('./functions.mjs').functions} */
export const heldOut = [
  {
    name: 'griewank',
    kind: 'a bowl with ripples, 5 floats',
    space: axes(5, { low: -100, high: 150 }),
    least: 0,
    of: (params) => griewank(vector(params, 5).map((value, k) => value - 10 * middles[k])),
  },
  {
    name: 'styblinski',
    kind: 'multimodal, 6 floats',
    space: axes(6, { low: -5, high: 5 }),
    least: 6 * -39.16616570377142,
    of: (params) => styblinski(vector(params, 6)),
  },
  {
    name: 'rastrigin',
    kind: 'very multimodal, 4 floats',
    space: axes(4, { low: -4, high: 6 }),
    least: 0,
    of: (params) => rastrigin(vector(params, 4).map((value, k) => value - middles[k])),
  },
  {
    name: 'michalewicz',
    kind: 'steep valleys, 5 floats',
    space: axes(5, { low: 0, high: Math.PI }),
    least: -4.687658179,
    of: (params) => michalewicz(vector(params, 5)),
  },
  {
    name: 'powell',
    kind: 'flat around its minimum, 8 floats',
    space: axes(8, { low: -4, high: 5 }),
    least: 0,
    of: (params) => powell(vector(params, 8)) + powell(vector(params, 8).slice(4)),
  },
  {
    name: 'shekel',
    kind: 'narrow holes, 4 floats',
    space: axes(4, { low: 0, high: 10 }),
    least: -10.536409816692,
    of: (params) => shekel(vector(params, 4)),
  },
  {
    name: 'turned',
    kind: 'smooth, badly scaled along no axis, 10 floats',
    space: axes(10, { low: -5, high: 5 }),
    least: 0,
    of: (params) =>
      sum(
        turned(vector(params, 10).map((value, k) => value - middles[k])).map(
          (value, k) => 10 ** (k / 3) * square(value),
        ),
      ),
  },
  {
    name: 'few',
    kind: '25 axes of which 4 matter, two of them together',
    space: {
      ...axes(15, { low: -1, high: 2 }),
      ...Object.fromEntries(
        Object.entries(axes(10, { low: 1, high: 64, log: true, integer: true })).map(([name, axis]) => [
          `n${name}`,
          axis,
        ]),
      ),
    },
    least: 0,
    of: ({ x1, x4, x11, nx3 }) =>
      3 * square(x1 - x4 - 0.6) + square(x4 - 0.2) + Math.abs(x11 - 1.1) + 0.1 * square(Math.log2(nx3) - 4),
  },
  {
    name: 'network',
    kind: 'categories of 3, 4 and 12 options, logarithms, an order',
    space: {
      optimizer: ['adam', 'sgd', 'lion'],
      schedule: ['flat', 'cosine', 'steps', 'linear'],
      backbone: Array.from({ length: 12 }, (_, k) => `net${k}`),
      size: { options: ['xs', 's', 'm', 'l', 'xl'], ordered: true },
      rate: { low: 1e-6, high: 1e-1, log: true },
      decay: { low: 1e-8, high: 1, log: true },
      smooth: { low: 0, high: 0.3 },
    },
    least: 0,
    of: ({ optimizer, schedule, backbone, size, rate, decay, smooth }) => {
      const place = Number(backbone.slice(3));
      const wanted = { adam: -3.2, sgd: -1.4, lion: -4.1 }[optimizer] - 0.1 * (place % 3);
      return (
        { adam: 0, sgd: 0.12, lion: 0.05 }[optimizer] +
        { flat: 0.3, cosine: 0, steps: 0.15, linear: 0.05 }[schedule] +
        [0.5, 0.35, 0.2, 0.6, 0, 0.4, 0.1, 0.55, 0.25, 0.45, 0.3, 0.7][place] +
        0.1 * square(['xs', 's', 'm', 'l', 'xl'].indexOf(size) - 3) +
        0.3 * square(Math.log10(rate) - wanted) +
        0.03 * square(Math.log10(decay) + 4) +
        4 * square(smooth - 0.1)
      );
    },
  },
  {
    name: 'kernels',
    kind: 'conditional and nested, 4 branches',
    space: {
      model: ['svm', 'forest', 'ridge'],
      c: { low: 1e-3, high: 1e3, log: true, when: { model: 'svm' } },
      kernel: { options: ['rbf', 'poly'], when: { model: 'svm' } },
      gamma: { low: 1e-4, high: 10, log: true, when: { kernel: 'rbf' } },
      degree: { low: 2, high: 6, integer: true, when: { kernel: 'poly' } },
      trees: { low: 10, high: 1000, log: true, integer: true, when: { model: 'forest' } },
      share: { low: 0.1, high: 1, when: { model: 'forest' } },
      alpha: { low: 1e-4, high: 1e2, log: true, when: { model: 'ridge' } },
    },
    least: 0,
    of: ({ model, c, kernel, gamma, degree, trees, share, alpha }) => {
      if (model === 'ridge') return 0.5 + 0.05 * square(Math.log10(alpha) - 1);
      if (model === 'forest') return 0.15 + 0.2 * square(3 - Math.log10(trees)) + square(share - 0.35);
      const cost = 0.1 * square(Math.log10(c) - 1.5);
      if (kernel === 'poly') return 0.1 + cost + 0.1 * square(degree - 3);
      return cost + 0.4 * square(Math.log10(gamma) + 2 + 0.5 * (Math.log10(c) - 1.5));
    },
  },
  {
    name: 'noisy-bowl',
    kind: 'a bowl with noise of a fifth of its deviation, 5 floats',
    space: axes(5, { low: -3, high: 5 }),
    least: 0,
    noise: 2,
    of: (params) => sum(vector(params, 5).map((value, k) => (1 + k / 2) * square(value - middles[k]))) / 2,
  },
  {
    name: 'noisy-shekel',
    kind: 'holes with noise, 3 floats and a category',
    space: { ...axes(3, { low: 0, high: 10 }), side: ['a', 'b', 'c'] },
    least: 0,
    noise: 0.15,
    of: ({ x0, x1, x2, side }) => {
      const at = { a: [3, 6, 5], b: [7, 2, 4], c: [5, 5, 8] }[side];
      const far = square(x0 - at[0]) + square(x1 - at[1]) + 0.5 * square(x2 - at[2]);
      return { a: 0, b: 0.3, c: 0.6 }[side] + 2 - 2 / (1 + far / 8);
    },
  },
  {
    name: 'grid',
    kind: 'steps, whole numbers and switches, 9 axes',
    space: {
      a: { low: 0, high: 1, step: 0.05 },
      b: { low: -2, high: 2, step: 0.25 },
      c: { low: 1, high: 30, integer: true },
      d: { low: 1, high: 30, integer: true },
      e: { low: 16, high: 512, step: 16, integer: true },
      f: [true, false],
      g: [true, false],
      h: { low: 0, high: 1, integer: true },
      i: { options: [1, 2, 4, 8, 16], ordered: true },
    },
    least: 0,
    of: ({ a, b, c, d, e, f, g, h, i }) =>
      2 * Math.abs(a - 0.35) +
      0.5 * square(b - 0.75) +
      0.05 * Math.abs(c - 2 * d + 7) +
      0.02 * Math.abs(d - 11) +
      Math.abs(Math.log2(e / 208)) +
      (f ? 0 : 0.3) +
      (f === g ? 0.2 : 0) +
      (h === 1 ? 0 : 0.4) +
      0.15 * Math.abs(Math.log2(i) - 2),
  },
];
