import { expect, test } from 'vitest';
import { candidatesOf, withCandidates } from '../../../core/spec/candidates.ts';
import { parseSpec } from '../../../core/spec/read.ts';

test('models that were brought have their new names wherever the search names them', () => {
  const spec = parseSpec({
    ...{ name: 'late', table: 'a.csv', target: 'late' },
    tune: {
      trainable: 'onnx',
      space: {
        model: ['a.onnx', 'b.onnx'],
        threshold: { low: 0, high: 1, when: { model: 'b.onnx' } },
      },
      points: [{ threshold: 0.5, model: 'b.onnx' }, { model: 'a.onnx' }],
    },
  });
  expect(candidatesOf(spec)).toEqual(['a.onnx', 'b.onnx']);
  const { space, points } = withCandidates(spec, ['A', 'B']).tune;
  expect(space).toEqual({
    model: { kind: 'choice', options: ['A', 'B'] },
    threshold: { kind: 'float', low: 0, high: 1, log: false, when: { model: ['B'] } },
  });
  expect(points).toEqual([{ threshold: 0.5, model: 'B' }, { model: 'A' }]);
});
