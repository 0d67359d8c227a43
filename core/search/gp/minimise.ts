/** A function to be made small: its value at `x`, with the slope there in `slope`. */
export type Smooth = (x: Float64Array, slope: Float64Array) => number;

interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Steps that the curvature is learnt from. */
const remembered = 8;

/**
 * The least that limited-memory BFGS finds from `start` within the bounds (Byrd et al., "A Limited Memory Algorithm for Bound
 * Constrained Optimization", 1995, with the simpler projection of Bertsekas, 1982: what stands at a bound and would leave it
 * stays). Never worse than the start; `steps` bounds the work.
 */
export function minimise(of: Smooth, start: Float64Array, { low, high }: Bounds, steps: number) {
  const size = start.length;
  let x = clamp(start.slice(), low, high);
  let slope = new Float64Array(size);
  let value = of(x, slope);
  const pairs: { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[] = [];
  for (let step = 0; step < steps; step++) {
    const free = slope.map((each, k) =>
      Number(!((x[k]! <= low[k]! && each > 0) || (x[k]! >= high[k]! && each < 0))),
    );
    const gradient = slope.map((each, k) => each * free[k]!);
    if (norm(gradient) < 1e-7 * Math.max(1, Math.abs(value))) break;
    let direction = descent(gradient, pairs).map((each, k) => each * free[k]!);
    if (!(dot(direction, gradient) < 0)) {
      pairs.length = 0;
      direction = gradient.map((each) => -each);
    }
    const first = pairs.length === 0 ? Math.min(1, 0.1 / norm(gradient)) : 1;
    const next = lineSearch(of, { x, value, gradient, direction, low, high }, first);
    if (next === undefined) {
      if (pairs.length === 0) break;
      pairs.length = 0;
      continue;
    }
    const s = next.x.map((each, k) => each - x[k]!);
    const y = next.slope.map((each, k) => each - slope[k]!);
    const curvature = dot(s, y);
    if (curvature > 1e-12 * dot(y, y)) {
      pairs.push({ s, y, rho: 1 / curvature });
      if (pairs.length > remembered) pairs.shift();
    }
    const gained = value - next.value;
    ({ x, value, slope } = next);
    if (gained < 1e-10 * Math.max(1, Math.abs(value))) break;
  }
  return { x, value };
}

/** −H⁻¹ g by the two loops of Nocedal (1980). */
function descent(
  gradient: Float64Array,
  pairs: readonly { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[],
): Float64Array {
  const q = gradient.slice();
  const alphas = pairs.map(() => 0);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, rho } = pairs[k]!;
    alphas[k] = rho * dot(s, q);
    for (let j = 0; j < q.length; j++) q[j]! -= alphas[k]! * y[j]!;
  }
  const last = pairs.at(-1);
  const scale = last ? dot(last.s, last.y) / dot(last.y, last.y) : 1;
  for (let j = 0; j < q.length; j++) q[j]! *= scale;
  for (const [k, { s, y, rho }] of pairs.entries()) {
    const beta = rho * dot(y, q);
    for (let j = 0; j < q.length; j++) q[j]! += s[j]! * (alphas[k]! - beta);
  }
  return q.map((each) => -each);
}

interface Line extends Bounds {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly direction: Float64Array;
}

/** Halves the step until the value falls as Armijo (1966) asks, along the path that the bounds bend. */
function lineSearch(of: Smooth, { x, value, gradient, direction, low, high }: Line, first: number) {
  for (let length = first, tries = 0; tries < 20; tries++, length /= 2) {
    const to = clamp(
      x.map((each, k) => each + length * direction[k]!),
      low,
      high,
    );
    const fall = to.reduce((sum, each, k) => sum + gradient[k]! * (each - x[k]!), 0);
    if (fall >= 0) return undefined;
    const slope = new Float64Array(x.length);
    const reached = of(to, slope);
    if (reached <= value + 1e-4 * fall) return { x: to, value: reached, slope };
  }
  return undefined;
}

function clamp(x: Float64Array, low: Float64Array, high: Float64Array): Float64Array {
  for (let k = 0; k < x.length; k++) x[k] = Math.min(high[k]!, Math.max(low[k]!, x[k]!));
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
