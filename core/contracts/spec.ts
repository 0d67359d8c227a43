import { closest } from 'fastest-levenshtein';
import * as z from 'zod';
import { fieldTypes } from '../tables/batch.ts';
import { tableFormats } from '../tables/format.ts';
import { CodeRef, Identity, Name, Scalar, TrainableRef } from './names.ts';

/** What makes a row 1 or 0: a column of zeros and ones, a number above a limit, or one value among others. A row without it is left out. */
export const Target = z.discriminatedUnion('kind', [
  strict({ kind: z.literal('column'), column: z.string() }),
  strict({ kind: z.literal('above'), column: z.string(), above: z.number() }),
  strict({ kind: z.literal('equals'), column: z.string(), equals: Scalar }),
]);
export type Target = z.infer<typeof Target>;

/** One axis of a search space. */
export const Dimension = z
  .discriminatedUnion('kind', [
    strict({ kind: z.literal('float'), low: z.number(), high: z.number(), log: z.boolean().default(false) }),
    strict({ kind: z.literal('int'), low: z.int(), high: z.int(), log: z.boolean().default(false) }),
    strict({ kind: z.literal('choice'), options: z.array(Scalar).min(1) }),
  ])
  .superRefine((dimension, check) => {
    if (dimension.kind === 'choice') return;
    const { low, high, log } = dimension;
    if (low >= high) {
      check.addIssue({ code: 'custom', message: `low must be below high (given: low ${low}, high ${high})` });
    }
    if (log && low <= 0) {
      check.addIssue({ code: 'custom', message: `a logarithmic axis needs low above 0 (given: ${low})` });
    }
  });
export type Dimension = z.infer<typeof Dimension>;

const Table = z.preprocess(
  (given) => (typeof given === 'string' ? { path: given } : given),
  strict({
    /** A file, a folder or a `*` pattern, relative to the specification; `s3://bucket/key` on AWS. */
    path: z.string().min(1),
    /** Told by the file's ending where it is left out. */
    format: z.enum(tableFormats).optional(),
    delimiter: z.string().length(1).optional(),
    /** Types of columns that should not be inferred. */
    columns: z.record(z.string(), z.enum(fieldTypes)).default({}),
    /** About how many bytes one function reads: a sixteenth of the table where it is left out, but 1 to 32 MiB, as columns too. */
    shard_bytes: z.int().min(1).optional(),
    /** How many shards to cut the table into, in place of `shard_bytes`. */
    shards: z.int().min(1).optional(),
  }),
);
export type Table = z.infer<typeof Table>;

const Fraction = z.number().min(0).max(1);

const Split = strict({
  train: Fraction.default(0.7),
  validation: Fraction.default(0.15),
  test: Fraction.default(0.15),
  seed: z.int().default(0),
  /** Rows with the same value of this column fall on the same side. Without it a row is its place in its file. */
  key: z.string().optional(),
  /** A mapping of each side's rows before they are written: derives columns, drops rows. */
  features: CodeRef.optional(),
}).superRefine(({ train, validation, test }, check) => {
  const sum = train + validation + test;
  if (Math.abs(sum - 1) > 1e-9) {
    check.addIssue({
      code: 'custom',
      message: `train, validation and test must add up to 1 (given: ${train} + ${validation} + ${test} = ${sum})`,
    });
  }
  if (train === 0 || validation === 0) {
    check.addIssue({ code: 'custom', message: 'train and validation must both be above 0' });
  }
});

const Scheduler = z.preprocess(
  (given) => (typeof given === 'string' ? { kind: given } : given),
  z
    .discriminatedUnion('kind', [
      strict({
        kind: z.literal('asha'),
        /** The first rung, in units of the trainable's resource (rounds, for gbdt). */
        min: z.int().min(1).default(10),
        max: z.int().min(1).default(100),
        /** One trial in `eta` is promoted to the next rung. */
        eta: z.number().min(2).default(3),
      }),
      strict({ kind: z.literal('none'), max: z.int().min(1).default(100) }),
    ])
    .superRefine((scheduler, check) => {
      if (scheduler.kind === 'asha' && scheduler.min > scheduler.max) {
        check.addIssue({
          code: 'custom',
          message: `min must not exceed max (given: min ${scheduler.min}, max ${scheduler.max})`,
        });
      }
    }),
);

const Sampler = z.preprocess(
  (given) => (typeof given === 'string' ? { kind: given } : given),
  z.discriminatedUnion('kind', [
    strict({ kind: z.literal('random') }),
    strict({
      kind: z.literal('tpe'),
      /** So many trials are random; then it learns from them. */
      startup: z.int().min(1).max(10_000).default(10),
      /** Places that are weighed up for each trial. */
      candidates: z.int().min(1).max(10_000).default(24),
    }),
  ]),
);

/** Computed from a model's probabilities, whoever trained it. */
export const modelMetrics = ['auc', 'log_loss'] as const;

/** What a study goes by: `auc`, `log_loss`, or a value of a user's trainable's own. */
const Metric = z.union(
  [z.enum(modelMetrics), strict({ name: z.string().min(1), mode: z.enum(['min', 'max']) })],
  {
    error: `use ${modelMetrics.join(', ')} or, for a value of your trainable's own, { name: …, mode: min } or { name: …, mode: max }`,
  },
);

