import { shuffled, stream } from '../../chance.ts';
import type { TrialNumber } from '../../contracts/names.ts';
import type { Domain } from '../allowed.ts';
import { sampleRandom } from '../random.ts';
import type { Params } from '../space.ts';
import type { Observed } from '../tpe.ts';
import {
  condition,
  differencesOf,
  fitFrom,
  type Hyper,
  hyperOf,
  implausibility,
  type Places,
  type Process,
  startsOf,
} from './gaussian-process.ts';
import { levelled, shares } from './level.ts';
import { logImprovement } from './log-ei.ts';
import { minimise } from './minimise.ts';
import { allowedOf, beside, type Layout, layoutOf, paramsAt, placeOf, placesOf, settled } from './places.ts';

export interface GpOptions {
  /** So many trials are spread evenly before the others are learnt from. */
  readonly startup: number;
}

/** A process over more trials would take a second: it is then told of the best, and of those around the best of all. */
const mostTrials = 150;

/**
 * Bayesian optimisation by a Gaussian process: Matérn 5/2 with a length an axis, the logarithm of the expected improvement
 * (Jones, Schonlau and Welch 1998; Ament et al. 2023), trials that run taken for what is believed of them, failed ones for
 * the worst. A pure function: the order of `observed` makes no difference.
 */
export function sampleGp(
  study: Domain,
  trial: TrialNumber,
  observed: readonly Observed[],
  { startup }: GpOptions,
): Params {
  const layout = layoutOf(study.space);
  const ended = observed.filter(({ state }) => state.kind !== 'running').length;
  const told = observed.filter(({ state }) => state.kind === 'value').length;
  if (ended < startup || told < 2 || layout.numbers.length + layout.codes.length === 0)
    return sampleEvenly(study, layout, trial, startup);
  const { known, losses } = nearBest(layout, ranked(observed));
  const running = observed
    .filter(({ state }) => state.kind === 'running')
    .toSorted((a, b) => a.number - b.number);
  const seen = placesOf(
    layout,
    [...known, ...running].map(({ params }) => params),
  );
  const { values, hyper } = learn({ ...seen, count: known.length }, losses);
  const process = condition(seen, values, hyper, running.length);
  const next = stream(`${study.seed}/${trial}/gp`);
  const gain = within(study, layout, improvement(process, Math.min(...process.means)));
  const starts = allowedOf(study, layout, trial, startsAround(layout, seen, known.length, next));
  const best = bestPlace(layout, gain, starts, seen);
  return best ? paramsAt(layout, best) : sampleRandom(study, trial);
}

/** The first trials: each axis in as many parts as there are of them, one trial a part (McKay, Beckman and Conover, 1979). */
function sampleEvenly(study: Domain, layout: Layout, trial: TrialNumber, startup: number): Params {
  if (trial >= startup) return sampleRandom(study, trial);
  const place = new Float64Array(layout.numbers.length + layout.codes.length);
  for (const [k, { name, dimension }] of [...layout.numbers, ...layout.codes].entries()) {
    const part = shuffled(startup, stream(`${study.seed}/${name}/even`))[trial]!;
    const unit = (part + stream(`${study.seed}/${trial}/${name}`)()) / startup;
    const options = dimension.kind === 'choice' ? dimension.options.length : 1;
    place[k] = k < layout.numbers.length ? unit : Math.min(options - 1, Math.floor(unit * options));
  }
  const params = paramsAt(layout, place);
  return (study.allowed?.(params) ?? true) ? params : sampleRandom(study, trial);
}

/**
 * The trials to learn from with a loss each, the best first: those of a higher rung are before those of a lower one, whose
 * losses are put behind theirs, as if one rung had gone on. Failed ones are as bad as the worst.
 */
