import { keys } from '../contracts/keys.ts';
import { Prior, type PriorTrial } from '../contracts/prior.ts';
import type { Study } from '../contracts/study.ts';
import { digestOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { readObject } from '../steps/objects.ts';
import type { ObjectStore } from '../store.ts';
import type { Losses } from './pareto.ts';
import type { Observed } from './tpe.ts';

/** The study with what its samplers are shown of other studies, if anything. */
export async function withPrior(store: ObjectStore, study: Study): Promise<Study> {
  if (study.prior === undefined) return study;
  const key = keys.prior(study.study);
  const shown = await readObject(store, key, Prior);
  if ((await digestOf(shown)) === study.prior.digest) return { ...study, shown };
  throw new FanfareError('BadTable', `${key} is not what the study was begun with: its digest is another`);
}

/** Once so many trials of the study's own have ended, what is not comparable with them is shown no more. */
const enough = 10;
/** Below all rungs of the study's own, and below a first rung of which some folds were told. */
const belowAll = -2;

/**
 * The trials of other studies as samplers see them, with numbers below 0. Those of a study that did the same stand on the rungs
 * that they reached. Of another nothing but the order counts: its trials stand below all of the study's own, and make way for
 * them. CMA-ES, which goes by the order alone and has no memory but its generations, keeps them.
 */
export function priorsOf(study: Study, own: readonly Observed[]): Observed[] {
  if (study.prior === undefined) return [];
  if (study.shown === undefined) throw new Error(`study ${study.study} was read without its prior`);
  const ended = own.filter(({ state }) => state.kind !== 'running').length;
  const isShown = ended < enough || study.sampler.kind === 'cmaes';
  const top = study.scheduler.rungs.length - 1;
  const widths = widthsOf(own);
  const states = study.shown.sources.flatMap(({ alike, trials }) => {
    if (alike)
      return trials.map(({ losses, below, params }) => ({ params, rung: top - below, losses: [...losses] }));
    if (!isShown) return [];
    return trials.map((each) => {
      const ranks = ranksOf(each, trials);
      const losses = ranks.map((rank, k) => rank * (widths[k] ?? 1));
      return { params: each.params, rung: belowAll - each.below, losses };
    });
  });
  return states.map(({ params, rung, losses: [first, ...others] }, k) => ({
    number: -1 - k,
    params,
    state: { kind: 'value', rung, losses: [first!, ...others] },
  }));
}

/** For each objective the share of its peers, those that ended on the same rung, that are better. */
function ranksOf({ losses, below }: PriorTrial, trials: readonly PriorTrial[]): readonly number[] {
  const peers = trials.filter((each) => each.below === below);
  return losses.map((loss, k) => peers.filter((each) => each.losses[k]! < loss).length / peers.length);
}

/** How far apart the losses of the study's own trials are, an objective; none where that is not known. */
function widthsOf(own: readonly Observed[]): readonly number[] {
  const losses = own.flatMap(({ state }): Losses[] => (state.kind === 'value' ? [state.losses] : []));
  return (losses[0] ?? []).map((_, k) => {
    const values = losses.map((each) => each[k]!).filter(Number.isFinite);
    return Math.max(...values) - Math.min(...values) || 1;
  });
}
