import * as z from 'zod';
import { elementTypes } from '../onnx/model.ts';
import { fieldTypes } from '../tables/batch.ts';
import { CodeRef, Digest, Identity, Instant, Params, Scalar, TrialNumber } from './names.ts';
import { Choose } from './objectives.ts';
import { type Prior, PriorSource } from './prior.ts';
import { Sampler, SamplerChoice } from './sampler.ts';
import { Scheduler } from './scheduler.ts';
import { Dimension } from './space.ts';
import { Target } from './spec.ts';
import { Stop, type Stopped } from './stop.ts';
import { Task } from './task.ts';

/**
 * `studies/<study>/study.json`: all that decides what the study's trials are, but for how many there are to be. Never
 * changes once it is written.
 */
export const StudyRecord = z.strictObject({
  study: Identity,
  dataset: Identity,
  trainable: z.string(),
  /** What a rung is counted in, for instance `rounds`. */
  resource: z.string(),
  metric: z.string(),
  direction: z.enum(['maximize', 'minimize']),
  /** The objectives beside `metric`; each outcome has them among its `metrics`. Left out: `metric` alone decides. */
  also: z
    .array(z.strictObject({ metric: z.string(), direction: z.enum(['maximize', 'minimize']) }))
    .min(1)
    .exactOptional(),
  /** Which trial of the front is the study's. Left out: the best by the first objective. */
  choose: Choose.exactOptional(),
  /** What is computed of the predictions: `metric`, unless it is the trainable's own, and more that trials are told with. */
  metrics: z.array(z.string()),
  seed: z.int(),
  space: z.record(z.string(), Dimension),
  /** Trial k has the parameters of point k, and the sampler's where that says nothing. Left out: none. */
  points: z.array(Params).min(1).exactOptional(),
  /** What each trial's parameters satisfy, as far as they are there. Left out: nothing. */
  constraints: z.array(z.string()).min(1).exactOptional(),
  /** The studies that it begins with, as they were asked for. Left out: none. */
  warm_start: z.array(z.string()).min(1).exactOptional(),
  /** What `warm_start` came to; `digest`: of `prior.json`. */
  prior: z.strictObject({ digest: Digest, sources: z.array(PriorSource) }).exactOptional(),
  /** As it was asked for. */
  sampler: SamplerChoice,
  scheduler: Scheduler,
  /** Deterministic mode: at most so many claims are at work, and each sees the outcomes of those that are so far before it. */
  batch: z.int().min(1).exactOptional(),
  /** Each trial is trained and judged on so many folds. `race`: one whose first folds are bad is not given the others. Left out: on one validation side. */
  folds: z.strictObject({ count: z.int().min(2), race: z.boolean() }).exactOptional(),
  /** The best trial is trained once more, on all rows but the test's; its model is the study's. Left out: that of the best trial is. */
  refit: z.literal(true).exactOptional(),
  inputs: z.array(z.string()),
  target: Target,
  task: Task,
  /** The column that says what a row counts; null: all count alike. */
  weight: z.string().nullable(),
  /** Of how many labelled training rows the trials learn: fewer than there are where they do not fit a function. Null: all. */
  sample: z.strictObject({ rows: z.int(), of: z.int() }).nullable(),
  /** The registered model that the winner becomes a version of. */
  model: z.string(),
  experiment: z.string(),
  /** Its trials are trained by passes over a training side that is larger than one function. */
  passes: z.literal(true).exactOptional(),
  createdAt: Instant,
});
export type StudyRecord = z.infer<typeof StudyRecord>;

/**
 * `budgets/<number>.json`: how much the study may do. Each command that asks for another writes the next one, and the last
 * counts; a study that was concluded goes on by it.
 */
export const Budget = z.strictObject({
  trials: z.int().min(1),
  /** What proposes the trials: for `auto` that which suits so many. */
  sampler: Sampler,
  /** What ends it before that. */
  stop: Stop.exactOptional(),
});
export type Budget = z.infer<typeof Budget>;