function ranked(observed: readonly Observed[]): Ranked {
  const told = observed.flatMap((each) => (each.state.kind === 'value' ? [{ each, ...each.state }] : []));
  told.sort((a, b) => b.rung - a.rung || a.losses[0] - b.losses[0] || a.each.number - b.each.number);
  let worst = -Infinity;
  let behind = 0;
  const losses = told.map(({ rung, losses: [loss] }, k) => {
    if (k > 0 && rung !== told[k - 1]!.rung) behind = Math.max(0, worst - loss);
    worst = Math.max(worst, loss + behind);
    return loss + behind;
  });
  const failed = observed
    .filter(({ state }) => state.kind === 'failed')
    .toSorted((a, b) => a.number - b.number);
  return {
    known: [...told.map(({ each }) => each), ...failed],
    losses: [...losses, ...failed.map(() => worst)],
  };
}

interface Ranked {
  readonly known: readonly Observed[];
  readonly losses: readonly number[];
}

/** Of very many trials the best third, and those that lie nearest to the best of all. */
function nearBest(layout: Layout, { known, losses }: Ranked): Ranked {
  if (known.length <= mostTrials) return { known, losses };
  const centre = placeOf(layout, known[0]!.params);
  const kept = Math.floor(mostTrials / 3);
  const others = known.slice(kept).map(({ params }, k) => ({
    at: kept + k,
    far: placeOf(layout, params).reduce((sum, value, j) => sum + Math.min(1, (value - centre[j]!) ** 2), 0),
  }));
  const near = others.sort((a, b) => a.far - b.far || a.at - b.at).slice(0, mostTrials - kept);
  const places = [...Array(kept).keys(), ...near.map(({ at }) => at).sort((a, b) => a - b)];
  return { known: places.map((at) => known[at]!), losses: places.map((at) => losses[at]!) };
}

/** All fits are taken so many steps; then so many of them on to the end. */
const [steps, kept, stepsOfKept] = [8, 2, 35];

/** The level at which the process explains the losses best, and what it then says of itself. */
function learn(
  places: Places,
  losses: readonly number[],
): { readonly values: Float64Array; readonly hyper: Hyper } {
  const differences = differencesOf(places);
  const fits = shares.flatMap((share) => {
    const { values, stretch } = levelled(losses, share);
    const of = implausibility(places, values, differences);
    return startsOf(places.width).map((start) => ({ values, stretch, of, fit: fitFrom(of, start, steps) }));
  });
  const worthOf = ({ stretch, fit }: (typeof fits)[number]) => fit.evidence + stretch;
  const { values, fit } = fits
    .sort((a, b) => worthOf(b) - worthOf(a))
    .slice(0, kept)
    .map((each) => ({ ...each, fit: fitFrom(each.of, each.fit.theta, stepsOfKept) }))
    .reduce((best, each) => (worthOf(each) > worthOf(best) ? each : best));
  return { values, hyper: hyperOf(fit.theta) };
}

type Gain = (place: Float64Array, slope?: Float64Array) => number;

/** The logarithm of the expected improvement on `best`, and its slope along the numbers. */
const improvement =
  (process: Process, best: number): Gain =>
  (place, slope) => {
    const { mean, variance, meanSlope, varianceSlope } = process.at(place);
    const deviation = Math.sqrt(variance);
    const { log, cdf, pdf } = logImprovement((best - mean) / deviation);
    if (slope) {
      for (let k = 0; k < meanSlope.length; k++)
        slope[k] = (-cdf * meanSlope[k]! + (pdf * 0.5 * varianceSlope[k]!) / deviation) / deviation;
    }
    return log + Math.log(deviation);
  };

/** The gain, of a place that is not allowed none at all: a climb along the slope may pass through, and does not end there. */
const within =
  ({ allowed }: Domain, layout: Layout, gain: Gain): Gain =>
  (place, slope) =>
    allowed && !slope && !allowed(paramsAt(layout, place)) ? -Infinity : gain(place, slope);

const everywhere = 400;
const around = 60;
const bestSeen = 4;

