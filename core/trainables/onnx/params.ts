import * as z from 'zod';
import { unknownName } from '../../nearest.ts';

const shape = {
  /** `sha256:<digest>` of a model in the store, or as a person writes it. */
  model: z.string().min(1),
  /** The columns of a model that takes one matrix, in their order, where it has no signature that says so: `age, distance`. */
  columns: z.string().optional(),
  /** The logarithms of the probabilities, or log odds, are divided by it: above 1 it makes them less sure. */
  temperature: z.number().positive().default(1),
  /** A row is of the second class of two where the model says more than this: the odds are moved so that it comes to one half. */
  threshold: z.number().gt(0).lt(1).default(0.5),
};

/** What one trial may choose. */
export const OnnxParams = z.strictObject(shape, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? unknownName('onnx has no parameter', String(issue.keys[0]), Object.keys(shape))
      : undefined,
});
export type OnnxParams = z.infer<typeof OnnxParams>;
