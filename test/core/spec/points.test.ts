import { describe, expect, test } from 'vitest';
import { readSpec } from '../../../core/spec/read.ts';
import { refusal } from '../../support/refusal.ts';

/** A specification whose points begin on line 13. */
const withPoints = (...points: readonly string[]): string =>
  [
    'name: flights',
    'table: a.parquet',
    'target: late',
    'tune:',
    '  trials: 3',
    '  space:',
    '    rate: { low: 0.01, high: 0.5, log: true }',
    '    leaves: { low: 7, high: 255, integer: true }',
    '    share: { low: 0.5, high: 1, step: 0.1 }',
    '    booster: [trees, dart]',
    '    drop: { low: 0, high: 1, when: { booster: dart } }',
    '  points:',
    ...points.map((point) => `    - ${point}`),
  ].join('\n');

describe('points that a study begins with', () => {
  test('may name some of the parameters', () => {
    const { tune } = readSpec(
      withPoints('{ rate: 0.1, leaves: 31 }', '{ booster: dart, drop: 1 }'),
      'a.yaml',
    );
    expect(tune.points).toEqual([
      { rate: 0.1, leaves: 31 },
      { booster: 'dart', drop: 1 },
    ]);
  });

  test.each([
    ['{ rate: 0.6 }', 'tune.points.1.rate: outside of the space: use 0.01 to 0.5 (given: 0.6)'],
    ['{ rate: fast }', 'tune.points.1.rate: use a number from 0.01 to 0.5 (given: "fast")'],
    ['{ leaves: 31.5 }', 'tune.points.1.leaves: use a whole number (given: 31.5)'],
    ['{ share: 0.65 }', 'tune.points.1.share: on no step of 0.1 from 0.5: the nearest is 0.7 (given: 0.65)'],
    ['{ booster: drat }', 'tune.points.1.booster: use one of "trees", "dart" (given: "drat")'],
    [
      '{ leafs: 31 }',
      'tune.points.1.leafs: a point names no parameter of the space "leafs"; did you mean leaves? (there are: rate, leaves, share, booster, drop)',
    ],
    [
      '{ drop: 0.5 }',
      'tune.points.1.drop: only there where booster is "dart": the point must name booster too',
    ],
    [
      '{ booster: trees, drop: 0.5 }',
      'tune.points.1.drop: only there where booster is "dart" (given: booster "trees")',
    ],
    ['{}', 'tune.points.1: a point names at least one parameter'],
    ['{ share: 0.7, rate: 0.1 }', 'tune.points.1: the same as point 1: a point stands once'],
  ])('with %s are refused, with the line', (point, message) => {
    expect(refusal(withPoints('{ rate: 0.1, share: 0.7 }', point))).toMatch(/^flights\.yaml:14:\d+: /);
    expect(refusal(withPoints('{ rate: 0.1, share: 0.7 }', point))).toContain(`: ${message}`);
  });

  test('are told apart by what is searched: a constant makes no difference, nor a rounding on a step', () => {
    const text = withPoints('{ share: 0.7 }', '{ share: 0.7000000000000001, seed: 3 }').replace(
      '  points:',
      '    seed: 3\n  points:',
    );
    expect(refusal(text)).toContain('tune.points.1: the same as point 1');
  });

  test('are no more than the trials', () => {
    const points = ['{ rate: 0.1 }', '{ rate: 0.2 }', '{ rate: 0.3 }', '{ rate: 0.4 }'];
    expect(refusal(withPoints(...points))).toContain(
      'tune.points: each point is a trial: raise trials or leave points out (given: 4 points, 3 trials)',
    );
  });

  test('of a condition on a constant need not name it', () => {
    const text = withPoints('{ drop: 0.5 }').replace('[trees, dart]', 'dart');
    expect(readSpec(text, 'a.yaml').tune.points).toEqual([{ drop: 0.5 }]);
  });
});
