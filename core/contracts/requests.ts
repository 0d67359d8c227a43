import * as z from 'zod';
import { CodeRef, Digest, Identity, TrialNumber } from './names.ts';
import { Outcome } from './study.ts';

/** What the flows send to each function, by the function's name. */

const spec = Digest;
const execution = z.string().min(1);
/** The key prefix of a dataset or prediction, which holds its plan, receipts and losses; or of a pass over a dataset's training side. */
const job = z.string().regex(/^(datasets|predictions)\/[^/]+\/(bins\/([^/]+\/)+passes\/[^/]+\/)?$/);
const shard = z.int().min(0);
const claim = z.string();
/** What Step Functions gives to a Catch. */
const failure = z.object({ Error: z.string(), Cause: z.string().optional() });
/** `sha256:<digest>` of a model in the bucket, or MLflow's `models:/…`. */
const model = z.string();

export const PlanSplitRequest = z.strictObject({ spec, execution });
export const SettleSplitRequest = z.strictObject({ job, execution });
export const CommitSplitRequest = z.strictObject({ spec, job, execution });
/** `spec` is a `MapSpec`. */
export const PlanMapRequest = z.strictObject({ spec, execution });
export const ShardRequest = z.strictObject({ job, shard, execution });
/** `shrinks`: how often the function died of this shard, the last time as `died` tells. */
export const PredictShardRequest = z.strictObject({
  ...{ job, shard, execution },
  shrinks: z.int().min(0).exactOptional(),
  died: failure.nullable().exactOptional(),
});
export const CommitRequest = z.strictObject({ job, execution });
export const LoseShardRequest = z.strictObject({
  job,
  shard,
  execution,
  error: failure,
});

export const PrepareStudyRequest = z.strictObject({
  spec,
  dataset: Identity,
  lanes: z.int().min(1),
  execution,
});
export const AskRequest = z.strictObject({ study: Identity, lane: z.int().min(0), execution });
export const TrainRequest = z.union([
  z.strictObject({ study: Identity, claim }),
  /** The best trial once more, as it was planned for that trial at its rung. */
  z.strictObject({
    study: Identity,
    refit: z.strictObject({ trial: TrialNumber, rung: z.int().min(0) }),
    execution,
  }),
]);
export const TellRequest = z.strictObject({ study: Identity, claim, outcome: Outcome });
export const FinishStudyRequest = z.strictObject({ study: Identity, execution, error: failure.nullable() });
export const ConcludeStudyRequest = z.strictObject({ study: Identity, execution });

export const PlanPredictionRequest = z.strictObject({
  spec,
  model: z.strictObject({ digest: Digest, name: z.string().nullable(), features: CodeRef.nullable() }),
  dataset: Identity.nullable(),
  execution,
});

export const EvaluateRequest = z.strictObject({
  spec,
  candidate: Identity,
  champion: Identity.nullable(),
  championKnown: z.boolean(),
});

export const AggregateRequest = z.discriminatedUnion('kind', [
  /** Sends what the study has so far. */
  z.strictObject({
    kind: z.literal('study'),
    study: Identity,
    execution,
    waitSeconds: z.int().min(0),
  }),
  /** Sends the rest of a concluded study and registers its winner as `challenger`. */
  z.strictObject({ kind: z.literal('model'), study: Identity }),
  /** Which model is meant; its bytes are brought into the bucket. Null: the alias of the specification's model. */
  z.strictObject({ kind: z.literal('resolve'), spec, model: model.nullable() }),
  z.strictObject({ kind: z.literal('prediction'), prediction: Identity }),
  /** Who holds the alias now, and whether it is another than `model`. */
  z.strictObject({ kind: z.literal('champion'), spec, model }),
  /** Records the comparison and moves the alias if it is won. */
  z.strictObject({ kind: z.literal('evaluation'), evaluation: Identity }),
  /** All that is pending, as far as it goes within a minute: what a schedule sends. */
  z.strictObject({ kind: z.literal('pending') }),
]);

/** What EventBridge says of a new object (S3's "Object Created"), as far as it is used. */
export const ReceiveUploadRequest = z.object({
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      /** URL-encoded on LocalStack, as it is anywhere else. */
      key: z.string().min(1),
      etag: z.string().optional(),
      /** Tells one upload of the same bytes from the next; a bucket without versions has none. */
      'version-id': z.string().optional(),
      sequencer: z.string().optional(),
    }),
  }),
});

export type PlanSplitRequest = z.infer<typeof PlanSplitRequest>;
export type SettleSplitRequest = z.infer<typeof SettleSplitRequest>;
export type CommitSplitRequest = z.infer<typeof CommitSplitRequest>;
export type PlanMapRequest = z.infer<typeof PlanMapRequest>;
export type ShardRequest = z.infer<typeof ShardRequest>;
export type PredictShardRequest = z.infer<typeof PredictShardRequest>;
export type CommitRequest = z.infer<typeof CommitRequest>;
export type LoseShardRequest = z.infer<typeof LoseShardRequest>;
export type PrepareStudyRequest = z.infer<typeof PrepareStudyRequest>;
export type AskRequest = z.infer<typeof AskRequest>;
export type TrainRequest = z.infer<typeof TrainRequest>;
export type TellRequest = z.infer<typeof TellRequest>;
export type FinishStudyRequest = z.infer<typeof FinishStudyRequest>;
export type ConcludeStudyRequest = z.infer<typeof ConcludeStudyRequest>;
export type PlanPredictionRequest = z.infer<typeof PlanPredictionRequest>;
export type EvaluateRequest = z.infer<typeof EvaluateRequest>;
export type AggregateRequest = z.infer<typeof AggregateRequest>;
export type ReceiveUploadRequest = z.infer<typeof ReceiveUploadRequest>;
