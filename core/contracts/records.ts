import * as z from 'zod';
import { fieldTypes } from '../tables/batch.ts';
import { tableFormats } from '../tables/format.ts';
import { DriftSummary } from './drift.ts';
import { CodeRef, Digest, Identity, Instant, Side } from './names.ts';
import { Target } from './spec.ts';
import { Task } from './task.ts';

/** A field's name and type, as a manifest carries it. */
export const FieldSchema = z.strictObject({
  name: z.string(),
  type: z.enum(fieldTypes),
});

/** One partition file of a side, in the dataset's order. */
export const Partition = z.strictObject({
  key: z.string(),
  rows: z.int(),
  bytes: z.int(),
  sha256: Digest,
  /** Of a training side that is cut into folds: which one, from 0. A partition without is learned from for each fold. */
  fold: z.int().min(0).exactOptional(),
});
export type Partition = z.infer<typeof Partition>;

/** `datasets/<dataset>/manifest.json`: readers trust nothing else. */
export const Dataset = z.strictObject({
  dataset: Identity,
  table: z.string(),
  sources: z.array(z.strictObject({ name: z.string(), size: z.int(), etag: z.string() })),
  fields: z.array(FieldSchema).readonly(),
  /** What made its columns from the table's: a raw table is given to it before a model that was trained here. */
  features: CodeRef.nullable().default(null),
  /** The dataset that `fanfare map` made it from, and what mapped it; null where it was split from its table. */
  mapped: z.strictObject({ from: Identity, by: CodeRef }).nullable().default(null),
  seed: z.int(),
  /**
   * How many the training side is cut into; there is no validation side then. Fold f is validated on with the partitions
   * of fold f, and learns from all others or, where the folds are `ordered` in time, from those before. Null: it is not cut.
   */
  folds: z
    .strictObject({ count: z.int().min(2), ordered: z.boolean() })
    .nullable()
    .default(null),
  rows: z.strictObject({ train: z.int(), validation: z.int(), test: z.int() }),
  partitions: z.strictObject({
    train: z.array(Partition),
    validation: z.array(Partition),
    test: z.array(Partition),
  }),
  committedAt: Instant,
});
export type Dataset = z.infer<typeof Dataset>;

/** Where a row came from: the file, and its number there. */
export const RowPlace = z.strictObject({ file: z.string(), row: z.int() });
export type RowPlace = z.infer<typeof RowPlace>;

/** One file of a prediction. All its rows come from one file. */
export const Part = z.strictObject({
  ...Partition.shape,
  /** Its first row. Those behind it follow in the order of the file. */
  from: RowPlace,
  /** Of a prediction that is partitioned by a column: its value in these rows, as CSV has it; null where it is missing. */
  value: z.string().nullable().exactOptional(),
});
export type Part = z.infer<typeof Part>;

/** Why rows were rejected, the most frequent first, with the first of them. */
export const RejectReason = z.strictObject({
  column: z.string(),
  /** Without the value: `… is not a number`. */
  reason: z.string(),
  rows: z.int(),
  example: z.strictObject({ ...RowPlace.shape, reason: z.string() }),
});
export type RejectReason = z.infer<typeof RejectReason>;

/** `predictions/<prediction>/manifest.json`: the job's whole truth. */
export const Prediction = z.strictObject({
  prediction: Identity,
  model: Digest,
  input: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('dataset'), dataset: Identity, side: Side }),
    z.strictObject({ kind: z.literal('table'), table: z.string() }),
    /** What another prediction rejected, of an input of so many rows in all. */
    z.strictObject({ kind: z.literal('rejects'), parent: Identity, of: z.int() }),
  ]),
  format: z.enum(tableFormats),
  /** The columns of the files. */
  fields: z.array(FieldSchema).readonly(),
  /** The column that names the files' folders, and is not in them. */
  partitionBy: FieldSchema.nullable(),
  rows: z.int(),
  predicted: z.int(),
  rejected: z.int(),
  parts: z.array(Part),
  /** Lines of `Reject`. */
  rejects: z.array(Partition),
  /** The three most frequent reasons. */
  reasons: z.array(RejectReason),
  /** Where the input is another prediction's rejects: lines of `RowPlace`, one a predicted row, in the order of the parts. */
  places: z.array(Partition),
  /** By what the rows are scored that hold the target. */
  task: Task.nullable().default(null),
  /** Where the input holds the target: tallies of predictions and labels, for evaluation. */
  scores: z.array(Partition),
  /** Beside the rows that the model was trained on. */
  drift: DriftSummary.default({ kind: 'unknown', reason: 'nobody looked at it', file: null }),
  experiment: z.string(),
  /** The registered model whose version this job used, where it is known by name. */
  modelName: z.string().nullable(),
  startedAt: Instant,
  committedAt: Instant,
});
export type Prediction = z.infer<typeof Prediction>;

/** `evaluations/<evaluation>.json`: a new model and, on the same rows, the present champion. */
export const Evaluation = z.strictObject({
  evaluation: Identity,
  modelName: z.string(),
  metric: z.string(),
  direction: z.enum(['maximize', 'minimize']),
  candidate: z.strictObject({
    model: Digest,
    prediction: Identity,
    metrics: z.record(z.string(), z.number()),
  }),
  /** Null where there was none, or MLflow could not say (`championKnown` false). */
  champion: z
    .strictObject({ model: Digest, prediction: Identity, metrics: z.record(z.string(), z.number()) })
    .nullable(),
  championKnown: z.boolean(),
  target: Target,
  alias: z.string(),
  /** The candidate must be better by more than this. */
  margin: z.number(),
  experiment: z.string(),
  at: Instant,
});
export type Evaluation = z.infer<typeof Evaluation>;
