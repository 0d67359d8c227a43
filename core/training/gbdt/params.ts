import * as z from 'zod';
import { unknownName } from '../../nearest.ts';

const shape = {
  /**
   * What a regression minimises: the squared error (its mean), the absolute error (the median), the error of the quantile
   * `alpha`, or Poisson's deviance of counts (the logarithm of the mean is a sum of trees). Classes have one loss, the log loss.
   */
  objective: z.enum(['squared', 'absolute', 'quantile', 'poisson']).optional(),
  /** The quantile that `objective: quantile` predicts. */
  alpha: z.number().gt(0).lt(1).default(0.9),
  /** Keeps the steps of `objective: poisson` short. */
  poisson_max_delta_step: z.number().positive().default(0.7),
  learning_rate: z.number().positive().max(1).default(0.1),
  /** Leaves a tree. */
  leaves: z.int().min(2).max(1024).default(31),
  /** The least rows in a leaf, estimated from the hessian as LightGBM does. */
  min_data: z.int().min(1).default(20),
  /** The least sum of hessians in a leaf. */
  min_hessian: z.number().min(0).default(1e-3),
  /** A split that gains no more is not made. */
  min_gain_to_split: z.number().min(0).default(0),
  l1: z.number().min(0).default(0),
  l2: z.number().min(0).default(0),
  /** The share of the features that a tree may use, drawn anew for each. */
  feature_fraction: z.number().positive().max(1).default(1),
  /** The share of those that a node may use, drawn anew for each. */
  feature_fraction_bynode: z.number().positive().max(1).default(1),
  /** The share of the rows that a round learns from. */
  bagging_fraction: z.number().positive().max(1).default(1),
  /** After so many rounds those rows are drawn anew. */
  bagging_freq: z.int().min(1).default(1),
  /**
   * A trial ends when the validation side's loss (the one that is minimised) has not improved for so many rounds, and keeps
   * the rounds up to its best one; never where it is not given.
   */
  early_stopping_rounds: z.int().min(1).optional(),
  /** Splits on the way to a leaf; unbounded where it is not given. */
  max_depth: z.int().min(1).optional(),
  /** What a row of the second class of two counts beside one of the first. */
  scale_pos_weight: z.number().positive().default(1),
  /** Both of two classes count alike, by more for the rarer one's rows. */
  is_unbalance: z.boolean().default(false),
  /** `balanced`: all classes count alike, as scikit-learn and LightGBM's classifier have it. */
  class_weight: z.enum(['none', 'balanced']).default('none'),
  /** Columns with which the prediction may only rise (1) or fall (-1): `price: -1, size: 1`. */
  monotone_constraints: z.string().default(''),
};

/** What one trial may choose. Names and defaults are LightGBM's, under its longer or its shorter alias. */
export const GbdtParams = z.strictObject(shape, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? unknownName('gbdt has no parameter', String(issue.keys[0]), Object.keys(shape))
      : undefined,
});
export type GbdtParams = z.infer<typeof GbdtParams>;

/** LightGBM's defaults for splits by category, which are not searched. */
export const categorical = {
  /** Categories with fewer rows in a node stay right; added to the hessian where categories are ordered. */
  smooth: 10,
  /** Added to l2 on both sides of such a split. */
  l2: 10,
  /** The most categories on the side that is listed. */
  maxListed: 32,
  /** The least rows that a scan adds before it tries a split, and that remain right. */
  minGroup: 100,
  /** With so few categories, each is tried against the rest. */
  maxOneHot: 4,
} as const;
