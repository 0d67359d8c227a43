import type { Task } from '../../contracts/task.ts';
import { FanfareError } from '../../errors.ts';
import type { GbdtParams } from './params.ts';

/** The loss that is minimised, of LightGBM's objectives. */
export type Objective =
  | { readonly kind: 'logistic' }
  | { readonly kind: 'softmax'; readonly classes: number }
  | { readonly kind: 'squared' }
  /** The error of the share-th quantile; `absolute` is that of the median, twice. */
  | { readonly kind: 'absolute' | 'quantile'; readonly share: number }
  /** `factor`: of the hessian, e to the greatest step. */
  | { readonly kind: 'poisson'; readonly factor: number };

/** Scores a row, and trees a round: one, or of more than two classes one each. */
export const outputsOf = (task: Task): number => (task.kind === 'multiclass' ? task.classes.length : 1);

/** `TrainableFailed` where the parameters do not go with the task, or with each other. */
export function objectiveOf(task: Task, params: GbdtParams): Objective {
  const { objective } = params;
  if (task.kind !== 'regression') {
    if (objective !== undefined)
      throw unfit(`objective: ${objective} is for a number, and the target is ${task.kind}`);
    const weighted = params.is_unbalance || params.scale_pos_weight !== 1;
    if (task.kind === 'multiclass' && weighted)
      throw unfit('scale_pos_weight and is_unbalance are for two classes; use class_weight: balanced');
    if (
      Number(params.is_unbalance) +
        Number(params.scale_pos_weight !== 1) +
        Number(params.class_weight === 'balanced') >
      1
    )
      throw unfit('of scale_pos_weight, is_unbalance and class_weight only one may be given');
    return task.kind === 'binary' ? { kind: 'logistic' } : { kind: 'softmax', classes: task.classes.length };
  }
  if (params.is_unbalance || params.scale_pos_weight !== 1 || params.class_weight !== 'none')
    throw unfit(
      'scale_pos_weight, is_unbalance and class_weight are for classes, and the target is a number',
    );
  return regressionOf(params);
}

function regressionOf({
  objective = 'squared',
  alpha,
  poisson_max_delta_step: step,
  monotone_constraints: monotone,
}: GbdtParams): Objective {
  if (monotone !== '' && (objective === 'absolute' || objective === 'quantile'))
    throw unfit(
      `monotone_constraints cannot be kept with objective: ${objective}, whose leaves are medians or quantiles`,
    );
  switch (objective) {
    case 'squared':
      return { kind: 'squared' };
    case 'absolute':
      return { kind: 'absolute', share: 0.5 };
    case 'quantile':
      // As LightGBM keeps it.
      return { kind: 'quantile', share: Math.fround(alpha) };
    case 'poisson':
      return { kind: 'poisson', factor: Math.exp(step) };
  }
}

const unfit = (why: string): FanfareError => new FanfareError('TrainableFailed', `gbdt: ${why}`);
