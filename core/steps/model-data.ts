import type { Dataset, Partition } from '../contracts/records.ts';

/** What one model sees of a dataset: the partitions that it learns from, and those that it is judged by. */
export interface ModelData extends Pick<Dataset, 'dataset' | 'fields'> {
  readonly partitions: Readonly<Record<'train' | 'validation', readonly Partition[]>>;
  /** Where its caches lie below those of the dataset: none of one fold is read for another. */
  readonly folder: '' | `fold-${number}/` | 'all/';
}

/**
 * Every row but the test's, for a last model. It is judged by rows that it has learned (the validation side or, of folds,
 * the last), which says whether its file is the model that was trained, and not what that is worth.
 */
export function wholeData({ dataset, fields, folds, partitions }: Dataset): ModelData {
  const { train, validation } = partitions;
  return {
    dataset,
    fields,
    partitions: {
      train: [...train, ...validation],
      validation: folds ? train.filter(({ fold }) => fold === folds.count - 1) : validation,
    },
    folder: 'all/',
  };
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
