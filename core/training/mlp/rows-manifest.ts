import type { Digest } from '../../contracts/names.ts';
import type { Target } from '../../contracts/spec.ts';
import type { Task } from '../../contracts/task.ts';
import { codesOf, type DensePlan } from '../dense/plan.ts';

export const manifestName = 'manifest.json';
/** Changes when objects of an older version can no longer be read. */
export const rowsFormat = 'mlp-rows-1';

/** What `prepareRows` wrote: the last object, so that one who sees it may read the chunks. */
export interface RowsManifest {
  readonly format: typeof rowsFormat;
  readonly plan: DensePlan;
  readonly target: Target;
  readonly task: Task;
  /** A regression's target less its mean, by its deviation, is what is learned; 0 and 1 for classes. */
  readonly scale: { readonly mean: number; readonly deviation: number };
  readonly weighted: boolean;
  readonly train: WrittenSide;
  readonly validation: WrittenSide;
}

export interface WrittenSide {
  readonly rows: number;
  /** Labelled rows of the table: more than `rows` where they were sampled. */
  readonly of: number;
  readonly chunks: readonly { readonly name: string; readonly rows: number; readonly sha256: Digest }[];
}

/** How many codes each category's embedding has: its own, and 0 for what was never seen. */
export const embeddingCodes = ({ categories }: DensePlan): readonly number[] =>
  categories.map((category) => codesOf(category) + 1);

/** Bytes of a row in a chunk: label and weight as f64, numbers as f32, codes as i32. */
export const rowBytes = ({ plan, weighted }: Pick<RowsManifest, 'plan' | 'weighted'>): number =>
  8 + (weighted ? 8 : 0) + 4 * plan.numbers.length + 4 * plan.categories.length;
