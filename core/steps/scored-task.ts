import { keys } from '../contracts/keys.ts';
import type { Scalar } from '../contracts/names.ts';
import { Dataset } from '../contracts/records.ts';
import type { Target } from '../contracts/spec.ts';
import { ModelCard } from '../contracts/study.ts';
import { noOrYes, type Task } from '../contracts/task.ts';
import type { ModelOutput } from '../onnx/model.ts';
import type { ObjectStore } from '../store.ts';
import type { Field } from '../tables/batch.ts';
import { findObject, readObject } from './objects.ts';
import { taskIn } from './study-task.ts';

/** What is predicted, and of what. */
export interface PredictedOf {
  readonly model: string;
  readonly outputs: readonly ModelOutput[];
  /** Null: a table that was not split. */
  readonly dataset: string | null;
  readonly fields: readonly Field[];
}

/**
 * By which task the rows of a prediction are scored that hold the target: that of the dataset, whoever predicts it; of
 * another table the one that the model was trained for or, where it came from elsewhere, what its graph tells of its classes.
 */
export async function scoredTask(
  target: Target,
  { model, outputs, dataset, fields }: PredictedOf,
  store: ObjectStore,
): Promise<Task> {
  if (target.kind !== 'column') return noOrYes;
  if (dataset !== null) {
    return taskIn(await readObject(store, keys.datasetManifest(dataset), Dataset), target, store);
  }
  const card = await findObject(store, keys.modelCard(model), ModelCard);
  if (card?.task) return card.task;
  if (target.task === 'regression') return { kind: 'regression' };
  const type = fields.find(({ name }) => name === target.column)?.type;
  return taskOfClasses(outputs.find(({ role }) => role === 'probability')?.labels ?? [], type);
}

/** Classes of which a graph tells are in its order already. */
function taskOfClasses(labels: readonly string[], type: Field['type'] | undefined): Task {
  const classes: readonly Scalar[] = type === 'string' ? labels : labels.map(Number);
  if (classes.some((each) => Number.isNaN(each))) return noOrYes;
  const [first, second] = classes;
  if (first === undefined || second === undefined) return noOrYes;
  return classes.length === 2
    ? { kind: 'binary', classes: [first, second] }
    : { kind: 'multiclass', classes: [...classes] };
}
