import type { Target } from '../../contracts/spec.ts';
import type { BinPlan } from './bin-plan.ts';

export const manifestName = 'manifest.json';
/** Changes when objects of an older version can no longer be read. */
export const binsFormat = 'gbdt-bins-1';

/** What `prepare` wrote: the last object, so that one who sees it may read the chunks. */
export interface BinsManifest {
  readonly format: typeof binsFormat;
  readonly plan: BinPlan;
  readonly target: Target;
  readonly train: BinnedSide;
  readonly validation: BinnedSide;
}

export interface BinnedSide {
  readonly rows: number;
  readonly positives: number;
  /** Bytes of bins a row. */
  readonly stride: number;
  readonly chunks: readonly { readonly name: string; readonly rows: number }[];
}