/** A study with the budget that is in force; `budget` is its number, from 0. */
export interface Study extends Omit<StudyRecord, 'sampler'>, Budget {
  readonly budget: number;
  /** What samplers are shown of other studies; who proposes for a study with a `prior` must have it (`withPrior`). */
  readonly shown?: Prior;
  /** Nothing is begun any more by this budget. */
  readonly stopped?: Stopped;
}

/**
 * So many claims has a lane of one execution; then it ends, and one that has not begun takes its place. Each of them takes
 * about 19 events of an execution's history, and more if it waits or is tried again; Step Functions ends a history at 25,000.
 */
export const claimsPerLane = 500;

/** A claim that is trained by passes over the training side takes about 14 events more for each of them, of which there may be 30. */
const claimsByPasses = 50;

export const claimsOfLane = ({ passes }: Pick<Study, 'passes'>): number =>
  passes ? claimsByPasses : claimsPerLane;

/** From 0. Left out where the study has none. */
const fold = z.int().min(0).exactOptional();

/**
 * `claims/<number>.json`: that this lane trains this trial to this rung, on this fold. Won by If-None-Match; who makes it has seen all
 * claims of lower numbers, so that nothing is claimed twice.
 */
export const Claim = z.strictObject({
  /** From 0, without a gap. */
  number: z.int().min(0),
  trial: TrialNumber,
  rung: z.int().min(0),
  fold,
  /** From 1; the successor of a claim whose execution died has the next number. */
  attempt: z.int().min(1),
  execution: z.string(),
  lane: z.int().min(0),
  params: Params,
  /** The number of the budget by which it was made. */
  budget: z.int().min(0),
  /** The earlier claims whose outcome the ask had not seen. It had seen all others, and decided by nothing else: so it can be replayed. */
  open: z.array(z.int().min(0)),
  at: Instant,
});
export type Claim = z.infer<typeof Claim>;

/** A value on the way to a rung: `step` in units of the resource. */
export const Report = z.strictObject({ step: z.int().min(1), value: z.number() });
export type Report = z.infer<typeof Report>;

/** `curves/<leg>.json`: what a rung that is being trained has reported so far. */
export const Curve = z.strictObject({ reports: z.array(Report) });
export type Curve = z.infer<typeof Curve>;

export const Outcome = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('reported'),
    /** The metric of the exported ONNX file over the validation side, computed by ONNX Runtime; what a user's trainable reported where there is no such file or metric. */
    value: z.number(),
    /** By name: those of the study's metrics that are defined, and what else the trainable reported. */
    metrics: z.record(z.string(), z.number()).default({}),
    resource: z.int().min(1),
    reports: z.array(Report),
    checkpoint: z.string(),
    /** Null: the trainable makes none. */
    model: z.strictObject({ digest: Digest, key: z.string(), size: z.int() }).nullable(),
    seconds: z.number(),
  }),
  z.strictObject({ kind: z.literal('failed'), error: z.string(), cause: z.string() }),
]);
export type Outcome = z.infer<typeof Outcome>;
export type Reported = Extract<Outcome, { kind: 'reported' }>;

/** `events/<number>.json`: how the claim of that number ended. */
export const StudyEvent = z.strictObject({
  trial: TrialNumber,
  rung: z.int().min(0),
  fold,
  attempt: z.int().min(1),
  params: Params,
  outcome: Outcome,
  startedAt: Instant,
  at: Instant,
});
export type StudyEvent = z.infer<typeof StudyEvent>;

/** `finished/<execution>.json`: no lane of the execution is at work any more. `lost`: why its lanes ended early. */
export const Finished = z.strictObject({ at: Instant, lost: z.string().nullable() });
export type Finished = z.infer<typeof Finished>;

