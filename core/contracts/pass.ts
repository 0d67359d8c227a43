import * as z from 'zod';
import { FieldSchema, Partition } from './records.ts';
import { Target } from './spec.ts';
import { Task } from './task.ts';

/** `plan.json` of a pass: all that one who reads a part of the training side has to know, but the request itself. */
export const PassPlan = z.strictObject({
  trainable: z.string(),
  inputs: z.array(z.string()),
  target: Target,
  task: Task,
  weight: z.string().nullable(),
  fields: z.array(FieldSchema).readonly(),
  /** What each invocation reads; their statistics are merged in this order. */
  parts: z.array(z.array(Partition)),
});
export type PassPlan = z.infer<typeof PassPlan>;
