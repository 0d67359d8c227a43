import * as z from 'zod';
import { type CodeRef, Scalar } from '../contracts/names.ts';
import { type TaskKind, taskKinds } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';
import { frameOf } from '../tables/batch.ts';
import { weightsOf } from '../training/labelled.ts';
import { labelsOf } from '../training/target.ts';
import type { Trainable, TrainingTable } from '../training/trainable.ts';
import { fileOf, kindOf, type UserModule } from './module.ts';
import { Rows } from './rows.ts';
import type { TrainingRows, UserTrainable } from './trainable.ts';
import { trialFailure, UserRun } from './user-run.ts';

/** What the trials of a process share. */
interface Prepared {
  readonly data: TrainingRows;
  readonly loaded: unknown;
}

/** A module's default export as steps run it. `InvalidSpec` where it is no trainable. */
export function userTrainable(module: UserModule, reference: CodeRef): Trainable<Prepared> {
  const file = fileOf(module, reference);
  const given = requireTrainable(module.default, file);
  return {
    name: reference,
    file,
    resource: given.resource ?? 'steps',
    tasks: given.tasks ?? taskKinds,
    params: z.record(z.string(), Scalar),
    prepare: async () => undefined,
    load: async (_cache, table) => {
      const data = trainingRows(table);
      try {
        return { data, loaded: await given.load?.(data) };
      } catch (error) {
        throw trialFailure(error, file);
      }
    },
    start: ({ data, loaded }, params, seed, checkpoint, { trial, until }) =>
      new UserRun(
        file,
        (from) => given.train({ params, seed, trial, data, loaded, from, until }),
        until,
        checkpoint,
      ),
  };
}

function requireTrainable(given: unknown, file: string): UserTrainable {
  const { train, load, resource, tasks } = Object(given) as Partial<UserTrainable>;
  const wanted = 'export default defineTrainable({ async *train({ params, data, from, until }) { … } })';
  if (typeof train !== 'function') {
    throw new FanfareError(
      'InvalidSpec',
      `${file}: the default export is ${kindOf(given)}; a trainable is needed: ${wanted}`,
    );
  }
  if (load !== undefined && typeof load !== 'function') {
    throw new FanfareError('InvalidSpec', `${file}: load is ${kindOf(load)}; a function is needed`);
  }
  if (resource !== undefined && (typeof resource !== 'string' || resource === '')) {
    throw new FanfareError('InvalidSpec', `${file}: resource is ${kindOf(resource)}; a word is needed`);
  }
  requireTasks(tasks, file);
  return given as UserTrainable;
}

function requireTasks(tasks: readonly TaskKind[] | undefined, file: string): void {
  if (tasks === undefined) return;
  const isKnown = Array.isArray(tasks) && tasks.length > 0 && tasks.every((task) => taskKinds.includes(task));
  if (isKnown) return;
  throw new FanfareError(
    'InvalidSpec',
    `${file}: tasks is ${Array.isArray(tasks) ? JSON.stringify(tasks) : kindOf(tasks)}; some of ${taskKinds.join(', ')} are needed`,
  );
}

function trainingRows({ fields, inputs, target, task, weight, batches }: TrainingTable): TrainingRows {
  const rowsOf = async function* (side: 'train' | 'validation') {
    for await (const batch of batches(side)) yield new Rows(batch);
  };
  return {
    fields,
    inputs,
    task,
    train: () => rowsOf('train'),
    validation: () => rowsOf('validation'),
    target: ({ batch }) => labelsOf(frameOf(batch), target, task),
    weights: ({ batch }) => (weight === undefined ? undefined : weightsOf(frameOf(batch), weight)),
  };
}
