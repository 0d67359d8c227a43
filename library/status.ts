import type { Pending } from '../core/contracts/pending.ts';
import { listPending } from '../core/steps/pending.ts';
import type { Engine, Run } from './engine.ts';
import { listOf, type PredictionEntry, type StudyEntry } from './list.ts';

/** What goes on in a store, and what is not done: `list` says what there is. */
export interface StatusDocument {
  /** On this machine the processes that work, on AWS what runs and the latest of each flow that does not any more. */
  readonly runs: readonly Run[];
  /** Those that are not concluded. */
  readonly studies: readonly StudyEntry[];
  /** Those that are not committed. */
  readonly predictions: readonly PredictionEntry[];
  /** What MLflow does not have yet. */
  readonly pending: readonly Pending[];
}

/** Of names that begin with `prefix`. */
export async function statusOf(engine: Engine, prefix: string): Promise<StatusDocument> {
  const { studies, predictions } = await listOf(engine, prefix);
  return {
    runs: await engine.runs(prefix),
    studies: studies.filter(({ state }) => state !== 'concluded'),
    predictions: predictions.filter(({ state }) => state !== 'committed'),
    pending: await listPending(engine.store),
  };
}
