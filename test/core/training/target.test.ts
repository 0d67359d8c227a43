import { expect, test } from 'vitest';
import type { Target } from '../../../core/contracts/spec.ts';
import { noOrYes, type Task } from '../../../core/contracts/task.ts';
import { labelsOf } from '../../../core/training/target.ts';
import { batchOf } from './tables.ts';

const batch = batchOf(
  [
    { name: 'delay', type: 'integer' },
    { name: 'state', type: 'string' },
    { name: 'won', type: 'boolean' },
    { name: 'price', type: 'float' },
  ],
  [
    [15, 'late', true, 2.5],
    [16, 'early', false, Number.POSITIVE_INFINITY],
    [null, null, null, null],
  ],
);

const labels = (target: Target, task: Task = noOrYes) => [...labelsOf(batch, target, task)];

test('a row is 1 above the bound, 0 at it, and left out where the value is missing', () => {
  expect(labels({ kind: 'above', column: 'delay', above: 15 })).toEqual([0, 1, NaN]);
});

test('a row is 1 where the value equals the one given, of its own type', () => {
  expect(labels({ kind: 'equals', column: 'state', equals: 'late' })).toEqual([1, 0, NaN]);
  expect(labels({ kind: 'equals', column: 'delay', equals: 16 })).toEqual([0, 1, NaN]);
  expect(labels({ kind: 'equals', column: 'won', equals: true })).toEqual([1, 0, NaN]);
});

test('a plain column gives the places of its classes, and is refused where it holds another value', () => {
  const state: Target = { kind: 'column', column: 'state' };
  expect(labels({ kind: 'column', column: 'won' })).toEqual([1, 0, NaN]);
  expect(labels(state, { kind: 'binary', classes: ['early', 'late'] })).toEqual([1, 0, NaN]);
  expect(labels(state, { kind: 'multiclass', classes: ['cancelled', 'early', 'late'] })).toEqual([2, 1, NaN]);
  const delay: Target = { kind: 'column', column: 'delay' };
  expect(labels(delay, { kind: 'multiclass', classes: [14, 15, 16] })).toEqual([1, 2, NaN]);
  expect(() => labels(delay)).toThrow('target: column "delay" holds 15, which is none of the classes 0, 1');
  expect(() => labels(state, { kind: 'binary', classes: ['late', 'lost'] })).toThrow(
    'target: column "state" holds "early", which is none of the classes "late", "lost"',
  );
});

test('a quantity is the number itself, which is finite', () => {
  const regression: Task = { kind: 'regression' };
  expect(labels({ kind: 'column', column: 'delay' }, regression)).toEqual([15, 16, NaN]);
  expect(() => labels({ kind: 'column', column: 'price' }, regression)).toThrow(
    'column "price" holds Infinity; a finite number is needed',
  );
  expect(() => labels({ kind: 'column', column: 'state' }, regression)).toThrow(
    'column "state" holds strings, numbers are needed',
  );
});

test('a comparison that cannot be meant is refused', () => {
  expect(() => labels({ kind: 'equals', column: 'state', equals: 3 })).toThrow('cannot equal 3');
  expect(() => labels({ kind: 'equals', column: 'delay', equals: '16' })).toThrow('cannot equal "16"');
  expect(() => labels({ kind: 'above', column: 'gone', above: 1 })).toThrow(
    'no column "gone"; there are delay, state, won',
  );
});
