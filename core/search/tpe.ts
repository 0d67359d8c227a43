import { stream } from '../chance.ts';
import type { Scalar, TrialNumber } from '../contracts/names.ts';
import type { Domain } from './allowed.ts';
import { widestOf } from './hypervolume.ts';
import type { Losses } from './pareto.ts';
import { codeOf, type Density, type Point, paramOf, parzen } from './parzen.ts';
import { sampleRandom } from './random.ts';
import { type AxisGroup, groupsOf, isThere, type Params } from './space.ts';

/** A trial that was begun, as the sampler sees it. */
export interface Observed {
  readonly number: TrialNumber;
  readonly params: Readonly<Record<string, Scalar>>;
  /** `value`: at the highest rung that it finished, as a loss for each objective. `running`: on the way to its first rung. */
  readonly state:
    | { readonly kind: 'value'; readonly rung: number; readonly losses: Losses }
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
 * Axes of one condition are drawn together, from the trials that had them, after those that the condition is about.
 *
 * The best tenth of the trials are good: those that reached the highest rung first, then by loss. The others are bad, and so
 * are failed trials and those that run ("constant liar"), so that lanes which ask together are sent to different places.
 */
export function sampleTpe(
  study: Domain,
  trial: TrialNumber,
  observed: readonly Observed[],
  { startup, candidates }: TpeOptions,
): Params {
  if (observed.filter(({ state }) => state.kind !== 'running').length < startup)
    return sampleRandom(study, trial);
  const { allowed = everything } = study;
  const { good, bad } = split(observed);
  const params: Record<string, Scalar> = {};
  for (const [at, group] of groupsOf(study.space).entries()) {
    if (!isThere(group, params)) continue;
    const dimensions = group.axes.map(({ dimension }) => dimension);
    const best = bestOf(
      parzen(dimensions, pointsOf(group, good)),
      parzen(dimensions, pointsOf(group, bad)),
      candidates,
      stream(`${study.seed}/${trial}/tpe${at === 0 ? '' : `/${at}`}`),
      (point) => allowed({ ...params, ...paramsOf(group, point) }),
    );
    if (best === undefined) return sampleRandom(study, trial);
    Object.assign(params, paramsOf(group, best));
  }
  return params;
}

const everything = (): boolean => true;

const paramsOf = (group: AxisGroup, point: Point): Params =>
  Object.fromEntries(
    group.axes.map(({ name, dimension }, k) => [name, paramOf(dimension, point[k]!)] as const),
  );

/** Of the trials in which the axes of the group were there. */
const pointsOf = (group: AxisGroup, observed: readonly Observed[]): readonly Point[] =>
  observed
    .filter(({ params }) => isThere(group, params))
    .map(({ params }) => group.axes.map(({ name, dimension }) => codeOf(dimension, params[name]!)));

/** Both by their numbers, the oldest first. */
function split(observed: readonly Observed[]): { readonly good: Observed[]; readonly bad: Observed[] } {
  const ended = observed.filter(({ state }) => state.kind !== 'running').length;
  const chosen = new Set<TrialNumber>();
  for (const peers of byRung(observed)) {
    const best = widestOf(
      peers.map(({ losses }) => losses),
      goodCount(ended) - chosen.size,
    );
    for (const place of best) chosen.add(peers[place]!.number);
  }
  const byNumber = observed.toSorted((a, b) => a.number - b.number);
  return {
    good: byNumber.filter(({ number }) => chosen.has(number)),
    bad: byNumber.filter(({ number }) => !chosen.has(number)),
  };
}

/** A trial that has values. */
export interface Valued extends Pick<Observed, 'number' | 'params'> {
  readonly losses: Losses;
}

/** Those of each rung by their numbers, the highest rung first. */
export function byRung(observed: readonly Observed[]): Valued[][] {
  const rungs = new Map<number, Valued[]>();
  for (const { number, params, state } of observed.toSorted((a, b) => a.number - b.number)) {
    if (state.kind !== 'value') continue;
    const peers = rungs.get(state.rung) ?? [];
    peers.push({ number, params, losses: state.losses });
    rungs.set(state.rung, peers);
  }
  return [...rungs.entries()].sort(([a], [b]) => b - a).map(([, peers]) => peers);
}

/** A tenth, and no more than 25: what is best among thousands is not to be blurred by what is merely good. */
const goodCount = (ended: number): number => Math.min(25, Math.ceil(0.1 * ended));

/** So many draws are made for one that is allowed. */
const drawsACandidate = 20;

/**
 * The draw from `good` at which good is likeliest against bad: its expected improvement is the greatest. Undefined where none
 * of many draws is allowed.
 */
function bestOf(
  good: Density,
  bad: Density,
  candidates: number,
  next: () => number,
  isAllowed: (point: Point) => boolean,
): Point | undefined {
  let best: { readonly point: Point; readonly gain: number } | undefined;
  let weighed = 0;
  for (let draw = 0; weighed < candidates && draw < drawsACandidate * candidates; draw++) {
    const point = good.draw(next);
    if (!isAllowed(point)) continue;
    weighed++;
    const gain = good.logAt(point) - bad.logAt(point);
    if (best === undefined || gain > best.gain) best = { point, gain };
  }
  return best?.point;
}
