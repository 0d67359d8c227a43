import { expect, test } from 'vitest';
import type { Target } from '../../../core/contracts/spec.ts';
import type { FieldType } from '../../../core/tables/batch.ts';
import { mergeProfiles, profileOf } from '../../../core/tables/profile.ts';
import { taskOf } from '../../../core/training/task.ts';
import { batchOf, type Cell } from './tables.ts';

/** The task of a column with those values, which lie in two partitions. */
function taskFor(type: FieldType, cells: readonly Cell[], target: Partial<Target> = {}) {
  const half = (from: number) =>
    profileOf(
      batchOf(
        [{ name: 'y', type }],
        cells.flatMap((cell, at) => (at % 2 === from ? [[cell]] : [])),
      ),
    );
  const [column] = mergeProfiles(half(0), half(1)).columns;
  return taskOf({ kind: 'column', column: 'y', ...target } as Target, column!);
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

test('what a column holds says what is predicted', () => {
  expect(taskFor('integer', [1, 0, null, 1])).toEqual({ kind: 'binary', classes: [0, 1] });
  expect(taskFor('float', [2, 1, null, 1])).toEqual({ kind: 'binary', classes: [1, 2] });
  expect(taskFor('boolean', [true, false, null])).toEqual({ kind: 'binary', classes: [0, 1] });
  expect(taskFor('string', ['b', 'a', null, 'b'])).toEqual({ kind: 'binary', classes: ['a', 'b'] });
  expect(taskFor('string', ['b', 'a', '', 'Z'])).toEqual({ kind: 'multiclass', classes: ['Z', 'a', 'b'] });
  expect(taskFor('integer', [10, 9, -1])).toEqual({ kind: 'multiclass', classes: [-1, 9, 10] });
  expect(taskFor('integer', upTo(20))).toEqual({ kind: 'multiclass', classes: upTo(20) });
  expect(taskFor('integer', upTo(21))).toEqual({ kind: 'regression' });
  expect(taskFor('float', [0, 1, 0.5])).toEqual({ kind: 'regression' });
  expect(taskFor('integer', upTo(5000))).toEqual({ kind: 'regression' });
});

test('a target that names its task has that one', () => {
  expect(taskFor('integer', [1, 2, 3], { task: 'regression' })).toEqual({ kind: 'regression' });
  expect(taskFor('integer', upTo(30), { task: 'multiclass' })).toEqual({
    kind: 'multiclass',
    classes: upTo(30),
  });
  expect(taskFor('float', [0.5], { kind: 'above', above: 0 })).toEqual({ kind: 'binary', classes: [0, 1] });
});

test('a task that does not fit the column is refused by what the column holds', () => {
  const refused = (
    type: FieldType,
    cells: readonly Cell[],
    task?: 'binary' | 'multiclass' | 'regression',
  ) => {
    try {
      return taskFor(type, cells, task && { task });
    } catch (error) {
      return String(error);
    }
  };
  expect(refused('string', ['a', 'b'], 'regression')).toBe(
    'InvalidSpec: target: column "y" does not fit the task regression: it holds string values, numbers are needed',
  );
  expect(refused('float', [0.5, 1.5, 2], 'multiclass')).toMatch(
    'only whole numbers, strings and booleans can be classes',
  );
  expect(refused('integer', [1, 2, 3], 'binary')).toMatch(
    'it has 3 different values (1, 2, 3); say which one is meant with "equals"',
  );
  expect(refused('integer', [1, 2], 'multiclass')).toMatch('it has two values alone (1, 2): that is binary');
  expect(refused('integer', upTo(1001), 'multiclass')).toMatch(
    'it has 1001 different values, 1000 are allowed',
  );
  expect(refused('string', upTo(5000).map(String))).toMatch(
    /more than \d+ different strings, 1000 are allowed/,
  );
  expect(refused('integer', [3, 3, null])).toBe(
    'BadTable: target: column "y" is 3 in every row; at least two classes must occur',
  );
  expect(refused('float', [0, 1, Number.POSITIVE_INFINITY])).toBe(
    'BadTable: target: column "y" holds 1 infinite number; a target is finite',
  );
  expect(refused('string', [null, ''])).toBe('BadTable: target: column "y" has no value');
});
