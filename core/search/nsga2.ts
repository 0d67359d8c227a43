import { stream } from '../chance.ts';
import type { Scalar, TrialNumber } from '../contracts/names.ts';
import type { Dimension } from '../contracts/space.ts';
import type { Domain } from './allowed.ts';
import { orderOf } from './pareto.ts';
import { sampleRandom } from './random.ts';
import { sampleSobol } from './sobol.ts';
import {
  type Axis,
  drawParams,
  groupsOf,
  type Params,
  type Space,
  unitOf,
  valueAt,
  valueCount,
} from './space.ts';
import { byRung, type Observed } from './tpe.ts';

export interface Nsga2Options {
  /** So many trials are spread evenly; then at least so many of the best are the parents of the next. */
  readonly population: number;
}

/** How near to its parents a child is, and to itself after a mutation: the greater the nearer. Of thousands of trials 20 is usual. */
const nearness = { parents: 5, self: 5 };
/** Parents are the best fifteenth of the trials, however many there are, and no fewer than the population. */
const parentShare = 1 / 15;
const crossoverShare = 0.9;
/** So many children may be like a trial that is there, or not allowed, before one is drawn at random. */
const mostChildren = 40;

/**
 * NSGA-II (Deb, Pratap, Agarwal and Meyarivan, IEEE TEC 2002) without generations: whenever a trial is asked for, the best of
 * all that ended, by front and then by room, are its possible parents (a steady state, as in Nebro and Durillo, "On the Effect of
 * the Steady-State Selection Scheme in Multi-Objective Genetic Algorithms", EMO 2009). So no lane waits for a generation,
 * and a proposal is a pure function: the order of `observed` makes no difference.
 *
 * Tournaments of two choose the parents; numbers are crossed by simulated binary crossover and mutated polynomially (both
 * Deb), choices are taken from either parent and drawn anew. A parameter that one parent alone has is taken from that one.
 */
export function sampleNsga2(
  domain: Domain,
  trial: TrialNumber,
  observed: readonly Observed[],
  { population }: Nsga2Options,
): Params {
  const ended = observed.filter(({ state }) => state.kind !== 'running').length;
  const parents = parentsOf(observed).slice(0, Math.max(population, Math.ceil(parentShare * ended)));
  if (ended < population || parents.length < 2) return sampleSobol(domain, trial);
  const next = stream(`${domain.seed}/${trial}/nsga2`);
  const there = new Set(observed.map(({ params }) => JSON.stringify(params)));
  for (let draw = 0; draw < mostChildren; draw++) {
    const child = childOf(domain.space, tournament(parents, next), tournament(parents, next), next);
    if (!there.has(JSON.stringify(child)) && (domain.allowed?.(child) ?? true)) return child;
  }
  return sampleRandom(domain, trial);
}

/** The best first: those of the highest rung, by front and room, then the others. */
const parentsOf = (observed: readonly Observed[]): Params[] =>
  byRung(observed).flatMap((peers) =>
    orderOf(peers.map(({ losses }) => losses)).map((place) => peers[place]!.params),
  );

/** The better of two. */
function tournament(parents: readonly Params[], next: () => number): Params {
  const draw = () => Math.floor(next() * parents.length);
  return parents[Math.min(draw(), draw())]!;
}

function childOf(space: Space, mother: Params, father: Params, next: () => number): Params {
  const crossed = next() < crossoverShare;
  const free = groupsOf(space).flatMap(({ axes }) =>
    axes.filter(({ dimension }) => valueCount(dimension) > 1),
  );
  return drawParams(space, ({ name, dimension }: Axis): Scalar => {
    // What a point of the study pins here was another value of its parents.
    if (valueCount(dimension) === 1) return valueAt(dimension, 0);
    const values = [mother[name], crossed ? father[name] : undefined].filter((value) => value !== undefined);
    const [one, other = one] = values;
    if (one === undefined || other === undefined) return valueAt(dimension, next());
    const own = crossoverOf(dimension, one, other, next);
    return next() < 1 / free.length ? mutated(dimension, own, next) : own;
  });
}

const isUnordered = (dimension: Dimension): boolean => dimension.kind === 'choice' && !dimension.ordered;

/** Simulated binary crossover: one of the two children, which lie about the parents as far apart as these are. */
function crossoverOf(dimension: Dimension, mother: Scalar, father: Scalar, next: () => number): Scalar {
  const [whether, side, u] = [next(), next(), next()];
  const one = side < 0.5 ? mother : father;
  const other = side < 0.5 ? father : mother;
  const [near, far] = [unitOf(dimension, one), unitOf(dimension, other)];
  if (near === far || whether < 0.5 || isUnordered(dimension)) return one;
  const [low, high] = [Math.min(near, far), Math.max(near, far)];
  const power = nearness.parents + 1;
  // Bounded: a child beyond the end of the axis has no part in the distribution.
  const room = near === low ? low : 1 - high;
  const alpha = 2 - (1 + (2 * room) / (high - low)) ** -power;
  const spread = u * alpha <= 1 ? (u * alpha) ** (1 / power) : (1 / (2 - u * alpha)) ** (1 / power);
  const away = 0.5 * (1 - spread) * (far - near);
  return valueAt(dimension, inside(near + away));
}

/** Polynomial mutation; a choice is drawn anew, and a number that stays what it is goes to its neighbour. */
function mutated(dimension: Dimension, value: Scalar, next: () => number): Scalar {
  if (isUnordered(dimension)) return valueAt(dimension, next());
  const unit = unitOf(dimension, value);
  const u = next();
  const power = nearness.self + 1;
  const shift =
    u < 0.5
      ? (2 * u + (1 - 2 * u) * (1 - unit) ** power) ** (1 / power) - 1
      : 1 - (2 * (1 - u) + (2 * u - 1) * unit ** power) ** (1 / power);
  const moved = valueAt(dimension, inside(unit + shift));
  if (moved !== value) return moved;
  return valueAt(dimension, inside(unit + Math.sign(shift) / valueCount(dimension)));
}

/** Of [0, 1): 1 itself is no quantile. */
const inside = (unit: number): number => Math.min(1 - 2 ** -32, Math.max(0, unit));