const Tune = strict({
  trainable: TrainableRef.default('gbdt'),
  metric: Metric.default('auc'),
  trials: z.int().min(1).max(100_000).default(20),
  /** Trials that train at the same time; as many as the machine has cores where it is left out. */
  lanes: z.int().min(1).max(1_000).optional(),
  seed: z.int().default(0),
  sampler: Sampler.default({ kind: 'tpe', startup: 10, candidates: 24 }),
  scheduler: Scheduler.default({ kind: 'asha', min: 10, max: 100, eta: 3 }),
  space: z.record(z.string(), z.preprocess(dimensionOf, Dimension)),
}).superRefine(({ trainable, metric }, check) => {
  if (typeof metric === 'string') return;
  const { name } = metric;
  const refuse = (message: string) => check.addIssue({ code: 'custom', path: ['metric'], message });
  if (trainable === 'gbdt') {
    refuse(
      `gbdt is judged by ${modelMetrics.join(' or ')} (given: ${name}); a value of your own needs a trainable of your own`,
    );
  }
  if (modelMetrics.some((known) => known === name))
    refuse(`${name} is computed from the model: write metric: ${name}`);
});

const Model = z.preprocess(
  (given) => (typeof given === 'string' ? { name: given } : given),
  strict({
    /** The registered model that winners become versions of. */
    name: z.string().regex(/^[^/:.%"'@]{1,200}$/, 'use 1 to 200 characters, none of / : . % " \' @'),
    alias: z.string().min(1).default('champion'),
    /** The alias moves when the test metric is better by more than this. */
    margin: z.number().min(0).default(0),
  }),
);

const Predict = strict({
  /** What is predicted: the test partition where it is left out. */
  table: Table.optional(),
  /** `models:/name@alias` or `models:/name/3`; the alias of `model` where it is left out. */
  model: z.string().optional(),
  format: z.enum(tableFormats).default('parquet'),
  /** Columns carried along into the output: all where it is left out. */
  keep: z.array(z.string()).optional(),
  /** The job fails when more than this share of its rows is rejected. */
  tolerance: Fraction.default(0),
  /** Mappings that keep the number of rows: of what the model is given, and of what is written. */
  preprocess: CodeRef.optional(),
  postprocess: CodeRef.optional(),
});

/** A pipeline's specification, as a person writes it in YAML. `split`, `tune` and `predict` read their part of the same file. */
export const Spec = strict({
  name: Name,
  table: Table,
  target: z.preprocess(targetOf, Target),
  /** Columns that the model sees: all but the target and the key where it is left out. */
  inputs: z.array(z.string()).min(1).optional(),
  split: Split.prefault({}),
  tune: Tune,
  model: Model.optional(),
  predict: Predict.prefault({}),
  /** The MLflow experiment; `name` where it is left out. */
  experiment: z.string().min(1).optional(),
});
export type Spec = z.infer<typeof Spec>;

/** What a prediction takes of a specification. Any `Spec` is one; one for a table that was uploaded has no more than this. */
export const PredictionSpec = z.object({
  name: Name,
  table: Table,
  target: z.preprocess(targetOf, Target).optional(),
  model: Model.optional(),
  predict: Predict.prefault({}),
  experiment: z.string().min(1).optional(),
});
export type PredictionSpec = z.infer<typeof PredictionSpec>;

/** What `fanfare map` is asked for: a dataset of that name, of which every partition is one of `dataset`'s, mapped. */
export const MapSpec = strict({ name: Name, dataset: Identity, map: CodeRef });
export type MapSpec = z.infer<typeof MapSpec>;

/** Which way a metric is better. */
export const directionOf = (metric: Spec['tune']['metric']): 'maximize' | 'minimize' =>
  metric === 'log_loss' || (typeof metric === 'object' && metric.mode === 'min') ? 'minimize' : 'maximize';

/** How a metric is called, in events and in MLflow. */
export const metricNameOf = (metric: Spec['tune']['metric']): string =>
  typeof metric === 'string' ? metric : metric.name;

/** What models are compared by on the test side: a metric of a trainable's own cannot be computed from a prediction. */
export const testMetricOf = (metric: Spec['tune']['metric']): (typeof modelMetrics)[number] =>
  typeof metric === 'string' ? metric : 'auc';

/** Where winners are registered: under the specification's own name where it says nothing. */
export const registryOf = ({ name, model }: Pick<Spec, 'name' | 'model'>): z.infer<typeof Model> =>
  model ?? { name, alias: 'champion', margin: 0 };

/** An object that refuses a key that it does not know and names the nearest one that it does. */
function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, Object.keys(shape)) : undefined,
  });
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const written = known.flatMap((key) => (key === 'kind' ? [] : key === 'log' ? [key, 'integer'] : [key]));
  const nearest = closest(keys[0]!, written);
  const unknown = `unknown key ${keys.map((key) => JSON.stringify(key)).join(', ')}`;
  return `${unknown}; did you mean ${nearest}? (allowed: ${written.join(', ')})`;
}

/** `delay_over_15` · `{ column: delay, above: 15 }` · `{ column: class, equals: yes }` */
function targetOf(given: unknown): unknown {
  if (typeof given === 'string') return { kind: 'column', column: given };
  if (!isRecord(given) || 'kind' in given) return given;
  const kind = 'above' in given ? 'above' : 'equals' in given ? 'equals' : 'column';
  return { kind, ...given };
}

/** `[a, b]` · `3` · `{ low, high, log?, integer? }` */
function dimensionOf(given: unknown): unknown {
  if (Array.isArray(given)) return { kind: 'choice', options: given };
  if (!isRecord(given)) return { kind: 'choice', options: [given] };
  if ('kind' in given) return given;
  const { integer, ...axis } = given;
  return { kind: integer === true ? 'int' : 'float', ...axis };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
