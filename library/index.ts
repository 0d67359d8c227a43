// biome-ignore-all lint/performance/noBarrelFile: the package's entry point is one by its nature
export type { ColumnValues } from '../core/code/column-values.ts';
export type { Mapping, MappingContext } from '../core/code/mapping.ts';
export type { Rows } from '../core/code/rows.ts';
export type {
  TrainingReport,
  TrainingRows,
  TrainOptions,
  UserTrainable,
} from '../core/code/trainable.ts';
export { type Dataset, type DatasetPartition, openDataset } from './dataset.ts';
export { defineMapping, defineTrainable, GraphBuilder } from './define.ts';
