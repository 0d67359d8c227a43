import type { Digest } from '../../contracts/names.ts';
import type { Target } from '../../contracts/spec.ts';
import type { Task } from '../../contracts/task.ts';
import type { BinBytes, BinPlan } from './bin-plan.ts';

export const manifestName = 'manifest.json';
/** Changes when objects of an older version can no longer be read. */
export const binsFormat = 'bins-5';

/** What `prepare` wrote: the last object, so that one who sees it may read the chunks. */
export interface BinsManifest {
  readonly format: typeof binsFormat;
  readonly plan: BinPlan;
  readonly binBytes: BinBytes;
  readonly target: Target;
  readonly task: Task;
  /** Whether each row has a weight of its own. */
  readonly weighted: boolean;
  readonly train: BinnedSide;
  readonly validation: BinnedSide;
}

export interface BinnedSide {
  readonly rows: number;
  /** Rows of the table that have a label: more than `rows` where they were sampled. */
  readonly of: number;
  /** Rows of each class; none for a regression. */
  readonly classes: readonly number[];
  readonly chunks: readonly { readonly name: string; readonly rows: number; readonly sha256: Digest }[];
}
