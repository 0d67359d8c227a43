import { stream } from '../chance.ts';
import type { Scalar, TrialNumber } from '../contracts/names.ts';
import type { Domain } from './allowed.ts';
import { begin, type Evolution, evolve, populationOf, type Strategy, strategyOf } from './evolution.ts';
import { factorOf } from './gp/cholesky.ts';
import { beside } from './gp/places.ts';
import { normalCdf, normalDraw } from './normal.ts';
import { sampleRandom } from './random.ts';
import { type Axis, drawParams, groupsOf, type Params, unitOf, valueAt, valueCount } from './space.ts';
import { type Observed, sampleTpe } from './tpe.ts';

/** The settings of TPE for the parameters that are no numbers, or not always there. */
const others = { startup: 10, candidates: 24 };

/**
 * The evolution strategy with covariance adaptation (CMA-ES: Hansen, arXiv:1604.00772), begun anew with a larger population
 * when it is done (IPOP: Auger and Hansen, 2005). It has the numbers that are always there, in [0, 1]; the other parameters
 * are TPE's. A pure function, in which the order of `observed` makes no difference: the generations are the trials that
 * ended, in the order of their numbers, and those that run do not count.
 */
export function sampleCmaes(study: Domain, trial: TrialNumber, observed: readonly Observed[]): Params {
  const free = groupsOf(study.space)
    .flatMap((group) => group.axes)
    .filter(({ dimension }) => valueCount(dimension) > 1);
  const axes = free.filter(isNumber);
  if (axes.length === 0) return sampleTpe(study, trial, observed, others);
  const { strategy, evolution } = replay(study.seed, axes, observed);
  const rest = axes.length < free.length ? sampleTpe(study, trial, observed, others) : {};
  const paramsAt = (place: Float64Array): Params => {
    const units = new Map(axes.map(({ name }, k) => [name, place[k]!]));
    return drawParams(study.space, ({ name, dimension }) => {
      const unit = units.get(name);
      if (unit !== undefined) return valueAt(dimension, unit);
      return rest[name] ?? valueAt(dimension, stream(`${study.seed}/${trial}/${name}`)());
    });
  };
  const isAllowed = (place: Float64Array) => study.allowed?.(paramsAt(place)) ?? true;
  const place = draw(evolution, axes, strategy, stream(`${study.seed}/${trial}/cmaes`), isAllowed);
  return isAllowed(place) ? paramsAt(place) : sampleRandom(study, trial);
}

const isNumber = ({ dimension }: Axis): boolean =>
  dimension.when === undefined && (dimension.kind !== 'choice' || dimension.ordered === true);

/** A sixth of the range, as Optuna has it. */
const firstSigma = 1 / 6;

/** What the distribution is after all whole generations. */
function replay(seed: number, axes: readonly Axis[], observed: readonly Observed[]) {
  const ended = observed
    .filter(({ state }) => state.kind !== 'running')
    .toSorted((a, b) => a.number - b.number);
  let strategy = strategyOf(axes.length, populationOf(axes.length));
  let evolution = begin(new Float64Array(axes.length).fill(0.5), firstSigma);
  let best: number[] = [];
  for (let at = 0, begun = 1; at + strategy.population <= ended.length; ) {
    const generation = ended.slice(at, at + strategy.population).sort(byWorth);
    at += strategy.population;
    const { state } = generation[0]!;
    if (state.kind !== 'value') continue;
    best.push(state.losses[0]);
    const next = evolve(
      strategy,
      evolution,
      generation.map(({ params }) => placeOf(axes, params)),
    );
    if (next && !isDone(strategy, next, best)) {
      evolution = next;
      continue;
    }
    strategy = strategyOf(axes.length, strategy.population * 2);
    const chance = stream(`${seed}/cmaes/${begun++}`);
    evolution = begin(Float64Array.from(axes, chance), firstSigma);
    best = [];
  }
  return { strategy, evolution };
}

