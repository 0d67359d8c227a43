import * as z from 'zod';
import { unknownName } from '../../nearest.ts';

const shape = {
  learning_rate: z.number().positive().max(1).default(0.1),
  /** Leaves a tree. */
  leaves: z.int().min(2).max(1024).default(31),
  /** The least rows in a leaf, estimated from the hessian as LightGBM does. */
  min_data: z.int().min(1).default(20),
  /** The least sum of hessians in a leaf. */
  min_hessian: z.number().min(0).default(1e-3),
  l1: z.number().min(0).default(0),
  l2: z.number().min(0).default(0),
  /** The share of the features that a tree may use, drawn anew for each. */
  feature_fraction: z.number().positive().max(1).default(1),
  /** The share of the rows that a tree learns from, drawn anew for each. */
  bagging_fraction: z.number().positive().max(1).default(1),
  /**
   * A trial ends when the validation side's log loss has not improved for so many rounds, and keeps the rounds up to its
   * best one; never where it is not given.
   */
  early_stopping_rounds: z.int().min(1).optional(),
  /** Splits on the way to a leaf; unbounded where it is not given. */
  max_depth: z.int().min(1).optional(),
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