/** Places to look at: drawn everywhere, and around the best that were seen, nearer and farther. */
function startsAround(layout: Layout, seen: Places, known: number, next: () => number): Float64Array[] {
  const { numbers, codes } = layout;
  const width = numbers.length + codes.length;
  const optionsOf = (k: number) => {
    const { dimension } = codes[k - numbers.length]!;
    return dimension.kind === 'choice' ? dimension.options.length : 1;
  };
  const anywhere = (k: number) => (k < numbers.length ? next() : Math.floor(next() * optionsOf(k)));
  const places = Array.from({ length: everywhere }, () =>
    Float64Array.from({ length: width }, (_, k) => anywhere(k)),
  );
  for (let i = 0; i < Math.min(bestSeen, known); i++) {
    const centre = seen.rows.subarray(i * width, (i + 1) * width);
    for (let draw = 0; draw < around; draw++) {
      const spread = 10 ** (-3 * next());
      const share = Math.max(1 / width, next());
      places.push(
        centre.map((value, k) => {
          if (next() > share) return value;
          if (k >= numbers.length) return anywhere(k);
          return Math.min(1, Math.max(0, value + spread * (next() + next() + next() - 1.5)));
        }),
      );
    }
  }
  return places.map((place) => settled(layout, place));
}

const climbs = 5;

/** The place of the greatest gain, from the most promising of `starts` on; undefined where every place was seen already. */
function bestPlace(
  layout: Layout,
  gain: Gain,
  starts: readonly Float64Array[],
  seen: Places,
): Float64Array | undefined {
  const isSeen = seenAmong(seen);
  const ranking = starts
    .map((place) => ({ place, worth: gain(place) }))
    .filter(({ place }) => !isSeen(place))
    .sort((a, b) => b.worth - a.worth);
  const climbed = ranking.slice(0, climbs).map(({ place }) => climb(layout, gain, place));
  return [...climbed, ...ranking]
    .filter(({ place }) => !isSeen(place))
    .reduce<{ place: Float64Array; worth: number } | undefined>(
      (best, each) => (best === undefined || each.worth > best.worth ? each : best),
      undefined,
    )?.place;
}

function seenAmong({ rows, count, width }: Places): (place: Float64Array) => boolean {
  const keys = new Set(
    Array.from({ length: count }, (_, i) => rows.subarray(i * width, (i + 1) * width).join()),
  );
  return (place) => keys.has(place.join());
}

/** Along the slope, then over the options and the neighbours on grids one by one, until nothing is better. */
function climb(layout: Layout, gain: Gain, start: Float64Array) {
  let best = { place: start, worth: gain(start) };
  for (let round = 0; round < 4; round++) {
    const before = best.worth;
    for (const place of [alongSlope(layout, gain, best.place), ...neighboursOf(layout, best.place)]) {
      const worth = gain(place);
      if (worth > best.worth) best = { place, worth };
    }
    if (best.worth - before < 1e-6) break;
  }
  return best;
}

function alongSlope(layout: Layout, gain: Gain, start: Float64Array): Float64Array {
  const size = layout.numbers.length;
  const place = start.slice();
  const loss = (x: Float64Array, slope: Float64Array) => {
    place.set(x);
    const worth = gain(place, slope);
    for (let k = 0; k < size; k++) slope[k] = -slope[k]!;
    return -worth;
  };
  const bounds = { low: new Float64Array(size), high: new Float64Array(size).fill(1) };
  const { x } = minimise(loss, start.slice(0, size), bounds, 25);
  place.set(x);
  return settled(layout, place);
}

function neighboursOf(layout: Layout, place: Float64Array): Float64Array[] {
  const { numbers, codes } = layout;
  const changed = (k: number, value: number) => {
    const other = place.slice();
    other[k] = value;
    return settled(layout, other);
  };
  const onGrids = numbers.flatMap((axis, k) => beside(axis, place[k]!).map((unit) => changed(k, unit)));
  const options = codes.flatMap(({ dimension }, k) =>
    (dimension.kind === 'choice' ? dimension.options : []).map((_, code) =>
      changed(numbers.length + k, code),
    ),
  );
  return [...onGrids, ...options];
}