/** A column that a model takes or gives, as ONNX types it. */
const Port = z.strictObject({
  name: z.string(),
  type: z.enum(elementTypes),
});

/** How much an input matters to a model of trees: what the splits by it gained in training, and how many there are. */
export const Importance = z.strictObject({ feature: z.string(), gain: z.number(), split: z.int().min(0) });
export type Importance = z.infer<typeof Importance>;

/** An input's part of what all splits gained. */
export const ImportanceShare = z.strictObject({ feature: z.string(), share: z.number() });
export type ImportanceShare = z.infer<typeof ImportanceShare>;

/** `models/<digest>.json` beside `models/<digest>.onnx`. */
export const ModelCard = z.strictObject({
  digest: Digest,
  size: z.int(),
  /** The dataset, with the digest of its profile; `models/<digest>.profile.json` is what is compared with it. Null: not told. */
  trained: z.strictObject({ dataset: Identity, profile: Digest }).nullable().default(null),
  /** What made the columns that it takes from those of the table, where something did. */
  features: CodeRef.nullable().default(null),
  /** What it predicts; null: not told. */
  task: Task.nullable().default(null),
  inputs: z.array(Port),
  outputs: z.array(Port),
  /** Of its inputs, the most important first; null: its file does not tell. */
  importance: z.array(Importance).nullable().default(null),
  /** The columns of `example`; none: its rows are no golden ones. */
  fields: z
    .array(z.strictObject({ name: z.string(), type: z.enum(fieldTypes) }))
    .readonly()
    .default([]),
  /**
   * The golden rows: some of the validation side with the ends of each column, and some of strange values; and what the
   * model answered for them, which it must wherever it is loaded. int64 as numbers, missing as null.
   */
  example: z.array(z.record(z.string(), z.union([Scalar, z.null()]))),
  expected: z.array(z.record(z.string(), z.union([Scalar, z.array(Scalar)]))),
});
export type ModelCard = z.infer<typeof ModelCard>;

/** `models/<digest>.signature.json`: the columns that MLflow's signature of the model names, in their order. */
export const ModelSignature = z.strictObject({ digest: Digest, inputs: z.array(z.string()) });
export type ModelSignature = z.infer<typeof ModelSignature>;

/** How a trial's folds did. */
export const Spread = z.strictObject({
  /** A value a fold; null: not trained. */
  values: z.array(z.number().nullable()),
  /** The standard deviation of the values (divided by their number, as in scikit-learn's `std_test_score`). */
  std: z.number(),
});
export type Spread = z.infer<typeof Spread>;

/** A trial as the study's folder tells it: what a sampler is shown, a table prints and MLflow records. */
export interface Trial {
  readonly number: TrialNumber;
  readonly params: Readonly<Record<string, Scalar>>;
  /** `complete`: reached the last rung. `pruned`: the scheduler stopped it, or the study ended and it was not promoted further. */
  readonly state: 'running' | 'waiting' | 'complete' | 'pruned' | 'failed';
  /** Why it was pruned. */
  readonly reason?: string;
  /** One a rung it finished, lowest first. */
  readonly rungs: readonly {
    readonly rung: number;
    /** Of all its folds: the mean of their values and resources, all of their seconds, and no model. */
    readonly outcome: Pick<Reported, 'value' | 'metrics' | 'resource' | 'reports' | 'model' | 'seconds'>;
    readonly startedAt: number;
    readonly at: number;
    /** Left out where the study has no folds. */
    readonly spread?: Spread;
  }[];
  /** What it has reported since, where it is being trained and the record shows it, and when that was looked at. */
  readonly live?: Curve & { readonly at: number };
  /** What the folds came to of the rung that it did not finish. */
  readonly begun?: {
    readonly rung: number;
    readonly value: number;
    readonly spread: Spread;
    readonly at: number;
  };
  readonly failure?: { readonly error: string; readonly cause: string; readonly at: number };
  readonly startedAt: number;
}
