import type { Spec } from '../contracts/spec.ts';
import type { Task } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';
import type { Trainable } from '../training/trainable.ts';
import { trainables } from './registered.ts';

/** The trainable must be able to learn the task; `InvalidSpec` that names those of ours which can otherwise. */
export function requireTask({ tasks, file }: Trainable, { kind }: Task, { target, tune }: Spec): void {
  if (tasks.includes(kind)) return;
  const able = Object.values(trainables).flatMap((each) => (each.tasks.includes(kind) ? [each.name] : []));
  throw new FanfareError(
    'InvalidSpec',
    `tune.trainable: ${file ?? tune.trainable} learns ${tasks.join(' and ')} targets, and by column "${target.column}" this one is ${kind}${able.length > 0 ? `; use ${able.join(' or ')}` : ''}`,
  );
}
