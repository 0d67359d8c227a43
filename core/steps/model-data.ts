import type { Dataset, Partition } from '../contracts/records.ts';

/** What one model sees of a dataset: the partitions that it learns from, and those that it is judged by. */
export interface ModelData extends Pick<Dataset, 'dataset' | 'fields'> {
  readonly partitions: Readonly<Record<'train' | 'validation', readonly Partition[]>>;
  /** Where its caches lie below those of the dataset: none of one fold is read for another. */
  readonly folder: '' | `fold-${number}/` | 'all/';
}

/** As the dataset is split: a fold of it, where it is cut into folds. */
export function modelData({ dataset, fields, folds, partitions }: Dataset, fold?: number): ModelData {
  if (fold === undefined) return { dataset, fields, partitions, folder: '' };
  const learns = (of: number | undefined): boolean =>
    of === undefined || (folds?.ordered ? of < fold : of !== fold);
  return {
    dataset,
    fields,
    partitions: {
      train: partitions.train.filter((partition) => learns(partition.fold)),
      validation: partitions.train.filter((partition) => partition.fold === fold),
    },
    folder: `fold-${fold}/`,
  };
}
