import type { Scalar } from '../../contracts/names.ts';
import { loadBins } from '../bins/load-bins.ts';
import { prepareBins } from '../bins/prepare.ts';
import type { Cache, Trainable, TrainingTable } from '../trainable.ts';
import { type Arena, loadArena, mostTrainingRows, widthOf } from './arena.ts';
import { ForestParams } from './params.ts';
import { ForestRun } from './run.ts';

/**
 * Random forests for classes and numbers (Breiman, 2001, https://doi.org/10.1023/A:1010933404324): each tree learns from rows
 * drawn with replacement, each node chooses among features drawn anew. One tree speaks of all classes. Names and defaults are
 * scikit-learn's; thresholds are among at most 4094 of a feature, and categories and missing values are split natively.
 */
export const forest = {
  name: 'forest',
  resource: 'trees',
  tasks: ['binary', 'multiclass', 'regression'],
  params: ForestParams as Trainable['params'],
  prepare: (table: TrainingTable, cache: Cache) => prepareBins(table, cache, optionsOf(table)),
  load: (cache: Cache, table?: TrainingTable) => loadBins({ load: loadArena, prepareAnew }, cache, table),
  start: (arena: Arena, params: Readonly<Record<string, Scalar>>, seed: number, checkpoint?: Uint8Array) =>
    new ForestRun(arena, ForestParams.parse(params), seed, checkpoint),
} satisfies Trainable<Arena>;

function prepareAnew(table: TrainingTable, cache: Cache) {
  return prepareBins(table, cache, { anew: true, ...optionsOf(table) });
}

const optionsOf = ({ task }: TrainingTable) => ({
  binBytes: 2 as const,
  mostRows: (features: number) => mostTrainingRows(features, widthOf(task)),
});
