import * as z from 'zod';
import { tableFormats } from '../tables/format.ts';
import { DriftSample } from './drift.ts';
import { CodeRef, Digest, Identity, Instant, Side } from './names.ts';
import { FieldSchema, Part, Partition } from './records.ts';
import { Task } from './task.ts';

/** The version of an object that a shard was planned on. */
const ShardSource = z.strictObject({
  name: z.string(),
  uri: z.string(),
  size: z.int(),
  etag: z.string(),
});

const ofShard = { index: z.int().min(0), source: ShardSource, bytes: z.int() };

/** What one invocation reads of a table; `core/tables/shard.ts` says what each kind means. */
const TableShard = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rows'),
    format: z.literal('parquet'),
    ...ofShard,
    firstGroup: z.int(),
    endGroup: z.int(),
    firstRow: z.int(),
    rows: z.int(),
  }),
  z.strictObject({
    kind: z.literal('bytes'),
    format: z.enum(['csv', 'ndjson']),
    ...ofShard,
    start: z.int(),
    end: z.int(),
    startsInQuotes: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('gzip'), format: z.enum(['csv', 'ndjson']), ...ofShard }),
  z.strictObject({
    kind: z.literal('batches'),
    format: z.literal('arrow'),
    ...ofShard,
    firstBatch: z.int(),
    endBatch: z.int(),
    firstRow: z.int(),
    rows: z.int(),
  }),
  z.strictObject({ kind: z.literal('whole'), format: z.literal('arrow'), ...ofShard }),
]);
const Shard = z.discriminatedUnion('kind', [
  ...TableShard.options,
  z.strictObject({ kind: z.literal('objects'), format: z.literal('objects'), ...ofShard, rows: z.int() }),
]);

/** `objects/<shard>.json` of a prediction: the objects that one shard reads. */
export const ListedObject = ShardSource;
export const ObjectList = z.array(ListedObject);
export type ObjectList = z.infer<typeof ObjectList>;

const Schema = z.strictObject({
  fields: z.array(FieldSchema).readonly(),
  delimiter: z.string().exactOptional(),
  /** Columns of types that no batch holds, and why; named only if they are asked for. */
  unreadable: z
    .array(z.strictObject({ name: z.string(), reason: z.string() }))
    .readonly()
    .exactOptional(),
});

/** `datasets/<dataset>/plan.json` of a dataset that is split from a table. */
export const SplitPlan = z.strictObject({
  kind: z.literal('split'),
  dataset: Identity,
  spec: Digest,
  schema: Schema,
  shards: z.array(TableShard).readonly(),
  plannedAt: Instant,
});
export type SplitPlan = z.infer<typeof SplitPlan>;

/**
 * `datasets/<dataset>/cuts.json`: where a split divides that goes by what the whole table holds. Ascending: a row is of the
 * part whose number is how many cuts are at or below it.
 */
export const Cuts = z.discriminatedUnion('by', [
  /** Of the time of a row. */
  z.strictObject({ by: z.literal('time'), cuts: z.array(z.number()).readonly() }),
  /** Of what is drawn for a row's group. */
  z.strictObject({ by: z.literal('groups'), cuts: z.array(z.number()).readonly() }),
  /** Of what is drawn for a row: by class of the target or, of a quantity, by bin, which `edges` part; last, of rows without a target. */
  z.strictObject({
    by: z.literal('stratified'),
    task: Task,
    edges: z.array(z.number()).readonly(),
    cuts: z.array(z.array(z.number()).readonly()).readonly(),
  }),
]);
export type Cuts = z.infer<typeof Cuts>;

/** `datasets/<dataset>/plan.json` of a dataset that is mapped from another: a shard is one of its partitions. */
export const MapPlan = z.strictObject({
  kind: z.literal('map'),
  dataset: Identity,
  from: Identity,
  map: CodeRef,
  shards: z.array(z.strictObject({ side: Side, partition: Partition })).readonly(),
  plannedAt: Instant,
});
export type MapPlan = z.infer<typeof MapPlan>;

export const DatasetPlan = z.discriminatedUnion('kind', [SplitPlan, MapPlan]);
export type DatasetPlan = z.infer<typeof DatasetPlan>;

/** What another prediction rejected. A shard is a file of its rejects. */
const RejectsInput = z.strictObject({
  kind: z.literal('rejects'),
  parent: Identity,
  /** The prediction that read the input itself: the parent, or that one's parent … */
  root: Identity,
  /** Rows of the input in all, of which the tolerance is a share. */
  of: z.int(),
  /** How the raw text of a row is read. */
  format: z.enum(['csv', 'ndjson', 'objects']),
  schema: Schema,
  /** Whether the rows have been through the model's features already, as those of a dataset have. */
  derived: z.boolean(),
  partitions: z.array(Partition).readonly(),
});
export type RejectsInput = z.infer<typeof RejectsInput>;

