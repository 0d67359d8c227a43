import type { Dataset, Partition } from '../contracts/records.ts';
import type { Spec } from '../contracts/spec.ts';
import type { Task } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';
import type { ObjectStore } from '../store.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import { labelsOf } from '../training/target.ts';
import { readPartition } from './job.ts';
import { modelData } from './model-data.ts';

/**
 * Where classes are learned: what a model learns from, and what it is judged by, has rows of two at least, in every fold.
 * `BadTable` otherwise. Each is read only until a second class is seen.
 */
export async function requireClasses(
  spec: Spec,
  dataset: Dataset,
  task: Task,
  store: ObjectStore,
): Promise<void> {
  if (task.kind === 'regression') return;
  const { folds } = dataset;
  const models = folds === null ? [undefined] : Array.from({ length: folds.count }, (_, fold) => fold);
  const seen = new Map<string, ReadonlySet<number>>();
  for (const fold of models) {
    const { train, validation } = modelData(dataset, fold).partitions;
    const judged = fold === undefined ? 'the validation side' : `fold ${fold} of ${folds!.count}`;
    const learned = fold === undefined ? 'the training side' : `what ${judged} learns from`;
    for (const [where, partitions] of [
      [learned, train],
      [judged, validation],
    ] as const) {
      const classes = await classesIn(partitions);
      if (classes.size < 2) throw tooFew(spec, task, where, [...classes][0]);
    }
  }

  /** Two of them at most. */
  async function classesIn(partitions: readonly Partition[]): Promise<ReadonlySet<number>> {
    const found = new Set<number>();
    for (const partition of partitions) {
      for (const each of await classesOf(partition)) found.add(each);
      if (found.size > 1) break;
    }
    return found;
  }

  /** A partition is of several folds' models, and read for the first alone. */
  async function classesOf(partition: Partition): Promise<ReadonlySet<number>> {
    const before = seen.get(partition.key);
    if (before) return before;
    const found = new Set<number>();
    for (const batch of decodeArrow(await readPartition(store, partition))) {
      for (const label of labelsOf(batch, spec.target, task)) if (!Number.isNaN(label)) found.add(label);
    }
    seen.set(partition.key, found);
    return found;
  }
}

function tooFew(
  { target, table, split }: Spec,
  task: Exclude<Task, { kind: 'regression' }>,
  where: string,
  only: number | undefined,
): FanfareError {
  const found =
    only === undefined ? 'no row with a value' : `only rows of ${JSON.stringify(task.classes[only])}`;
  const better =
    split.by === 'stratified' ? '' : '; split: { by: stratified } puts rows of each class into each part';
  return new FanfareError(
    'BadTable',
    `${table.path}: ${where} has ${found} of the target ${target.column}, and two classes are needed${better}`,
  );
}
