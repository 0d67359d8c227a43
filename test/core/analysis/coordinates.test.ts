import { expect, test } from 'vitest';
import { coordinatesOf } from '../../../core/analysis/coordinates.ts';

test('a logarithmic axis has its middle at the geometric mean, and ticks of short numbers', () => {
  const [axis] = coordinatesOf({ rate: { kind: 'float', low: 0.0001, high: 1, log: true } }, [
    { rate: 0.01 },
    { rate: 0.0001 },
    {},
  ]);
  expect(axis).toEqual({
    ...{ name: 'rate', kind: 'numbers', log: true, positions: [0.5, 0, null] },
    ticks: [
      { at: 0, label: '0.0001' },
      { at: 0.25, label: '0.001' },
      { at: 0.5, label: '0.01' },
      { at: 0.75, label: '0.1' },
      { at: 1, label: '1' },
    ],
  });
});

test('options stand in the middle of their parts', () => {
  const [axis] = coordinatesOf({ kind: { kind: 'choice', options: ['a', true, 3, 'd'] } }, [{ kind: 'd' }]);
  expect(axis!.positions).toEqual([0.875]);
  expect(axis!.ticks).toEqual([
    { at: 0.125, label: 'a' },
    { at: 0.375, label: 'true' },
    { at: 0.625, label: '3' },
    { at: 0.875, label: 'd' },
  ]);
});

test('few whole numbers have a tick each, and none twice', () => {
  const [axis] = coordinatesOf({ depth: { kind: 'int', low: 1, high: 2, log: false } }, [
    { depth: 1 },
    { depth: 2 },
  ]);
  expect(axis!.ticks.map(({ label }) => label)).toEqual(['1', '2']);
  expect(axis!.positions).toEqual([0.25, 0.75]);
});
