import { nodeDecompressors } from '../adapters/node/decompressors.ts';
import { gunzip } from '../adapters/node/gunzip.ts';
import type { Identity } from '../core/contracts/names.ts';
import { type Verification, verifyPrediction } from '../core/predictions/verify.ts';
import type { Engine } from './engine.ts';
import { findPrediction } from './find-prediction.ts';
import { retriesOf } from './retries.ts';

/** What a prediction was found to hold, and what belongs to it. */
export interface VerifyDocument extends Verification {
  readonly command: 'verify';
  /** Whose rejected rows it predicts; null: those of a table or a dataset. */
  readonly parent: Identity | null;
  /** The predictions of the rows that it rejected. */
  readonly retries: readonly Identity[];
  readonly store: string;
}

export async function verify(
  { store, open, place }: Engine,
  given: string,
  input: boolean,
): Promise<VerifyDocument> {
  const prediction = await findPrediction(store, given);
  const found = await verifyPrediction(
    prediction,
    { store, open, decompressors: nodeDecompressors, gunzip },
    { input },
  );
  const parent = prediction.input.kind === 'rejects' ? prediction.input.parent : null;
  const retries = await retriesOf(store, prediction.prediction);
  return { command: 'verify', ...found, parent, retries, store: place };
}
