import * as z from 'zod';
import { unknownName } from '../../nearest.ts';
import { activations } from './activations.ts';

const units = z.int().min(1).max(4096);
const sizes = '"64,32": the units of each hidden layer, at most 8 layers of 1 to 4096';

const shape = {
  /** One hidden layer's units as a number, or several as a text, which an axis of choices can hold: "64,32". */
  hidden_layer_sizes: z
    .union([z.number(), z.string()], { error: `use a number or a text such as ${sizes}` })
    .refine((given) => isSizes(layersOf(given)), { error: `use a number or a text such as ${sizes}` })
    .default('64,32'),
  activation: z.enum(activations).default('relu'),
  learning_rate_init: z.number().positive().max(1).default(1e-3),
  /** How the learning rate goes from its first value on, by what the study gives at most: see `rateAt`. */
  schedule: z.enum(['constant', 'cosine', 'step']).default('constant'),
  batch_size: z.int().min(1).max(65_536).default(256),
  /** L2 of the weights, divided by the rows of a minibatch and added to its gradient. */
  alpha: z.number().min(0).default(1e-4),
  /** AdamW's: all parameters shrink by the learning rate times this. */
  weight_decay: z.number().min(0).max(1).default(0),
  /** The share of a hidden layer's units that a step leaves out, drawn anew for each row. */
  dropout: z.number().min(0).max(0.95).default(0),
  /** Numbers that a category becomes; by the count of its texts where it is not given: see `embeddingSize`. */
  embedding_size: z.int().min(1).max(512).optional(),
  /** Whether a trial ends when the validation side's loss does not get better any more; it then keeps its best epoch. */
  early_stopping: z.boolean().default(false),
  /** So many epochs may pass without one that is better by `tol`. */
  n_iter_no_change: z.int().min(1).default(10),
  tol: z.number().min(0).default(1e-4),
};

/** What one trial may choose. Names and defaults are scikit-learn's, where it has them. */
export const MlpParams = z.strictObject(shape, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? unknownName('mlp has no parameter', String(issue.keys[0]), Object.keys(shape))
      : undefined,
});
export type MlpParams = z.infer<typeof MlpParams>;

export const layersOf = (sizes: string | number): readonly number[] =>
  typeof sizes === 'number'
    ? [sizes]
    : sizes.split(',').map((part) => (part.trim() === '' ? 0 : Number(part)));

const isSizes = (layers: readonly number[]): boolean =>
  layers.length <= 8 && layers.every((each) => units.safeParse(each).success);

/** The fourth root of the number of codes, as TensorFlow's guide to feature columns has it: on 2000 texts, 31 numbers each learned worse than 7, and took five times as long. */
export const embeddingSize = (codes: number): number => Math.ceil(codes ** 0.25);

/**
 * The learning rate's share at `progress`, from 0 to 1 of the most that the study gives a trial. `cosine`: half a wave down to 0
 * (Loshchilov & Hutter, 2017, https://arxiv.org/abs/1608.03983); `step`: a tenth from one half on, a hundredth from three quarters.
 */
export function rateAt(schedule: MlpParams['schedule'], progress: number): number {
  switch (schedule) {
    case 'constant':
      return 1;
    case 'cosine':
      return (1 + Math.cos(Math.PI * Math.min(1, progress))) / 2;
    case 'step':
      if (progress < 0.5) return 1;
      return progress < 0.75 ? 0.1 : 0.01;
  }
}
