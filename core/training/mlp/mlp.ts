import type { Scalar } from '../../contracts/names.ts';
import type { Trainable } from '../trainable.ts';
import { loadMatrices, type Prepared } from './matrix.ts';
import { MlpParams } from './params.ts';
import { prepareRows } from './prepare.ts';
import { MlpRun } from './run.ts';

/**
 * Networks of dense layers over standardised numbers and embeddings of categories, trained by Adam in graphs that ONNX
 * Runtime runs: many minibatches, with their backward passes, in one `Scan`. Names and defaults are scikit-learn's.
 */
export const mlp = {
  name: 'mlp',
  resource: 'epochs',
  tasks: ['binary', 'multiclass', 'regression'],
  params: MlpParams as Trainable['params'],
  prepare: (table, cache) => prepareRows(table, cache),
  load: loadMatrices,
  start: (prepared: Prepared, params: Readonly<Record<string, Scalar>>, seed, checkpoint, { most }) =>
    new MlpRun(prepared, MlpParams.parse(params), seed, most, checkpoint),
} satisfies Trainable<Prepared>;
