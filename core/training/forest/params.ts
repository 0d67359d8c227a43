import * as z from 'zod';
import { unknownName } from '../../nearest.ts';

const shape = {
  /**
   * What a split makes least: `gini` (the default for classes) or `entropy`; a regression's is the squared error.
   */
  criterion: z.enum(['gini', 'entropy', 'squared_error']).optional(),
  /** The features that a node may choose from, drawn anew for each: a share of them, or their root (the default for classes). */
  max_features: z.union([z.literal('sqrt'), z.number().positive().max(1)]).optional(),
  /** Splits on the way to a leaf; unbounded where it is not given. */
  max_depth: z.int().min(1).optional(),
  /** Leaves a tree, those of most gain first; unbounded where it is not given. */
  max_leaf_nodes: z.int().min(2).max(1_000_000).optional(),
  /** The least rows on each side of a split, those that a tree drew more than once counted once. */
  min_samples_leaf: z.int().min(1).default(1),
  /** The least rows of a node that is divided. */
  min_samples_split: z.int().min(2).default(2),
  /** Each tree learns from rows that it draws with replacement. */
  bootstrap: z.boolean().default(true),
  /** How many it draws, as a share of all. */
  max_samples: z.number().positive().max(1).default(1),
  /** `balanced`: all classes count alike. */
  class_weight: z.enum(['none', 'balanced']).default('none'),
  /** Whether rows are also predicted by the trees that did not draw them, and the score of that reported. */
  oob_score: z.boolean().default(true),
};

/** What one trial may choose. Names and defaults are scikit-learn's, but for the out-of-bag score, which is on. */
export const ForestParams = z.strictObject(shape, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? unknownName('forest has no parameter', String(issue.keys[0]), Object.keys(shape))
      : undefined,
});
export type ForestParams = z.infer<typeof ForestParams>;
