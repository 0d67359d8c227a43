import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sampler } from '../../../core/contracts/sampler.ts';
import { Space } from '../../../core/contracts/space.ts';
import { allowedBy } from '../../../core/search/constraint.ts';
import { propose, searchOf } from '../../../core/search/propose.ts';
import type { Params } from '../../../core/search/space.ts';
import type { Observed } from '../../../core/search/tpe.ts';

const samplers: readonly Sampler[] = [
  { kind: 'random' },
  { kind: 'sobol' },
  { kind: 'tpe', startup: 4, candidates: 24 },
  { kind: 'cmaes' },
  { kind: 'gp', startup: 4 },
  { kind: 'nsga2', population: 4 },
];
const space = Space.parse({
  rate: { low: 0.01, high: 0.5, log: true },
  leaves: { low: 7, high: 255, integer: true },
  share: { low: 0.5, high: 1, step: 0.1 },
  booster: ['trees', 'dart', 'linear'],
  drop: { low: 0, high: 1, when: { booster: 'dart' } },
  fixed: 3,
});
const loss = ({ rate, leaves }: Params): number => Number(rate) + Number(leaves) / 100;

/** The trials of a study in turn, each told before the next is asked for. */
function trialsOf(search: Parameters<typeof propose>[0], trials: number): readonly Params[] {
  const observed: Observed[] = [];
  for (let number = 0; number < trials; number++) {
    const params = propose(search, number, observed);
    observed.push({ number, params, state: { kind: 'value', rung: 0, losses: [loss(params)] } });
  }
  return observed.map(({ params }) => params);
}

describe.each(samplers)('with the sampler $kind', (sampler) => {
  const points = [
    { rate: 0.1, leaves: 31 },
    { booster: 'dart', drop: 0.25 },
    { rate: 0.2, leaves: 7, share: 0.7, booster: 'linear' },
    { booster: 'trees' },
    { share: 0.6 },
    { share: 0.6, leaves: 255 },
    { rate: 0.5 },
    { rate: 0.01 },
  ];

  test('each of the first trials has what its point says, and the sampler fills in the rest', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const begun = trialsOf({ seed, space, sampler, points }, 10);
        for (const [k, point] of points.entries()) expect(begun[k]).toMatchObject(point);
        for (const params of begun) {
          const names = ['booster', 'fixed', 'leaves', 'rate', 'share'];
          if (params.booster === 'dart') names.splice(1, 0, 'drop');
          expect(Object.keys(params).sort()).toEqual(names);
          expect(params.fixed).toBe(3);
          expect([0.5, 0.6, 0.7, 0.8, 0.9, 1]).toContain(params.share);
        }
        expect(begun[2]).toEqual({ ...points[2], fixed: 3 });
      }),
      { numRuns: 10 },
    );
  });
});

describe.each(samplers)('with constraints, the sampler $kind', (sampler) => {
  const odd = Space.parse({
    low: { low: 0, high: 1 },
    high: { low: 0, high: 1 },
    count: { low: 1, high: 64, log: true, integer: true },
    size: { options: [8, 16, 32], ordered: true },
    booster: ['trees', 'dart', 'linear'],
    drop: { low: 0, high: 1, when: { booster: 'dart' } },
    skip: { low: 0, high: 1, step: 0.25, when: { booster: 'dart' } },
    fixed: 3,
  });
  const rules: [string, (params: Params) => boolean][] = [
    ['low < high', ({ low, high }) => Number(low) < Number(high)],
    ['count * size <= 128', ({ count, size }) => Number(count) * Number(size) <= 128],
    ["booster != 'linear' or count > 4", ({ booster, count }) => booster !== 'linear' || Number(count) > 4],
    ['drop + skip <= 0.5', ({ drop, skip }) => drop === undefined || Number(drop) + Number(skip) <= 0.5],
    ['low + high < 0.3', ({ low, high }) => Number(low) + Number(high) < 0.3],
  ];
  const state = fc.oneof(
    fc.record({
      kind: fc.constant('value' as const),
      rung: fc.nat({ max: 1 }),
      losses: fc.tuple(fc.constantFrom(-1, 0, 0.5, 2)),
    }),
    fc.constant({ kind: 'failed' as const }),
    fc.constant({ kind: 'running' as const }),
  );

  test('proposes only what they allow, within the space, and points are filled in so', () => {
    fc.assert(
      fc.property(
        fc.subarray(rules, { minLength: 1 }),
        fc.array(state, { minLength: 6, maxLength: 14 }),
        fc.nat(),
        (chosen, states, seed) => {
          const constraints = chosen.map(([text]) => text);
          const points = [{ booster: 'dart' }, { low: 0.1, count: 5 }];
          const search = {
            seed,
            space: odd,
            sampler,
            points,
            allowed: allowedBy({ space: odd, constraints }),
          };
          const observed: Observed[] = [];
          for (const [number, each] of states.entries())
            observed.push({ number, params: propose(search, number, observed), state: each });
          for (const { params } of observed) {
            for (const [, holds] of chosen) expect(holds(params)).toBe(true);
            expect('drop' in params && 'skip' in params).toBe(params.booster === 'dart');
            for (const [name, value] of Object.entries(params)) {
              const axis = odd[name]!;
              if (axis.kind === 'choice') expect(axis.options).toContain(value);
              else expect(Number(value) >= axis.low && Number(value) <= axis.high).toBe(true);
            }
            expect(Number.isInteger(params.count)).toBe(true);
          }
          for (const [k, point] of points.entries()) expect(observed[k]!.params).toMatchObject(point);
        },
      ),
      { numRuns: 12 },
    );
  });

  test('does so where one draw in 20,000 is allowed', () => {
    const constraints = ['low + high < 0.01'];
    const search = { seed: 0, space: odd, sampler, allowed: allowedBy({ space: odd, constraints }) };
    const observed: Observed[] = [];
    for (let number = 0; number < 8; number++) {
      const params = propose(search, number, observed);
      observed.push({ number, params, state: { kind: 'value', rung: 0, losses: [Number(params.count)] } });
    }
    for (const { params } of observed) expect(Number(params.low) + Number(params.high)).toBeLessThan(0.01);
    expect(new Set(observed.map(({ params }) => JSON.stringify(params))).size).toBe(8);
  });
});

