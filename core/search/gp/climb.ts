import type { TrialNumber } from '../../contracts/names.ts';
import type { Gain } from './gain.ts';
import type { Places } from './gaussian-process.ts';
import { minimise } from './minimise.ts';
import { beside, type Layout, settled } from './places.ts';

/** What a trial is looked for in, along the numbers. */
export interface Region {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Of every so many trials one is looked for near the best alone: at most half a range away, at least a thirty-second. */
const [everyNear, halvings] = [3, 4];

/**
 * Everywhere, or around `centre`, nearer or farther: where ripples lie over a slope, everywhere is too wide for a process to
 * see the slope (after the trust regions of Eriksson et al., "Scalable Global Optimization via Local Bayesian Optimization",
 * NeurIPS 2019).
 */
export function regionOf(
  { numbers }: Layout,
  centre: Float64Array,
  trial: TrialNumber,
  next: () => number,
): Region {
  const size = numbers.length;
  const reach = trial % everyNear === 0 ? 2 ** (-1 - halvings * next()) : 1;
  return {
    low: Float64Array.from({ length: size }, (_, k) => Math.max(0, centre[k]! - reach)),
    high: Float64Array.from({ length: size }, (_, k) => Math.min(1, centre[k]! + reach)),
  };
}

const everywhere = 400;
const around = 60;
const bestSeen = 4;

/** Places to look at: drawn everywhere, and around the best that were seen, nearer and farther. */
export function startsAround(
  layout: Layout,
  seen: Places,
  known: number,
  { low, high }: Region,
  next: () => number,
): Float64Array[] {
  const { numbers, codes } = layout;
  const width = numbers.length + codes.length;
  const optionsOf = (k: number) => {
    const { dimension } = codes[k - numbers.length]!;
    return dimension.kind === 'choice' ? dimension.options.length : 1;
  };
  const anywhere = (k: number) =>
    k < numbers.length ? low[k]! + next() * (high[k]! - low[k]!) : Math.floor(next() * optionsOf(k));
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
          return Math.min(high[k]!, Math.max(low[k]!, value + spread * (next() + next() + next() - 1.5)));
        }),
      );
    }
  }
  return places.map((place) => settled(layout, place));
}

const climbs = 5;

/** The place of the greatest gain, from the most promising of `starts` on; undefined where every place was seen already. */
export function bestPlace(
  layout: Layout,
  gain: Gain,
  starts: readonly Float64Array[],
  seen: Places,
  region: Region,
): Float64Array | undefined {
  const isSeen = seenAmong(seen);
  const ranking = starts
    .map((place) => ({ place, worth: gain(place) }))
    .filter(({ place }) => !isSeen(place))
    .sort((a, b) => b.worth - a.worth);
  const climbed = ranking.slice(0, climbs).map(({ place }) => climb(layout, gain, place, region));
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
function climb(layout: Layout, gain: Gain, start: Float64Array, region: Region) {
  let best = { place: start, worth: gain(start) };
  for (let round = 0; round < 4; round++) {
    const before = best.worth;
    for (const place of [alongSlope(layout, gain, best.place, region), ...neighboursOf(layout, best.place)]) {
      const worth = gain(place);
      if (worth > best.worth) best = { place, worth };
    }
    if (best.worth - before < 1e-6) break;
  }
  return best;
}

function alongSlope(layout: Layout, gain: Gain, start: Float64Array, region: Region): Float64Array {
  const size = layout.numbers.length;
  const place = start.slice();
  const loss = (x: Float64Array, slope: Float64Array) => {
    place.set(x);
    const worth = gain(place, slope);
    for (let k = 0; k < size; k++) slope[k] = -slope[k]!;
    return -worth;
  };
  const { x } = minimise(loss, start.slice(0, size), region, 25);
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