/** Those of the highest rung first, then by loss; failed ones last. */
function byWorth(a: Observed, b: Observed): number {
  if (a.state.kind !== 'value' || b.state.kind !== 'value')
    return Number(a.state.kind !== 'value') - Number(b.state.kind !== 'value') || a.number - b.number;
  return b.state.rung - a.state.rung || a.state.losses[0] - b.state.losses[0] || a.number - b.number;
}

const placeOf = (axes: readonly Axis[], params: Readonly<Record<string, Scalar>>): Float64Array =>
  Float64Array.from(axes, ({ name, dimension }) => unitOf(dimension, params[name]!));

/** The tutorial's signs (B.3) that nothing more is to be found here: the best do not change, or all draws are alike. */
function isDone(
  { size, population }: Strategy,
  { sigma, covariance, path }: Evolution,
  best: readonly number[],
): boolean {
  const recent = best.slice(-(10 + Math.ceil((30 * size) / population)));
  const isWhole = recent.length === 10 + Math.ceil((30 * size) / population);
  const spread = Math.max(...recent) - Math.min(...recent);
  if (isWhole && spread <= 1e-12 * Math.max(1, Math.abs(recent[0]!))) return true;
  const deviations = Array.from({ length: size }, (_, k) => Math.sqrt(covariance[k * size + k]!));
  if (Math.max(...deviations) > 1e7 * Math.min(...deviations)) return true;
  return deviations.every(
    (deviation, k) => sigma * Math.max(deviation, Math.abs(path[k]!)) < 1e-12 * firstSigma,
  );
}

const mostDraws = 100;

/** A place of the distribution in [0, 1): drawn again where it lies outside or is not allowed, and folded in where that does not help. */
function draw(
  evolution: Evolution,
  axes: readonly Axis[],
  { size, population }: Strategy,
  next: () => number,
  isAllowed: (place: Float64Array) => boolean,
): Float64Array {
  const { mean, sigma } = evolution;
  const margins = axes.map((axis, k) => marginOf(axis, mean[k]!, 1 / (size * population)));
  const factor = factorOf(evolution.covariance, size)!;
  const stretches = margins.map((margin, k) => {
    const row = factor.subarray(k * size, (k + 1) * size);
    return Math.max(1, margin / (sigma * Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))));
  });
  let place = new Float64Array(size);
  for (let attempt = 0; attempt < mostDraws; attempt++) {
    const white = Float64Array.from({ length: size }, () => normalDraw(next));
    place = mean.map((middle, k) => {
      let sum = 0;
      for (let j = 0; j <= k; j++) sum += factor[k * size + j]! * white[j]!;
      return middle + sigma * stretches[k]! * sum;
    });
    if (place.every((value) => value >= 0 && value < 1) && isAllowed(place)) return place;
  }
  return place.map((value) => Math.min(1 - 2 ** -53, 1 - Math.abs(1 - (Math.abs(value) % 2))));
}

/**
 * The least deviation along an axis with steps: that at which the value in the middle is left with the probability `chance`,
 * so that no value is settled on for ever (after Hamano et al., "CMA-ES with Margin", 2022).
 */
function marginOf(axis: Axis, mean: number, chance: number): number {
  const { dimension } = axis;
  const middle = Math.min(1 - 2 ** -53, Math.max(0, mean));
  const unit = unitOf(dimension, valueAt(dimension, middle));
  const half = Math.min(...beside(axis, middle).map((other) => Math.abs(other - unit))) / 2;
  return Number.isFinite(half) ? half / deviationsFor(chance) : 0;
}

/** How many deviations a normal draw is away with that probability. */
function deviationsFor(chance: number): number {
  let [low, high] = [0, 8];
  for (let halving = 0; halving < 40; halving++) {
    const middle = (low + high) / 2;
    if (2 * normalCdf(-middle) > chance) low = middle;
    else high = middle;
  }
  return high;
}
