import * as z from 'zod';
import { unknownName } from '../../nearest.ts';

const shape = {
  /**
   * Of a quantity: Ridge, Lasso, ElasticNet or, with `none`, LinearRegression. Of classes: LogisticRegression with that
   * penalty. The intercept is not penalised.
   */
  penalty: z.enum(['l2', 'l1', 'elasticnet', 'none']).default('l2'),
  /** How much a quantity's coefficients are held back; as in Ridge of the sum of squares, else of half their mean. Default 1. */
  alpha: z.number().min(0).optional(),
  /** How little the coefficients of classes are held back: the penalty is divided by it. Default 1. */
  C: z.number().positive().optional(),
  /** Of an elastic net: 1 is the lasso, 0 the ridge. */
  l1_ratio: z.number().min(0).max(1).default(0.5),
  fit_intercept: z.boolean().default(true),
  /** `balanced`: classes count alike, however many rows they have. */
  class_weight: z.enum(['balanced', 'none']).default('none'),
};

/** What one trial may choose. Names and defaults are scikit-learn's. */
export const LinearParams = z.strictObject(shape, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? unknownName('linear has no parameter', String(issue.keys[0]), Object.keys(shape))
      : undefined,
});
export type LinearParams = z.infer<typeof LinearParams>;

/** The share of the penalty that is of absolute values; undefined where there is no penalty. */
export function l1Share({ penalty, l1_ratio }: LinearParams): number | undefined {
  switch (penalty) {
    case 'l2':
      return 0;
    case 'l1':
      return 1;
    case 'elasticnet':
      return l1_ratio;
    case 'none':
      return undefined;
  }
}
