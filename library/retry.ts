import * as z from 'zod';
import { PredictionPlan } from '../core/contracts/job.ts';
import { keys } from '../core/contracts/keys.ts';
import type { Prediction } from '../core/contracts/records.ts';
import { PredictionSpec, Spec } from '../core/contracts/spec.ts';
import { FanfareError } from '../core/errors.ts';
import { readObject } from '../core/steps/objects.ts';
import type { ObjectStore } from '../core/store.ts';
import type { PredictionInput, SpecInput } from './load-spec.ts';
import { bringMended } from './mend.ts';

/** How the rejected rows of a prediction are predicted again: as they were, but for what is named here. */
export interface RetryOptions {
  /** Another model than the prediction's. */
  readonly model?: string;
  /** An edited copy of lines of its `rejects/`, with `raw` mended. */
  readonly from?: string;
  /** Another specification: other types in `table.columns`, other `preprocess`, `tolerance` … */
  readonly spec?: string | SpecInput | PredictionInput;
}

/** What `predict` is to do: only the rejected rows, by the prediction's own specification and model where no other is named. */
export async function retryOf(
  store: ObjectStore,
  prediction: Prediction,
  changed: PredictionSpec | undefined,
  { model, from }: RetryOptions,
): Promise<{ readonly spec: PredictionSpec; readonly model: string | null }> {
  const { prediction: id } = prediction;
  if (prediction.rejected === 0) {
    throw new FanfareError(
      'MissingInput',
      `prediction ${id} rejected no row: there is nothing to predict again`,
    );
  }
  const plan = await readObject(store, keys.plan(keys.prediction(id)), PredictionPlan);
  const spec = changed ?? (await readObject(store, keys.spec(plan.spec), z.union([Spec, PredictionSpec])));
  const mended = from === undefined ? undefined : await bringMended(store, prediction, from);
  const rejects = { prediction: id, ...(mended !== undefined && { mended }) };
  const named = model ?? (changed?.predict.model ? null : `sha256:${prediction.model}`);
  return { spec: { ...spec, predict: { ...spec.predict, rejects } }, model: named };
}