test('sobol leaves out what is not allowed: the others are its points in their order', () => {
  const free = { seed: 3, space: Space.parse({ x: { low: 0, high: 1 }, y: { low: 0, high: 1 } }) };
  const sampler: Sampler = { kind: 'sobol' };
  const allowed = allowedBy({ space: free.space, constraints: ['x + y < 0.5'] });
  const all = Array.from({ length: 256 }, (_, trial) => propose({ ...free, sampler }, trial, []));
  const kept = all.filter(({ x, y }) => Number(x) + Number(y) < 0.5);
  // An eighth of the square: 32 of 256, and a few more or less along its edge.
  expect(Math.abs(kept.length - 32)).toBeLessThan(6);
  const search = { ...free, sampler, allowed };
  expect(propose(search, 20, [])).toEqual(kept[20]);
  expect(kept.slice(0, 25)).toEqual(Array.from({ length: 25 }, (_, trial) => propose(search, trial, [])));
});

test('a value that a rounding keeps off its step is the one of the step', () => {
  const search = { seed: 0, space, sampler: samplers[0]!, points: [{ share: 0.7000000000000001 }] };
  expect(propose(search, 0, []).share).toBe(0.7);
});

test('trials that points gave are learnt from like any other: tpe goes where a point was good', () => {
  const bowl = Space.parse({ x: { low: 0, high: 1 }, y: { low: 0, high: 1 } });
  const sampler: Sampler = { kind: 'tpe', startup: 5, candidates: 24 };
  const points = Array.from({ length: 40 }, (_, k) => ({ x: (k + 0.5) / 40, y: ((k * 7) % 40) / 40 }));
  const observed = points.map(
    (params, number): Observed => ({
      ...{ number, params },
      state: { kind: 'value', rung: 0, losses: [Math.abs(params.x - 0.85)] },
    }),
  );
  const asked = Array.from({ length: 20 }, (_, seed) =>
    Number(propose({ seed, space: bowl, sampler, points }, 40, observed).x),
  );
  // Of points drawn evenly 6 of 20 would.
  expect(asked.filter((x) => Math.abs(x - 0.85) < 0.15).length).toBeGreaterThan(12);
});

test('where the best lies on the edge of what is allowed, gp finds it and tpe comes nearer than chance', () => {
  const square = Space.parse({ x: { low: 0, high: 2 }, y: { low: 0, high: 2 } });
  // From (1, 0.8) to the line x + y = 1 it is 0.8 / sqrt(2).
  const least = 0.32;
  const missed = (sampler: Sampler): number => {
    const searches = Array.from({ length: 7 }, (_, seed) => {
      const search = searchOf({ seed, space: square, sampler, constraints: ['x + y <= 1'] });
      const observed: Observed[] = [];
      const losses = Array.from({ length: 40 }, (__, number) => {
        const params = propose(search, number, observed);
        const told = (Number(params.x) - 1) ** 2 + (Number(params.y) - 0.8) ** 2;
        observed.push({ number, params, state: { kind: 'value', rung: 0, losses: [told] } });
        return told;
      });
      return Math.min(...losses) - least;
    });
    expect(Math.min(...searches)).toBeGreaterThan(-1e-12);
    return searches.sort((a, b) => a - b)[3]!;
  };
  expect(missed({ kind: 'gp', startup: 10 })).toBeLessThan(0.001);
  expect(missed({ kind: 'tpe', startup: 10, candidates: 24 })).toBeLessThan(missed({ kind: 'random' }) / 1.5);
});
