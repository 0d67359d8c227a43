import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dimension, Space } from '../../../core/contracts/space.ts';
import { countCombinations, gridSize, gridValues } from '../../../core/search/grid.ts';
import { propose, type Search, searchOf } from '../../../core/search/propose.ts';
import type { Params } from '../../../core/search/space.ts';

const valuesOf = (written: unknown, points?: number) =>
  gridValues(Space.parse({ a: written as number }).a as Dimension, { points });

describe('the values of an axis in a grid', () => {
  test.each([
    [[true, 'a', 3], undefined, [true, 'a', 3]],
    [7, undefined, [7]],
    [{ low: 1, high: 5, integer: true }, undefined, [1, 2, 3, 4, 5]],
    [{ low: 1, high: 9, integer: true, step: 4 }, undefined, [1, 5, 9]],
    [{ low: 1, high: 9, integer: true, step: 4 }, 2, [1, 5, 9]],
    [{ low: 0.1, high: 0.4, step: 0.1 }, undefined, [0.1, 0.2, 0.3, 0.4]],
    [{ low: 0, high: 1 }, 5, [0, 0.25, 0.5, 0.75, 1]],
    [{ low: 0.001, high: 1, log: true }, 4, [0.001, 0.01, 0.1, 1]],
    [{ low: 1, high: 100, integer: true, log: true }, 3, [1, 10, 100]],
    [{ low: 1, high: 4, integer: true }, 4, [1, 2, 3, 4]],
    // 1, 1.9, 3.6, 6.9: no value stands twice.
    [{ low: 1, high: 3, integer: true, log: true }, 2, [1, 3]],
    [{ low: 0, high: 1 }, undefined, undefined],
  ])('%j with %s points are %j', (written, points, values) => {
    expect(valuesOf(written, points)).toEqual(values);
  });
});

const space = Space.parse({
  booster: ['trees', 'dart', 'linear'],
  drop: { low: 0, high: 1, step: 0.25, when: { booster: 'dart' } },
  mode: { options: ['tree', 'forest'], when: { booster: 'dart' } },
  depth: { low: 1, high: 3, integer: true, step: 1, when: { booster: ['dart', 'trees'] } },
  skip: { low: 0, high: 1, when: { mode: 'forest' } },
  fixed: 3,
});
// trees: 3 depths; dart: 5 drops, 3 depths and, for mode, 1 + 2 skips; linear: 1.
const combinations = 3 + 5 * 3 * (1 + 2) + 1;
const options = { points: 2 };
const search = (more: Partial<Parameters<typeof searchOf>[0]> = {}): Search =>
  searchOf({ seed: 1, space, sampler: { kind: 'grid', ...options }, ...more });
const all = (of: Search): readonly Params[] =>
  Array.from({ length: gridSize(of, options) }, (_, trial) => propose(of, trial, []));
const keys = (trials: readonly Params[]) =>
  new Set(trials.map((params) => JSON.stringify(Object.entries(params).sort())));

describe('a grid', () => {
  test('has each combination once, and no two for parameters that are not there', () => {
    expect(countCombinations(space, options)).toBe(combinations);
    const trials = all(search());
    expect(trials).toHaveLength(combinations);
    expect(keys(trials).size).toBe(combinations);
    expect(trials).toContainEqual({ booster: 'linear', fixed: 3 });
    expect(trials).toContainEqual({
      booster: 'dart',
      mode: 'forest',
      skip: 1,
      drop: 0.75,
      depth: 2,
      fixed: 3,
    });
  });

  test('is shuffled by the seed', () => {
    expect(all(search({ seed: 2 }))).not.toEqual(all(search()));
    expect(keys(all(search({ seed: 2 })))).toEqual(keys(all(search())));
    const boosters = all(search()).map(({ booster }) => booster);
    expect(new Set(boosters.slice(0, 30)).size).toBeGreaterThan(1);
  });

  test('leaves out what constraints forbid', () => {
    const trials = all(search({ constraints: ["depth < 3 or booster == 'trees'", 'drop <= 0.5'] }));
    // dart: 3 drops, 2 depths, 1 + 2 skips.
    expect(trials).toHaveLength(3 + 3 * 2 * 3 + 1);
    expect(keys(trials).size).toBe(trials.length);
  });

  test('begins with the points, and does not repeat those that are on it', () => {
    const points = [
      { booster: 'dart', mode: 'forest', skip: 0.3 },
      { booster: 'linear' },
      { depth: 3, booster: 'trees' },
    ];
    const trials = all(search({ points }));
    for (const [k, point] of points.entries()) expect(trials[k]).toMatchObject(point);
    // The first is beside the grid, the others are on it.
    expect(trials).toHaveLength(combinations + 1);
    expect(keys(trials).size).toBe(combinations + 1);
  });

  test('is counted as it is enumerated, whatever the conditions', () => {
    const axis = (names: readonly string[]) =>
      fc.record({ options: fc.integer({ min: 1, max: 3 }), parent: fc.constantFrom(undefined, ...names) });
    const names = ['a', 'b', 'c', 'd', 'e'];
    const written = fc.tuple(...names.map((_, k) => axis(names.slice(0, k))));
    fc.assert(
      fc.property(written, fc.nat(), (axes, seed) => {
        const of = Space.parse(
          Object.fromEntries(
            axes.map(({ options: count, parent }, k) => [
              names[k]!,
              {
                options: Array.from({ length: count }, (_, at) => at),
                ...(parent && { when: { [parent]: seed % 2 === 0 ? 0 : [0] } }),
              },
            ]),
          ),
        );
        const grid = searchOf({ seed, space: of, sampler: { kind: 'grid' } });
        const trials = Array.from({ length: gridSize(grid, {}) }, (_, trial) => propose(grid, trial, []));
        expect(keys(trials).size).toBe(trials.length);
        expect(countCombinations(of, {})).toBe(trials.length);
      }),
    );
  });

  test('of a trillion combinations is counted at once', () => {
    const wide = Space.parse(
      Object.fromEntries(
        Array.from({ length: 12 }, (_, k) => [`p${k}`, { low: 1, high: 10, integer: true }]),
      ),
    );
    expect(countCombinations(wide, {})).toBe(1e12);
  });
});