/** `predictions/<prediction>/plan.json`. A shard is cut from a table, or is a whole partition of a dataset. */
export const PredictionPlan = z.strictObject({
  prediction: Identity,
  spec: Digest,
  model: Digest,
  modelName: z.string().nullable(),
  /** What makes the model's columns from the table's; null where there is nothing to make. */
  features: CodeRef.nullable(),
  /** The columns that the model's signature in MLflow names; null where it has none. */
  signature: z.array(z.string()).nullable().default(null),
  input: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('dataset'),
      dataset: Identity,
      side: Side,
      partitions: z.array(Partition).readonly(),
    }),
    z.strictObject({
      kind: z.literal('table'),
      table: z.string(),
      schema: Schema,
      shards: z.array(Shard).readonly(),
    }),
    RejectsInput,
  ]),
  format: z.enum(tableFormats),
  keep: z.array(z.string()),
  /** The column whose values name the folders of the files. */
  partitionBy: z.string().nullable(),
  /** By what the rows are scored that hold the target; null: by nothing. */
  scored: z.strictObject({ task: Task, weight: z.string().nullable() }).nullable().default(null),
  /** Which rows are sketched, and whether they are compared with the model's profile; null: none are. */
  drift: z.strictObject({ sample: DriftSample, compared: z.boolean() }).nullable().default(null),
  plannedAt: Instant,
});
export type PredictionPlan = z.infer<typeof PredictionPlan>;

/** `losses/<execution>/<shard>.json`: why a shard was not written. */
export const Loss = z.strictObject({ shard: z.int(), error: z.string(), cause: z.string() });
export type Loss = z.infer<typeof Loss>;

/** A line of `rejects/<shard>.ndjson`: a row that could not be read or predicted. */
export const Reject = z.strictObject({
  file: z.string(),
  /** Counts from 0 among the rows of the file; neither a header nor an empty line is one. */
  row: z.int().min(0),
  /** Of a text: the byte at which the row begins; of the text within, where the file is compressed. */
  offset: z.int().min(0).exactOptional(),
  /** The column that could not be taken, or '' where it is the row as a whole. */
  column: z.string(),
  reason: z.string(),
  /** The row as it stands in the text or, of a table that is none, as a JSON object. */
  raw: z.string(),
  /** Where the row is no UTF-8: its bytes, of which `raw` has what can be shown. */
  raw_base64: z.base64().exactOptional(),
  /** Where the row is too long to be kept (`longestRaw`): how many bytes it has; `raw` is its beginning. */
  raw_bytes: z.int().exactOptional(),
});
export type Reject = z.infer<typeof Reject>;

/** What the rows of a shard came to have; null where it came to no row. All shards agree in it. */
const fields = z.array(FieldSchema).readonly().nullable();

/** `receipts/<shard>.json` of a dataset, written last. A side has no partition where no row fell, and several where the shard is large. */
export const SplitReceipt = z.strictObject({
  shard: z.int(),
  fields,
  partitions: z.strictObject({
    train: z.array(Partition),
    validation: z.array(Partition),
    test: z.array(Partition),
  }),
});
export type SplitReceipt = z.infer<typeof SplitReceipt>;

/** When rows were worked on, and how many. */
const WorkSpan = z.strictObject({ startedAt: Instant, at: Instant, rows: z.int() });

/** What rows of a prediction that follow each other came to. */
const predictedRows = {
  rows: z.int(),
  predicted: z.int(),
  rejected: z.int(),
  fields,
  /** In the order of the rows, which count from the shard's first until the commit. None where no row was predicted. */
  parts: z.array(Part),
  /** Lines of `Reject` whose rows count from the shard's first. */
  rejects: z.array(Partition),
  /** Of rows that another prediction rejected: lines of `RowPlace`. */
  places: z.array(Partition),
  scores: z.array(Partition),
  /** A `ShardDrift` of so many sampled rows each. */
  drift: z.array(Partition).default([]),
  /** A span a piece. */
  work: z.array(WorkSpan).default([]),
};
export const PredictedRows = z.strictObject(predictedRows);
export type PredictedRows = z.infer<typeof PredictedRows>;

/**
 * `progress/<shard>/<piece>.json`: a piece of a shard that is predicted. Who writes it begins where the piece before it
 * says, so that the pieces of a shard follow each other whoever wrote them; the last of them is in its receipt alone.
 */
export const PredictedPiece = z.strictObject({
  piece: z.int().min(0),
  /** The row id at which the next piece begins. */
  next: z.number(),
  ...predictedRows,
});
export type PredictedPiece = z.infer<typeof PredictedPiece>;

/** `receipts/<shard>.json` of a prediction, written last: the sum of the shard's pieces. */
export const PredictReceipt = z.strictObject({ shard: z.int(), ...predictedRows });
export type PredictReceipt = z.infer<typeof PredictReceipt>;
