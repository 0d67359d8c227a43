import type { Scalar } from '../../contracts/names.ts';
import type { Cache, Trainable, TrainingTable } from '../trainable.ts';
import { LinearParams } from './params.ts';
import { linearPass } from './pass.ts';
import { findLinear, prepareAnew, prepareLinear } from './prepare.ts';
import { type LinearPrepared, LinearRun } from './run.ts';
import { validationOf } from './validation.ts';

/**
 * Linear models: of a quantity by least squares, of classes by their log odds, held back by squares or absolute values of the
 * coefficients. Fitted from sums over the training side, which parts of it add up to: exactly, however large it is.
 */
export const linear = {
  name: 'linear',
  resource: 'rounds',
  tasks: ['binary', 'multiclass', 'regression'],
  params: LinearParams as Trainable['params'],
  pass: linearPass,
  prepare: prepareLinear,
  load,
  start: (
    prepared: LinearPrepared,
    params: Readonly<Record<string, Scalar>>,
    _seed: number,
    checkpoint?: Uint8Array,
  ) => new LinearRun(prepared, LinearParams.parse(params), checkpoint),
} satisfies Trainable<LinearPrepared>;

async function load(cache: Cache, table: TrainingTable): Promise<LinearPrepared> {
  const { manifest, moments } = (await findLinear(cache)) ?? (await prepareAnew(table, cache));
  return { manifest, moments, table, validation: await validationOf(table, manifest.plan) };
}
