import { expect, test } from 'vitest';
import { Spec } from '../../../core/contracts/spec.ts';
import type { Task } from '../../../core/contracts/task.ts';
import { requireTask } from '../../../core/trainables/require-task.ts';
import { gbdt } from '../../../core/training/gbdt/gbdt.ts';
import { specOf } from '../../support/step-world.ts';

const cities: Task = { kind: 'multiclass', classes: ['A', 'B', 'C'] };

test('a task that the trainable cannot learn is refused by name, with those that can', () => {
  const spec = Spec.parse(specOf({ target: 'city' }));
  expect(() => requireTask({ ...gbdt, tasks: ['binary'] }, cities, spec)).toThrow(
    /^tune\.trainable: gbdt learns binary targets, and by column "city" this one is multiclass; use (.+ or )?gbdt/,
  );
  expect(() => requireTask(gbdt, cities, spec)).not.toThrow();
});
