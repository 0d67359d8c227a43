import { describe, expect, test } from 'vitest';
import { readSpec } from '../../../core/spec/read.ts';
import { refusal } from '../../support/refusal.ts';

/** A specification whose constraints begin on line 11. */
const withConstraints = (constraints: readonly string[], ...more: readonly string[]): string =>
  [
    'name: flights',
    'table: a.parquet',
    'target: late',
    'tune:',
    '  space:',
    '    leaves: { low: 2, high: 255, integer: true }',
    '    min_data: { low: 1, high: 1000, integer: true }',
    '    booster: [trees, dart]',
    '    drop: { low: 0, high: 1, when: { booster: dart } }',
    '  constraints:',
    ...constraints.map((each) => `    - ${JSON.stringify(each)}`),
    ...more,
  ].join('\n');

describe('constraints', () => {
  test('are conditions on the parameters', () => {
    const constraints = ['min_data * leaves <= 100000', "booster != 'dart' or drop < 0.5"];
    expect(readSpec(withConstraints(constraints), 'a.yaml').tune.constraints).toEqual(constraints);
  });

  test.each([
    [
      ['leaves < 100', 'leafs < 10'],
      12,
      'tune.constraints.1: "leafs < 10": a constraint names no parameter of the space "leafs"; did you mean leaves?',
    ],
    [
      ['leaves < 100', 'leaves +'],
      12,
      'tune.constraints.1: "leaves +": no expression: Expected expression after +',
    ],
    [
      ['leaves + 1'],
      11,
      'tune.constraints.0: "leaves + 1": a constraint is true or false, and this is a number',
    ],
    [["leaves == 'many'"], 11, "leaves (a number) is never equal to 'many' (a text)"],
    [
      ['leaves < 100', 'leaves * min_data < 1'],
      12,
      'tune.constraints.1: "leaves * min_data < 1": nothing in the space satisfies it (10000 points were drawn)',
    ],
    [
      ['leaves < 100', 'min_data < 50', 'leaves + min_data > 200'],
      13,
      'tune.constraints.2: "leaves + min_data > 200": nothing in the space satisfies it and those before it (10000 points were drawn)',
    ],
    [['x'.repeat(1001)], 11, 'tune.constraints.0: '],
  ])('%j are refused, with the line', (constraints, line, message) => {
    const refused = refusal(withConstraints(constraints));
    expect(refused).toMatch(new RegExp(`^flights\\.yaml:${line}:\\d+: `));
    expect(refused).toContain(message);
  });

  test('must be satisfied by each point', () => {
    const points = (...given: readonly string[]) => ['  points:', ...given.map((point) => `    - ${point}`)];
    const constraints = ['leaves * min_data <= 1000', 'drop < 0.5'];
    expect(
      readSpec(
        withConstraints(constraints, ...points('{ leaves: 200 }', '{ leaves: 10, min_data: 100 }')),
        'a',
      ),
    ).toBeDefined();
    const refused = refusal(
      withConstraints(
        constraints,
        ...points('{ leaves: 200, min_data: 6 }', '{ leaves: 9 }', '{ booster: dart, drop: 0.5 }'),
      ),
    ).split('\n');
    expect(refused[0]).toMatch(
      /^flights.yaml:14:\d+: tune.points.0: the point does not satisfy "leaves \* min_data <= 1000" \(tune.constraints\)$/,
    );
    expect(refused[1]).toMatch(
      /^flights.yaml:16:\d+: tune.points.2: the point does not satisfy "drop < 0.5"/,
    );
  });

  test('are not looked at in a space that is wrong itself', () => {
    const circle = withConstraints(['leaves < 3']).replace(
      'booster: [trees, dart]',
      'booster: { options: [trees, dart], when: { drop: 1 } }',
    );
    expect(refusal(circle)).toContain('when goes in a circle');
    expect(refusal(circle)).not.toContain('constraints');
  });
});
