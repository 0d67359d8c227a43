import * as z from 'zod';
import { Digest, Identity, Instant, Params, TrialNumber } from './names.ts';
import { Stopped } from './stop.ts';
import { Spread } from './study.ts';

/** `refit/<trial>-<rung>/plan.json`: what is trained once more. */
export const RefitPlan = z.strictObject({ trial: TrialNumber, params: Params, resource: z.int().min(1) });
export type RefitPlan = z.infer<typeof RefitPlan>;

/** `refit/<trial>-<rung>/result.json`: what came of it. */
export const RefitResult = z.strictObject({
  /** That it learned from. */
  rows: z.int(),
  resource: z.int(),
  seconds: z.number(),
  /** Null: the trainable makes none. */
  model: z.strictObject({ digest: Digest, key: z.string(), size: z.int() }).nullable(),
});
export type RefitResult = z.infer<typeof RefitResult>;

/**
 * `conclusions/<claims>.json`: what the study came to with so many claims, all of which had ended. A study that is given more
 * trials comes to another.
 */
export const Conclusion = z.strictObject({
  study: Identity,
  claims: z.int().min(0),
  best: z.strictObject({
    trial: TrialNumber,
    params: Params,
    /** With folds the mean over them. */
    value: z.number(),
    /** What the trial is told with; with folds their means. */
    metrics: z.record(z.string(), z.number()).default({}),
    spread: Spread.exactOptional(),
    resource: z.int(),
    /** The study's model: that of the refit, where there was one. Null: there is none, and nothing can be predicted. */
    model: Digest.nullable(),
  }),
  /**
   * Of several objectives: the trials that no other is better than, the best by the first objective first; `best` is one of
   * them. Left out where the study has one.
   */
  front: z
    .array(
      z.strictObject({
        trial: TrialNumber,
        /** By objective. */
        values: z.record(z.string(), z.number()),
        resource: z.int(),
        /** The key of its model as the study left it. Null: there is none, or one a fold. */
        model: z.string().nullable(),
      }),
    )
    .min(1)
    .exactOptional(),
  /** Of the model that was trained once more on all rows but the test's. `best.value` is still what the trial was worth before. */
  refit: RefitResult.extend({ model: Digest.nullable() }).exactOptional(),
  trials: z.strictObject({
    total: z.int(),
    complete: z.int(),
    pruned: z.int(),
    failed: z.int(),
  }),
  /** What ended it before it had all of its trials. */
  stopped: Stopped.exactOptional(),
  startedAt: Instant,
  endedAt: Instant,
});
export type Conclusion = z.infer<typeof Conclusion>;
