import { shuffled, stream } from '../../chance.ts';
import type { TrialNumber } from '../../contracts/names.ts';
import type { Domain } from '../allowed.ts';
import { sampleRandom } from '../random.ts';
import type { Params } from '../space.ts';
import type { Observed } from '../tpe.ts';
import { bestPlace, regionOf, startsAround } from './climb.ts';
import { improvement, within } from './gain.ts';
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
import { realPartOf } from './noise.ts';
import { allowedOf, type Layout, layoutOf, paramsAt, placeOf, placesOf } from './places.ts';

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
  const gain = within(
    study,
    layout,
    improvement(process, Math.min(...process.means), realPartOf(hyper.noise)),
  );
  const region = regionOf(layout, centreOf(seen, process), trial, next);
  const starts = allowedOf(study, layout, trial, startsAround(layout, seen, known.length, region, next));
  const best = bestPlace(layout, gain, starts, seen, region);
  return best ? paramsAt(layout, best) : sampleRandom(study, trial);
}

/** The place of the least mean. */
function centreOf({ rows, width }: Places, { means }: Process): Float64Array {
  const at = means.indexOf(Math.min(...means));
  return rows.subarray(at * width, (at + 1) * width);
}

/**
 * The first trials: each axis in as many parts as there are of them, one trial a part (McKay, Beckman and Conover, 1979); but the first of all
 * has its numbers in the middle, since ranges are written around what is likely.
 */
function sampleEvenly(study: Domain, layout: Layout, trial: TrialNumber, startup: number): Params {
  if (trial >= startup) return sampleRandom(study, trial);
  const place = new Float64Array(layout.numbers.length + layout.codes.length);
  for (const [k, { name, dimension }] of [...layout.numbers, ...layout.codes].entries()) {
    const part = shuffled(startup, stream(`${study.seed}/${name}/even`))[trial]!;
    const unit = (part + stream(`${study.seed}/${trial}/${name}`)()) / startup;
    const options = dimension.kind === 'choice' ? dimension.options.length : 1;
    place[k] =
      k < layout.numbers.length
        ? trial === 0
          ? 0.5
          : unit
        : Math.min(options - 1, Math.floor(unit * options));
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
