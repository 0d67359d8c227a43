import { factorOf, forwardBy, type Matrix } from './gp/cholesky.ts';

/** What an evolution strategy of so many numbers and so many trials a generation goes by. */
export interface Strategy {
  readonly size: number;
  readonly population: number;
  /** Of a generation's trials from the best on; those of the worse half are below 0. */
  readonly weights: readonly number[];
  readonly effective: number;
  /** How fast the paths forget, and the rates of learning. */
  readonly rates: Readonly<Record<'sigma' | 'damping' | 'path' | 'one' | 'rest', number>>;
}

/** The normal distribution that trials are drawn from, mean + sigma N(0, covariance), and what it remembers. */
export interface Evolution {
  readonly generation: number;
  readonly mean: Float64Array;
  readonly sigma: number;
  readonly covariance: Matrix;
  readonly sigmaPath: Float64Array;
  readonly path: Float64Array;
}

/** So many trials make a generation by default: equation 48 of the tutorial. */
export const populationOf = (size: number): number => 4 + Math.floor(3 * Math.log(size));

/** The defaults of N. Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, table 1 (equations 49 to 56). */
export function strategyOf(size: number, population: number): Strategy {
  const raw = Array.from({ length: population }, (_, k) => Math.log((population + 1) / 2) - Math.log(k + 1));
  const half = Math.floor(population / 2);
  const effective = effectiveOf(raw.slice(0, half));
  const effectiveRest = effectiveOf(raw.slice(half));
  const one = 2 / ((size + 1.3) ** 2 + effective);
  const rest = Math.min(1 - one, (2 * (effective - 2 + 1 / effective)) / ((size + 2) ** 2 + effective));
  const most = Math.min(
    1 + one / rest,
    1 + (2 * effectiveRest) / (effective + 2),
    (1 - one - rest) / (size * rest),
  );
  const positive = sumOf(raw.filter((weight) => weight > 0));
  const negative = -sumOf(raw.filter((weight) => weight < 0));
  const sigma = (effective + 2) / (size + effective + 5);
  return {
    size,
    population,
    weights: raw.map((weight) => (weight >= 0 ? weight / positive : (most * weight) / negative)),
    effective,
    rates: {
      sigma,
      damping: 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (size + 1)) - 1) + sigma,
      path: (4 + effective / size) / (size + 4 + (2 * effective) / size),
      one,
      rest,
    },
  };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const effectiveOf = (weights: readonly number[]): number =>
  sumOf(weights) ** 2 / sumOf(weights.map((weight) => weight ** 2));

export function begin(mean: Float64Array, sigma: number): Evolution {
  const size = mean.length;
  const covariance = new Float64Array(size * size);
  for (let k = 0; k < size; k++) covariance[k * size + k] = 1;
  const [sigmaPath, path] = [new Float64Array(size), new Float64Array(size)];
  return { generation: 0, mean, sigma, covariance, sigmaPath, path };
}

/**
 * The distribution after a generation, whose places stand from the best on (equations 41 to 47). The path of the step size
 * goes by the triangular root of the covariance in place of the symmetric one (Krause, Arbonès and Igel, NIPS 2016), and places
 * that the distribution would hardly have drawn are drawn in (Hansen, "Injecting External Solutions Into CMA-ES", 2011).
 * Undefined where the covariance is no longer one.
 */
export function evolve(
  strategy: Strategy,
  { generation, mean, sigma, covariance, sigmaPath, path }: Evolution,
  places: readonly Float64Array[],
): Evolution | undefined {
  const { size, weights, effective, rates } = strategy;
  const factor = factorOf(covariance, size);
  if (!factor) return undefined;
  const steps = places.map((place) => stepTo(place, mean, sigma, factor));
  const shift = weighted(
    steps.map(({ step }) => step),
    weights.map((weight) => Math.max(0, weight)),
  );
  const white = forwardBy(factor, shift);
  const newSigmaPath = follow(sigmaPath, white, rates.sigma, effective);
  const length = lengthOf(newSigmaPath);
  const usual = Math.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size * size));
  const settled = length / Math.sqrt(1 - (1 - rates.sigma) ** (2 * (generation + 1)));
  const heeds = settled < (1.4 + 2 / (size + 1)) * usual;
  const newPath = heeds
    ? follow(path, shift, rates.path, effective)
    : path.map((value) => (1 - rates.path) * value);
  const lost = heeds ? 0 : rates.path * (2 - rates.path);
  const kept = 1 + rates.one * lost - rates.one - rates.rest * sumOf(weights);
  const next = covariance.map((value) => kept * value);
  addSquare(next, newPath, rates.one);
  for (const [k, { step, length: far }] of steps.entries()) {
    const weight = weights[k]!;
    addSquare(next, step, rates.rest * (weight >= 0 ? weight : (weight * size) / Math.max(far ** 2, 1e-12)));
  }
  return {
    generation: generation + 1,
    mean: mean.map((value, k) => value + sigma * shift[k]!),
    sigma: sigma * Math.exp(Math.min(1, (rates.sigma / rates.damping) * (length / usual - 1))),
    covariance: next,
    sigmaPath: newSigmaPath,
    path: newPath,
  };
}

/** The step to a place in units of sigma, at most as long as draws nearly always are, and that length. */
function stepTo(place: Float64Array, mean: Float64Array, sigma: number, factor: Matrix) {
  const size = mean.length;
  const step = place.map((value, k) => (value - mean[k]!) / sigma);
  const length = lengthOf(forwardBy(factor, step));
  const most = Math.sqrt(size) + (2 * size) / (size + 2);
  if (length <= most) return { step, length };
  return { step: step.map((value) => (value * most) / length), length: most };
}

function weighted(steps: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const sum = new Float64Array(steps[0]!.length);
  for (const [i, step] of steps.entries())
    for (let k = 0; k < sum.length; k++) sum[k]! += weights[i]! * step[k]!;
  return sum;
}

/** The path after one step more. */
function follow(path: Float64Array, step: Float64Array, rate: number, effective: number): Float64Array {
  const scale = Math.sqrt(rate * (2 - rate) * effective);
  return path.map((value, k) => (1 - rate) * value + scale * step[k]!);
}

const lengthOf = (vector: Float64Array): number =>
  Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

function addSquare(matrix: Matrix, vector: Float64Array, weight: number): void {
  const size = vector.length;
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) matrix[i * size + j]! += weight * vector[i]! * vector[j]!;
}
