import { expect, test } from 'vitest';
import { labelsOf, noLabel } from '../../../core/training/target.ts';
import { batchOf } from './tables.ts';

const batch = batchOf(
  [
    { name: 'delay', type: 'integer' },
    { name: 'state', type: 'string' },
    { name: 'won', type: 'boolean' },
  ],
  [
    [15, 'late', true],
    [16, 'early', false],
    [null, null, null],
  ],
);

test('a row is 1 above the bound, 0 at it, and left out where the value is missing', () => {
  expect([...labelsOf(batch, { kind: 'above', column: 'delay', above: 15 })]).toEqual([0, 1, noLabel]);
});

test('a row is 1 where the value equals the one given, of its own type', () => {
  expect([...labelsOf(batch, { kind: 'equals', column: 'state', equals: 'late' })]).toEqual([1, 0, noLabel]);
  expect([...labelsOf(batch, { kind: 'equals', column: 'delay', equals: 16 })]).toEqual([0, 1, noLabel]);
  expect([...labelsOf(batch, { kind: 'equals', column: 'won', equals: true })]).toEqual([1, 0, noLabel]);
});

test('a plain column is taken as it is, and refused where it holds anything but 0 and 1', () => {
  expect([...labelsOf(batch, { kind: 'column', column: 'won' })]).toEqual([1, 0, noLabel]);
  expect(() => labelsOf(batch, { kind: 'column', column: 'delay' })).toThrow('holds 15; a target is 0 or 1');
  expect(() => labelsOf(batch, { kind: 'column', column: 'state' })).toThrow(
    'say which one means 1 with "equals"',
  );
});

test('a comparison that cannot be meant is refused', () => {
  expect(() => labelsOf(batch, { kind: 'equals', column: 'state', equals: 3 })).toThrow('cannot equal 3');
  expect(() => labelsOf(batch, { kind: 'equals', column: 'delay', equals: '16' })).toThrow(
    'cannot equal "16"',
  );
  expect(() => labelsOf(batch, { kind: 'above', column: 'gone', above: 1 })).toThrow(
    'no column "gone"; there are delay, state, won',
  );
});
