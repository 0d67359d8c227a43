import type { Scalar } from '../../contracts/names.ts';
import { loadBins } from '../bins/load-bins.ts';
import { prepareBins } from '../bins/prepare.ts';
import type { Cache, Trainable, TrainingTable } from '../trainable.ts';
import { type Arena, loadArena, mostTrainingRows } from './arena.ts';
import { outputsOf } from './objective.ts';
import { GbdtParams } from './params.ts';
import { GbdtRun } from './run.ts';

/**
 * Gradient-boosted trees for classes and numbers: histograms over at most 255 bins a feature, leaf-wise growth, splits by
 * sets of categories, missing values on the side that gains more. The method, names and defaults are LightGBM's
 * (Ke et al., 2017, https://papers.nips.cc/paper/6907).
 */
export const gbdt = {
  name: 'gbdt',
  resource: 'rounds',
  tasks: ['binary', 'multiclass', 'regression'],
  params: GbdtParams as Trainable['params'],
  prepare,
  load: (cache: Cache, table?: TrainingTable) => loadBins({ load: loadArena, prepareAnew }, cache, table),
  start: (arena: Arena, params: Readonly<Record<string, Scalar>>, seed: number, checkpoint?: Uint8Array) =>
    new GbdtRun(arena, GbdtParams.parse(params), seed, checkpoint),
} satisfies Trainable<Arena>;

function prepare(table: TrainingTable, cache: Cache) {
  return prepareBins(table, cache, { mostRows: mostRowsOf(table) });
}

function prepareAnew(table: TrainingTable, cache: Cache) {
  return prepareBins(table, cache, { anew: true, mostRows: mostRowsOf(table) });
}

const mostRowsOf =
  ({ task }: TrainingTable) =>
  (features: number): number =>
    mostTrainingRows(features, outputsOf(task));
