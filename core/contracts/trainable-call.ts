import * as z from 'zod';
import { Digest, Params } from './names.ts';
import { FieldSchema } from './records.ts';
import { Target } from './spec.ts';
import { Task, taskKinds } from './task.ts';

/** A partition file: Arrow IPC, at `s3://bucket/key` or `file:///path`. */
const PartitionUri = z.strictObject({ uri: z.string(), rows: z.int(), sha256: Digest });

/**
 * What a trainable behind a Lambda function is asked: the JSON of what a user's module is given (core/code/trainable.ts),
 * with places in the store where that has bytes. `fanfare_trainable.py` is its Python side.
 */
export const TrainableCall = z.strictObject({
  ask: z.literal('train'),
  params: Params,
  /** The same for a trial whatever its rung; below 2^31. */
  seed: z.int(),
  trial: z.int(),
  /** Where the trial stands: the resource that it has had and the checkpoint that was taken there; 0 and null at first. */
  from: z.strictObject({ resource: z.int(), checkpoint: z.string().nullable() }),
  /** How much resource it is to have in all. */
  until: z.int(),
  data: z.strictObject({
    fields: z.array(FieldSchema).readonly(),
    inputs: z.array(z.string()).readonly(),
    target: Target,
    task: Task,
    /** The column of the rows' weights. */
    weight: z.string().nullable(),
    train: z.array(PartitionUri),
    validation: z.array(PartitionUri),
  }),
  /** Where it puts what it answers for. */
  write: z.strictObject({ checkpoint: z.string(), model: z.string() }),
  /** Milliseconds until the caller gives up. */
  remaining: z.int(),
});
export type TrainableCall = z.infer<typeof TrainableCall>;

const Written = z.object({ sha256: Digest });

/** What it answers: how far it came, maybe short of `until` as its own time ended, and what it wrote. */
export const TrainableAnswer = z.object({
  resource: z.int().min(1),
  value: z.number(),
  /** More that the trial is told with, by name. */
  metrics: z.record(z.string(), z.number()).default({}),
  /** It would train no further, whatever it is asked for. */
  ended: z.boolean().default(false),
  checkpoint: Written,
  /** Null: it makes none. */
  model: Written.nullable().default(null),
});
export type TrainableAnswer = z.infer<typeof TrainableAnswer>;

/** What it says of itself, asked `{ "ask": "describe" }`. */
export const TrainableDescription = z.object({
  version: z.literal(1),
  resource: z.string().min(1),
  /** What it can learn. */
  tasks: z
    .array(z.enum(taskKinds))
    .min(1)
    .default([...taskKinds]),
});
