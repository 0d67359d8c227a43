import * as z from 'zod';
import { Scalar } from './names.ts';

/**
 * What a model predicts; the classes in the order of its probabilities: numbers ascending, strings by code unit. Of two
 * classes the second is the positive one; they are 0 and 1 where a row's class is true or false.
 */
export const Task = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('binary'), classes: z.tuple([Scalar, Scalar]) }),
  z.strictObject({ kind: z.literal('multiclass'), classes: z.array(Scalar).min(3) }),
  z.strictObject({ kind: z.literal('regression') }),
]);
export type Task = z.infer<typeof Task>;

export const taskKinds = ['binary', 'multiclass', 'regression'] as const satisfies readonly Task['kind'][];
export type TaskKind = (typeof taskKinds)[number];

/** A class that is true, and one that is false. */
export const noOrYes: Extract<Task, { kind: 'binary' }> = { kind: 'binary', classes: [0, 1] };
