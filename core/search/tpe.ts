import { stream } from '../chance.ts';
import type { Scalar, TrialNumber } from '../contracts/names.ts';
import type { Study } from '../contracts/study.ts';
import { codeOf, type Density, type Point, paramOf, parzen } from './parzen.ts';
import { sampleRandom } from './random.ts';

/** A trial that was begun, as the sampler sees it. */
export interface Observed {
  readonly number: TrialNumber;
  readonly params: Readonly<Record<string, Scalar>>;
  /** `value`: at the highest rung that it finished, as a loss. `running`: on the way to its first rung. */
  readonly state:
    | { readonly kind: 'value'; readonly rung: number; readonly loss: number }
    | { readonly kind: 'failed' | 'running' };
}

export interface TpeOptions {
  /** So many trials must have ended before the others are learnt from. */
  readonly startup: number;
  /** Of so many draws from where good trials lie, the one is taken that bad ones are farthest from. */
  readonly candidates: number;
}

/**
 * Tree-structured Parzen estimator (Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NIPS 2011), in the
 * multivariate form and with the settings of Optuna 5's TPESampler. A pure function: the order of `observed` makes no difference.
 *
 * The best tenth of the trials are good: those that reached the highest rung first, then by loss. The others are bad, and so
 * are failed trials and those that run ("constant liar"), so that lanes which ask together are sent to different places.
 */
export function sampleTpe(
  study: Pick<Study, 'seed' | 'space'>,
  trial: TrialNumber,
  observed: readonly Observed[],
  { startup, candidates }: TpeOptions,
): Record<string, Scalar> {
  if (observed.filter(({ state }) => state.kind !== 'running').length < startup)
    return sampleRandom(study, trial);
  const axes = Object.entries(study.space).sort(([a], [b]) => (a < b ? -1 : 1));
  const dimensions = axes.map(([, dimension]) => dimension);
  const pointOf = ({ params }: Observed): Point => axes.map(([name, axis]) => codeOf(axis, params[name]!));
  const { good, bad } = split(observed);
  const best = bestOf(
    parzen(dimensions, good.map(pointOf)),
    parzen(dimensions, bad.map(pointOf)),
    candidates,
    stream(`${study.seed}/${trial}/tpe`),
  );
  return Object.fromEntries(axes.map(([name, axis], at) => [name, paramOf(axis, best[at]!)]));
}

/** Both by their numbers, the oldest first. */
function split(observed: readonly Observed[]): { readonly good: Observed[]; readonly bad: Observed[] } {
  const ranked = observed
    .flatMap(({ number, state }) => (state.kind === 'value' ? [{ number, ...state }] : []))
    .sort((a, b) => b.rung - a.rung || a.loss - b.loss || a.number - b.number);
  const ended = observed.filter(({ state }) => state.kind !== 'running').length;
  const chosen = new Set(ranked.slice(0, goodCount(ended)).map(({ number }) => number));
  const byNumber = observed.toSorted((a, b) => a.number - b.number);
  return {
    good: byNumber.filter(({ number }) => chosen.has(number)),
    bad: byNumber.filter(({ number }) => !chosen.has(number)),
  };
}

/** A tenth, and no more than 25: what is best among thousands is not to be blurred by what is merely good. */
const goodCount = (ended: number): number => Math.min(25, Math.ceil(0.1 * ended));

/** The draw from `good` at which good is likeliest against bad: its expected improvement is the greatest. */
function bestOf(good: Density, bad: Density, candidates: number, next: () => number): Point {
  let best: { readonly point: Point; readonly gain: number } | undefined;
  for (let draw = 0; draw < candidates; draw++) {
    const point = good.draw(next);
    const gain = good.logAt(point) - bad.logAt(point);
    if (best === undefined || gain > best.gain) best = { point, gain };
  }
  return best!.point;
}
