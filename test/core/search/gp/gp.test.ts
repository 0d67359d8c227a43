import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scalar } from '../../../../core/contracts/names.ts';
import { Space } from '../../../../core/contracts/space.ts';
import { sampleGp } from '../../../../core/search/gp/gp.ts';
import { sampleRandom } from '../../../../core/search/random.ts';
import type { Observed } from '../../../../core/search/tpe.ts';

const options = { startup: 5 };
const mixed = Space.parse({
  rate: { low: 0.001, high: 1, log: true },
  depth: { low: 1, high: 9, integer: true },
  share: { low: 0.1, high: 0.9, step: 0.2 },
  kind: ['a', 'b', 'c'],
  size: { options: ['s', 'm', 'l'], ordered: true },
  fixed: 7,
  drop: { low: 0, high: 1, when: { kind: 'b' } },
});

type Params = Readonly<Record<string, Scalar>>;
const lossOf = ({ rate, depth, kind }: Params) =>
  (Math.log10(Number(rate)) + 2) ** 2 + Math.abs(Number(depth) - 4) / 4 + (kind === 'b' ? 0 : 0.5);

const state = fc.oneof(
  fc.record({
    kind: fc.constant('value' as const),
    rung: fc.nat({ max: 2 }),
    losses: fc.tuple(fc.constantFrom(-1, 0, 0.5, 2)),
  }),
  fc.constant({ kind: 'failed' as const }),
  fc.constant({ kind: 'running' as const }),
);

describe('a suggestion', () => {
  test('lies within the space, is the same again, and the same for history in any order', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 14 }), fc.nat({ max: 9 }), (states, seed) => {
        const study = { seed, space: mixed };
        const observed = states.map(
          (each, number): Observed => ({ number, params: sampleRandom(study, number), state: each }),
        );
        const suggested = sampleGp(study, observed.length, observed, options);
        const { rate, depth, share, kind, size, fixed, drop } = suggested;
        expect(rate).toBeGreaterThanOrEqual(0.001);
        expect(rate).toBeLessThanOrEqual(1);
        expect([1, 2, 3, 4, 5, 6, 7, 8, 9]).toContain(depth);
        expect([0.1, 0.3, 0.5, 0.7, 0.9]).toContain(share);
        expect(['a', 'b', 'c']).toContain(kind);
        expect(['s', 'm', 'l']).toContain(size);
        expect(fixed).toBe(7);
        expect(drop === undefined).toBe(kind !== 'b');
        expect(sampleGp(study, observed.length, observed.toReversed(), options)).toEqual(suggested);
      }),
      { numRuns: 25 },
    );
  });

  test('is nowhere that was seen or that runs, until all of a small space was', () => {
    const space = Space.parse({ a: { low: 0, high: 3, integer: true }, b: [true, false] });
    const observed: Observed[] = [];
    const told = new Set<string>();
    for (let number = 0; number < 8; number++) {
      const params = sampleGp({ seed: 3, space }, number, observed, { startup: 2 });
      told.add(JSON.stringify(params));
      const ran: Observed['state'] =
        number % 3 === 2 ? { kind: 'running' } : { kind: 'value', rung: 0, losses: [Number(params.a)] };
      observed.push({ number, params, state: ran });
    }
    // The first two are spread without a look at each other.
    expect(told.size).toBeGreaterThanOrEqual(7);
  });
});

test('it comes near the best of a mixed space in 30 trials', () => {
  const study = { seed: 1, space: mixed };
  const observed: Observed[] = [];
  for (let number = 0; number < 30; number++) {
    const params = sampleGp(study, number, observed, options);
    observed.push({ number, params, state: { kind: 'value', rung: 0, losses: [lossOf(params)] } });
  }
  const best = observed.toSorted((a, b) => lossOf(a.params) - lossOf(b.params))[0]!;
  expect(best.params).toMatchObject({ kind: 'b', depth: 4 });
  expect(lossOf(best.params)).toBeLessThan(0.01);
});

test('lanes that ask together are sent to different places', () => {
  const study = {
    seed: 1,
    space: Space.parse({ x: { low: 0, high: 1 }, y: { low: 0, high: 1 }, z: { low: 0, high: 1 } }),
  };
  const observed = Array.from({ length: 15 }, (_, number): Observed => {
    const params = sampleRandom(study, number);
    const loss = Math.sin(9 * Number(params.x)) + Math.cos(7 * Number(params.y)) * Number(params.z);
    return { number, params, state: { kind: 'value', rung: 0, losses: [loss] } };
  });
  for (let number = 15; number < 19; number++) {
    const params = sampleGp(study, number, observed, options);
    observed.push({ number, params, state: { kind: 'running' } });
  }
  const places = observed.map(({ params }) => ['x', 'y', 'z'].map((name) => Number(params[name])));
  for (const [i, a] of places.entries()) {
    for (const b of places.slice(i + 1))
      expect(Math.hypot(...a.map((value, k) => value - b[k]!))).toBeGreaterThan(0.01);
  }
});
