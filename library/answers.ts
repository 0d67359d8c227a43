import * as z from 'zod';
import { Conclusion } from '../core/contracts/conclusion.ts';
import { DriftSummary } from '../core/contracts/drift.ts';
import type { MetricName } from '../core/contracts/metrics.ts';
import { Identity } from '../core/contracts/names.ts';
import { PriorSource } from '../core/contracts/prior.ts';
import { Stopped } from '../core/contracts/stop.ts';
import { ImportanceShare, StudyRecord } from '../core/contracts/study.ts';

/** What the flows answer, as far as documents tell of it. */

export const SplitAnswer = z.object({
  dataset: Identity,
  rows: z.object({ train: z.int(), validation: z.int(), test: z.int() }),
  /** The key of what its columns are; of a dataset that was mapped, none. */
  described: z.string().optional(),
});
export type SplitAnswer = z.infer<typeof SplitAnswer>;

/** What the aggregator says of a record: why it waits, or what MLflow made of it. */
const Recorded = z.union([
  z.object({ recorded: z.literal(false), reason: z.string() }),
  z.object({ recorded: z.literal(true) }).loose(),
]);

const Registered = z.union([
  z.object({ recorded: z.literal(false), reason: z.string() }),
  z.object({
    recorded: z.literal(true),
    name: z.string(),
    /** Null: the winner has no model. */
    version: z.string().nullable(),
    alias: z.string(),
    run: z.string(),
    experiment: z.string(),
  }),
]);

export const TuneAnswer = z.object({
  study: Identity,
  metric: z.string(),
  /** What `best.resource` is counted in. */
  resource: z.string(),
  /** What proposed the trials: `gp`. */
  sampler: z.string(),
  /** That its grid has. */
  combinations: z.int().optional(),
  stopped: Stopped.optional(),
  sample: StudyRecord.shape.sample,
  /** What the samplers were shown of other studies. */
  prior: z.array(PriorSource).optional(),
  best: Conclusion.shape.best,
  front: Conclusion.shape.front,
  refit: Conclusion.shape.refit,
  /** The inputs that matter most; left out where the model does not tell. */
  importance: z.array(ImportanceShare).optional(),
  trials: Conclusion.shape.trials,
  model: z.string().nullable(),
  registered: z.object({ p: Registered }),
});
export type TuneAnswer = z.infer<typeof TuneAnswer>;

export const PredictAnswer = z.object({
  prediction: Identity,
  rows: z.int(),
  predicted: z.int(),
  rejected: z.int(),
  drift: DriftSummary,
  record: z.object({ p: Recorded }),
});
export type PredictAnswer = z.infer<typeof PredictAnswer>;

/** The metrics of a model that are defined, by name. */
export type Metrics = Readonly<Partial<Record<MetricName, number>>>;
const Metrics: z.ZodType<Metrics> = z.record(z.string(), z.number());

/** What became of the alias `champion`. */
const Promotion = z.union([
  z.object({ recorded: z.literal(false), reason: z.string() }),
  z.object({
    recorded: z.literal(true),
    decision: z.enum(['promoted', 'kept', 'undecided']),
    name: z.string(),
    version: z.string(),
    alias: z.string(),
  }),
]);
export type Promotion = z.infer<typeof Promotion>;

export const PipelineAnswer = z.object({
  split: SplitAnswer,
  tune: TuneAnswer,
  predict: PredictAnswer,
  evaluation: z.object({
    evaluation: Identity,
    metric: z.custom<MetricName>((name) => typeof name === 'string'),
    metrics: Metrics,
    champion: Metrics.nullable(),
  }),
  promotion: Promotion,
});
export type PipelineAnswer = z.infer<typeof PipelineAnswer>;
