// The functions of several values that samplers are compared on, written before the samplers were tuned: the usual ones of the
// literature (Zitzler, Deb and Thiele 2000; Deb, Thiele, Laumanns and Zitzler 2002) and a mixed one. All values are to be
// made small; `volume` is what the true front dominates below `reference`.

const axes = (count, axis) => Object.fromEntries(Array.from({ length: count }, (_, k) => [`x${k}`, axis]));
const vector = (params, count) => Array.from({ length: count }, (_, k) => params[`x${k}`]);
const sum = (values) => values.reduce((all, value) => all + value, 0);
const square = (value) => value * value;

/** ZDT's functions but for the shape of their front: the first axis goes along it, the others away from it. */
const zdt = (shape) => (params) => {
  const [first, ...others] = vector(params, 30);
  const away = 1 + (9 * sum(others)) / others.length;
  return [first, away * shape(first / away)];
};

/** Sizes 1 to 64, and the error of the best trees of each; a linear model has one of 0.75 whatever its size. */
const sizes = Array.from({ length: 64 }, (_, k) => (k + 1) / 64);
const errorOf = (size) => 1 - Math.sqrt(size);

/**
 * @typedef {object} Benchmark
 * @property {string} name
 * @property {string} kind
 * @property {object} space
 * @property {readonly number[]} reference
 * @property {number} volume
 * @property {(params: Record<string, any>) => number[]} of
 */

/** @type {readonly Benchmark[]} */
export const functions = [
  {
    name: 'zdt1',
    kind: 'convex front, 30 floats, 2 objectives',
    space: axes(30, { low: 0, high: 1 }),
    reference: [1.1, 7],
    volume: 7 - 1 / 3 + 0.1 * 7,
    of: zdt((ratio) => 1 - Math.sqrt(ratio)),
  },
  {
    name: 'zdt2',
    kind: 'concave front, 30 floats, 2 objectives',
    space: axes(30, { low: 0, high: 1 }),
    reference: [1.1, 7],
    volume: 7 - 2 / 3 + 0.1 * 7,
    of: zdt((ratio) => 1 - square(ratio)),
  },
  {
    name: 'dtlz2',
    kind: 'a part of a sphere, 12 floats, 3 objectives',
    space: axes(12, { low: 0, high: 1 }),
    reference: [2, 2, 2],
    volume: 8 - Math.PI / 6,
    of: (params) => {
      const [a, b, ...others] = vector(params, 12);
      const away = 1 + sum(others.map((value) => square(value - 0.5)));
      const [u, v] = [(a * Math.PI) / 2, (b * Math.PI) / 2];
      return [away * Math.cos(u) * Math.cos(v), away * Math.cos(u) * Math.sin(v), away * Math.sin(u)];
    },
  },
  {
    name: 'mixed',
    kind: 'size and error of three kinds of model, conditional, 3 to 5 axes, 2 objectives',
    space: {
      kind: ['trees', 'dart', 'linear'],
      size: { low: 1, high: 64, log: true, integer: true },
      rate: { low: 1e-4, high: 1, log: true, when: { kind: ['trees', 'dart'] } },
      depth: { low: 1, high: 12, integer: true, when: { kind: ['trees', 'dart'] } },
      drop: { low: 0, high: 1, when: { kind: 'dart' } },
      alpha: { low: 1e-6, high: 10, log: true, when: { kind: 'linear' } },
    },
    reference: [1.1, 2],
    volume: sum(sizes.map((size, k) => ((sizes[k + 1] ?? 1.1) - size) * (2 - Math.min(0.75, errorOf(size))))),
    of: ({ kind, size, rate, depth, drop, alpha }) => {
      const share = size / 64;
      if (kind === 'linear') return [share, 0.75 + 0.05 * square(Math.log10(alpha) + 2)];
      const trees = 0.25 * square(Math.log10(rate) + 1.5) + 0.02 * square(depth - 5);
      return [share, errorOf(share) + (kind === 'trees' ? 0.05 + trees : trees + 2 * square(drop - 0.2))];
    },
  },
];
