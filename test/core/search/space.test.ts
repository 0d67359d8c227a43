import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { functions } from '../../../bench/search/functions.mjs';
import { type Dimension, Space } from '../../../core/contracts/space.ts';
import { drawParams, groupsOf, isThere, unitOf, valueAt, valueCount } from '../../../core/search/space.ts';

describe('a value at a quantile', () => {
  test('lies there: half way on a logarithmic axis from 0.01 to 1 is 0.1', () => {
    expect(valueAt({ kind: 'float', low: 0.01, high: 1, log: true }, 0.5)).toBeCloseTo(0.1, 12);
    expect(valueAt({ kind: 'float', low: 2, high: 4, log: false }, 0.25)).toBe(2.5);
    expect(valueAt({ kind: 'choice', options: ['a', 'b', 'c'] }, 0.4)).toBe('b');
  });

  test('gives the ends of an integer axis as often as what is between them', () => {
    const counts = [0, 0, 0];
    for (let i = 0; i < 3000; i++) {
      counts[Number(valueAt({ kind: 'int', low: 0, high: 2, log: false }, i / 3000))]! += 1;
    }
    expect(counts).toEqual([1000, 1000, 1000]);
  });

  test('stays within its axis', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.boolean(),
        (u, low, width, log) => {
          const value = Number(valueAt({ kind: 'int', low, high: low + width, log }, u));
          return Number.isInteger(value) && value >= low && value <= low + width;
        },
      ),
    );
  });
});

describe('a step', () => {
  test('leaves the values that it reaches, without the digits of binary fractions', () => {
    const axis: Dimension = { kind: 'float', low: 0.1, high: 0.75, log: false, step: 0.1 };
    expect(valueCount(axis)).toBe(7);
    expect([0, 0.3, 0.99].map((u) => valueAt(axis, u))).toEqual([0.1, 0.3, 0.7]);
    expect(valueCount({ kind: 'int', low: 1, high: 10, log: false, step: 4 })).toBe(3);
  });
});

test('the quantile of a value is one that it is the value of', () => {
  const dimension: fc.Arbitrary<Dimension> = fc.oneof(
    fc.constant({ kind: 'float', low: 0.5, high: 2.5, log: false, step: 0.25 } as const),
    fc.constant({ kind: 'int', low: 1, high: 1000, log: true } as const),
    fc.constant({ kind: 'int', low: -4, high: 9, log: false } as const),
    fc
      .constant({ kind: 'choice', options: ['a', true, 3] } as const)
      .map((axis) => ({ ...axis, options: [...axis.options] })),
  );
  fc.assert(
    fc.property(dimension, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (axis, u) => {
      const value = valueAt(axis, u);
      expect(valueAt(axis, unitOf(axis, value))).toBe(value);
    }),
  );
});

describe('a space with conditions', () => {
  const space = Space.parse({
    booster: ['trees', 'dart', 'linear'],
    drop: { low: 0, high: 1, when: { booster: 'dart' } },
    skip: { low: 0, high: 1, when: { booster: ['trees', 'dart'] } },
    deep: { low: 1, high: 2, when: { booster: 'dart', late: true } },
    late: { options: [true, false], when: { booster: ['dart'] } },
  });

  test('has its groups behind what they depend on, axes of one condition together', () => {
    expect(groupsOf(space).map(({ axes }) => axes.map(({ name }) => name))).toEqual([
      ['booster'],
      ['drop', 'late'],
      ['skip'],
      ['deep'],
    ]);
  });

  test('is drawn without what its conditions leave out', () => {
    const drawn = (booster: string, late: boolean) =>
      Object.keys(
        drawParams(space, ({ name }) => (name === 'booster' ? booster : name === 'late' ? late : 1)),
      ).sort();
    expect(drawn('linear', true)).toEqual(['booster']);
    expect(drawn('trees', true)).toEqual(['booster', 'skip']);
    expect(drawn('dart', false)).toEqual(['booster', 'drop', 'late', 'skip']);
    expect(drawn('dart', true)).toEqual(['booster', 'deep', 'drop', 'late', 'skip']);
    expect(isThere({ when: { drop: [1] } }, {})).toBe(false);
  });

  test.each([
    [
      { a: { low: 0, high: 1, when: { boost: 'x' } }, booster: ['x'] },
      'a: when names no parameter of the space "boost"; did you mean booster?',
    ],
    [{ a: { low: 0, high: 1, when: { b: 'y' } }, b: ['x'] }, 'a: when: b is never "y"'],
    [
      { a: { options: [1], when: { b: 1 } }, b: { options: [1], when: { a: 1 } } },
      'a: when goes in a circle: a → b → a',
    ],
    [{ a: [] }, 'a.options: a choice needs at least one option'],
    [{ a: ['x', 'x'] }, 'a: an option stands once (given twice: "x")'],
    [{ a: { low: 0, high: 1, log: true } }, 'a: a logarithmic axis needs low above 0 (given: 0)'],
    [
      { a: { low: 0, high: 1, step: 2 } },
      'a: the step must not be larger than the range (given: step 2, low 0, high 1)',
    ],
    [
      { a: { low: 1, high: 9, step: 1, log: true } },
      'a: a logarithmic axis has no step: leave out log or step',
    ],
    [
      { a: { low: 0, high: 9, step: 1.5, integer: true } },
      'a: the step of whole numbers is one too (given: 1.5)',
    ],
  ])('%j is refused', (given, message) => {
    const issues = Space.safeParse(given).error?.issues ?? [];
    expect(issues.map(({ path, message: text }) => `${path.join('.')}: ${text}`).join('; ')).toContain(
      message,
    );
  });

  test('holds each space of the bench', () => {
    for (const { space: written } of functions) expect(Space.parse(written)).toBeDefined();
  });
});
