import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Space } from '../../../core/contracts/space.ts';
import { drawAllowed, someAllowed } from '../../../core/search/allowed.ts';
import { allowedBy, conditionOf } from '../../../core/search/constraint.ts';

const space = Space.parse({
  leaves: { low: 2, high: 300, integer: true },
  min_data: { low: 1, high: 1000, integer: true },
  rate: { low: 0, high: 1 },
  booster: ['trees', 'dart', 'linear'],
  drop: { low: 0, high: 1, when: { booster: 'dart' } },
  bagging: [true, false],
  depth: ['auto', 3, 6],
  order: [1, 2],
});
const holds = (text: string, params: object) => conditionOf(text, space)({ ...params });

describe('a constraint', () => {
  test.each([
    ['min_data * leaves <= 100000', { min_data: 1000, leaves: 100 }, true],
    ['min_data * leaves <= 100000', { min_data: 1000, leaves: 101 }, false],
    ['leaves <= 2 ** 3', { leaves: 8 }, true],
    ['leaves <= 2 ** 3', { leaves: 9 }, false],
    ['leaves % 8 == 0', { leaves: 16 }, true],
    ['leaves % 8 == 0', { leaves: 17 }, false],
    ['leaves - min_data / 2 > -1', { leaves: 4, min_data: 10 }, false],
    ['1e-1 < rate and rate < .5', { rate: 0.3 }, true],
    ['1e-1 < rate and rate < .5', { rate: 0.5 }, false],
    ['booster in [\'trees\', "linear"]', { booster: 'linear' }, true],
    ["booster in ['trees', 'linear']", { booster: 'dart' }, false],
    ["not (booster == 'dart')", { booster: 'dart' }, false],
    ["booster not in ['trees', 'linear']", { booster: 'dart' }, true],
    ["booster not in ['trees', 'linear'] or bagging", { booster: 'trees', bagging: false }, false],
    ['bagging == False', { bagging: false }, true],
    ["booster != 'dart' && bagging", { booster: 'trees', bagging: false }, false],
    ["booster == 'dart' || bagging == true", { booster: 'trees', bagging: true }, true],
    ["depth == 'auto' or order == 2", { depth: 6, order: 1 }, false],
    ['order<2', { order: 1 }, true],
    // `and` binds more tightly than `or`, and comparisons more than both.
    ["booster == 'trees' or bagging and rate < 0.5", { booster: 'trees', bagging: false, rate: 1 }, true],
    ["(booster == 'trees' or bagging) and rate < 0.5", { booster: 'trees', bagging: false, rate: 1 }, false],
  ])('%s of %j is %s', (text, params, expected) => {
    expect(holds(text, params)).toBe(expected);
  });

  test.each([
    ['drop < 0.5', { booster: 'trees' }, true],
    ['not (drop < 0.5)', { booster: 'trees' }, true],
    ['drop < 0.5 and leaves < 10', { leaves: 10 }, false],
    ['drop < 0.5 and leaves < 10', { leaves: 9 }, true],
    ['drop < 0.5 or leaves < 10', { leaves: 10 }, true],
    ["booster != 'dart' or drop < 0.5", { booster: 'trees' }, true],
    ["booster != 'dart' or drop < 0.5", { booster: 'dart', drop: 0.6 }, false],
    ['drop * leaves != 3', { leaves: 10 }, true],
    ['-drop in [1, 2]', {}, true],
  ])('%s refuses only what makes it false, whatever is not there: %j is %s', (text, params, expected) => {
    expect(holds(text, params)).toBe(expected);
  });

  test.each([
    ['leafs < 10', 'a constraint names no parameter of the space "leafs"; did you mean leaves?'],
    ['constructor == 1', 'names no parameter of the space "constructor"'],
    ['leaves', 'a constraint is true or false, and this is leaves (a number)'],
    ['leaves + 1', 'a constraint is true or false, and this is a number'],
    ["leaves == 'many'", "leaves (a number) is never equal to 'many' (a text)"],
    ["booster < 'm'", '< takes numbers, not booster (a text)'],
    ['booster + 1 == 2', '+ takes numbers, not booster (a text)'],
    ['depth < 4', '< takes numbers, not depth (a text or a number)'],
    ["booster == 'drat'", "booster is never 'drat' (it is 'trees', 'dart', 'linear')"],
    ["booster in ['trees', 3]", 'booster (a text) is never equal to 3 (a number)'],
    ['0 < rate < 1', '< takes numbers, not a condition (0 < a < 1 is written 0 < a and a < 1)'],
    ["not booster == 'dart'", 'not takes conditions, not booster (a text)'],
    ['leaves and bagging', 'and takes conditions, not leaves (a number)'],
    ['leaves = 3', 'values are compared by =='],
    ['leaves < ', 'no expression: Expected expression after <'],
    ['leaves ^ 2 < 10', 'the operator ^ is not known: use parameters, numbers'],
    ['leaves === 3', 'the operator === is not known'],
    ['~leaves < 3', 'the operator ~ is not known'],
    ['leaves < 3, rate < 1', 'one expression is needed'],
    ["leaves.constructor('return 1')() == 1", 'use parameters, numbers'],
    ["leaves['constructor'] == 1", 'use parameters, numbers'],
    ['abs(rate) < 1', 'use parameters, numbers'],
    ['this == 1', 'use parameters, numbers'],
    ['rate == null', 'null is nothing that a parameter can be'],
    ['booster in booster', "in takes a list: booster in ['trees', 'dart']"],
    ['rate < 1 ? true : false', 'use parameters, numbers'],
    ['', 'one expression is needed'],
  ])('%s is refused', (text, message) => {
    expect(() => conditionOf(text, space)).toThrow(message);
  });
});

describe('a point that is allowed', () => {
  const domainOf = (constraints: readonly string[], of = space) => ({
    ...{ seed: 0, space: of },
    allowed: allowedBy({ space: of, constraints }),
  });

  test('is found where it is rare: of numbers that add up to no more than 1, of which one draw in 40,320 does', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const shares = Space.parse(Object.fromEntries(names.map((name) => [name, { low: 0, high: 1 }])));
    const domain = domainOf([`${names.join(' + ')} <= 1`], shares);
    const drawn = Array.from({ length: 30 }, (_, k) => drawAllowed(domain, `${k}`));
    for (const params of drawn)
      expect(
        Object.values(params).reduce<number>((sum, share) => sum + Number(share), 0),
      ).toBeLessThanOrEqual(1);
    expect(new Set(drawn.map(({ a }) => a)).size).toBe(30);
    // Evenly over the simplex each share is 1/9 on average, with a deviation of 0.1 / sqrt(30).
    const mean = drawn.reduce((sum, { d }) => sum + Number(d), 0) / 30;
    expect(Math.abs(mean - 1 / 9)).toBeLessThan(0.075);
  });

  test('is none where there is none', () => {
    expect(someAllowed(space, domainOf(['leaves > 300']).allowed)).toBeUndefined();
    expect(someAllowed(space, domainOf(['leaves == 300']).allowed)).toBeDefined();
  });

  test('is drawn as before where nothing is refused', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        expect(drawAllowed(domainOf(['rate >= 0']), key)).toEqual(drawAllowed({ seed: 0, space }, key));
      }),
      { numRuns: 20 },
    );
  });
});
