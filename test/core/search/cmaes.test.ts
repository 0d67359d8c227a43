import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scalar } from '../../../core/contracts/names.ts';
import { Space } from '../../../core/contracts/space.ts';
import { sampleCmaes } from '../../../core/search/cmaes.ts';
import { sampleRandom } from '../../../core/search/random.ts';
import type { Space as Axes } from '../../../core/search/space.ts';
import type { Observed } from '../../../core/search/tpe.ts';

const unit = { low: 0, high: 1 };
const mixed = Space.parse({
  rate: { low: 0.001, high: 1, log: true },
  depth: { low: 1, high: 9, integer: true },
  share: { low: 0.1, high: 0.9, step: 0.2 },
  kind: ['a', 'b', 'c'],
  size: { options: ['s', 'm', 'l'], ordered: true },
  fixed: 7,
  drop: { ...unit, when: { kind: 'b' } },
  deep: { ...unit, when: { depth: [8, 9] } },
});

type Params = Readonly<Record<string, Scalar>>;

function search(space: Axes, trials: number, lossOf: (params: Params) => number, seed = 1): Observed[] {
  const observed: Observed[] = [];
  for (let number = 0; number < trials; number++) {
    const params = sampleCmaes({ seed, space }, number, observed);
    observed.push({ number, params, state: { kind: 'value', rung: 0, losses: [lossOf(params)] } });
  }
  return observed;
}

const lossesOf = (observed: readonly Observed[]) =>
  observed.flatMap(({ state }) => (state.kind === 'value' ? [state.losses[0]] : []));

const state = fc.oneof(
  fc.record({
    kind: fc.constant('value' as const),
    rung: fc.integer({ min: -1, max: 2 }),
    losses: fc.tuple(fc.constantFrom(-1, 0, 0.5, 2)),
  }),
  fc.constant({ kind: 'failed' as const }),
  fc.constant({ kind: 'running' as const }),
);

describe('a suggestion', () => {
  test('lies within the space, is the same again, and the same for history in any order', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 60 }), fc.nat({ max: 9 }), (states, seed) => {
        const study = { seed, space: mixed };
        const observed = states.map(
          (each, number): Observed => ({ number, params: sampleRandom(study, number), state: each }),
        );
        const suggested = sampleCmaes(study, observed.length, observed);
        const { rate, depth, share, kind, size, fixed, drop, deep } = suggested;
        expect(rate).toBeGreaterThanOrEqual(0.001);
        expect(rate).toBeLessThanOrEqual(1);
        expect([1, 2, 3, 4, 5, 6, 7, 8, 9]).toContain(depth);
        expect([0.1, 0.3, 0.5, 0.7, 0.9]).toContain(share);
        expect(['a', 'b', 'c']).toContain(kind);
        expect(['s', 'm', 'l']).toContain(size);
        expect(fixed).toBe(7);
        expect(drop === undefined).toBe(kind !== 'b');
        expect(deep === undefined).toBe(Number(depth) < 8);
        expect(sampleCmaes(study, observed.length, observed.toReversed())).toEqual(suggested);
      }),
      { numRuns: 60 },
    );
  });

  test('does not heed trials that run, and differs between lanes that ask together', () => {
    const study = { seed: 2, space: Space.parse({ a: unit, b: unit }) };
    const observed = search(study.space, 20, ({ a }) => Number(a), study.seed);
    const here = sampleCmaes(study, 21, observed);
    const running: Observed = { number: 20, params: { a: 0.9, b: 0.9 }, state: { kind: 'running' } };
    expect(sampleCmaes(study, 21, [...observed, running])).toEqual(here);
    expect(sampleCmaes(study, 22, [...observed, running])).not.toEqual(here);
  });

  test('is by chance where no generation has ended, and TPE where there is no number', () => {
    expect(sampleCmaes({ seed: 0, space: Space.parse({ a: unit }) }, 0, []).a).toBeLessThan(1);
    const kinds = search(Space.parse({ kind: ['a', 'b', 'c'] }), 60, ({ kind }) => (kind === 'b' ? 0 : 1));
    const late = kinds.slice(30).filter(({ params }) => params.kind === 'b');
    expect(late.length).toBeGreaterThan(15);
  });
});

describe('a search', () => {
  test('comes to the bottom of a long valley that lies askew, and of one at the edge', () => {
    const space = Space.parse({ a: unit, b: unit, c: unit });
    const [x, y, z] = [0.3, 0.6, 0.2];
    const askew = lossesOf(
      search(space, 600, ({ a, b, c }) => {
        const [u, v, w] = [Number(a) - x, Number(b) - y, Number(c) - z];
        return (u + v) ** 2 + 1000 * (u - v) ** 2 + 30 * (w + u) ** 2;
      }),
    );
    expect(Math.min(...askew)).toBeLessThan(1e-8);
    const edge = lossesOf(search(space, 600, ({ a, b, c }) => Number(a) + Number(b) + 1 - Number(c)));
    expect(Math.min(...edge)).toBeLessThan(1e-3);
  });

  test('finds whole numbers beside floats, and does not settle on one for ever', () => {
    const space = Space.parse({
      a: unit,
      n: { low: 0, high: 40, integer: true },
      size: { options: ['s', 'm', 'l', 'xl'], ordered: true },
    });
    const lossOf = ({ a, n, size }: Params) =>
      (Number(a) - 0.7) ** 2 + (Number(n) - 33) ** 2 / 100 + (size === 'l' ? 0 : 0.3);
    const observed = search(space, 160, lossOf);
    expect(Math.min(...lossesOf(observed))).toBeLessThan(1e-3);
    const later = Array.from({ length: 200 }, (_, k) => sampleCmaes({ seed: 1, space }, 200 + k, observed));
    // Half of the trials or more are at the best; one in 3 axes × 7 trials of a generation leaves each value, and one draw in a few does.
    expect(later.filter(({ n }) => n === 33).length).toBeGreaterThan(100);
    expect(later.filter(({ n }) => n !== 33).length).toBeGreaterThan(2);
  });

  test('begins anew, elsewhere and with twice the population, where nothing changes any more', () => {
    const space = Space.parse({ a: unit, b: unit });
    // Two numbers: generations of 6 trials; 10 + 30 · 2 / 6 = 20 of them are looked back on, so 120 trials.
    const flat = search(space, 120, () => 1).map((each) => ({ ...each, params: { a: 0.2, b: 0.2 } }));
    const spreadAfter = (observed: readonly Observed[]) => {
      const draws = Array.from({ length: 50 }, (_, k) =>
        Number(sampleCmaes({ seed: 1, space }, 500 + k, observed).a),
      );
      return Math.max(...draws) - Math.min(...draws);
    };
    expect(spreadAfter(flat.slice(0, 119))).toBeLessThan(0.2);
    expect(spreadAfter(flat)).toBeGreaterThan(0.4);
    // Eleven trials more are no generation of 12, twelve are one.
    const more = (count: number) =>
      Array.from({ length: count }, (_, k): Observed => {
        const state = { kind: 'value' as const, rung: 0, losses: [k] as const };
        return { number: 120 + k, params: { a: k / 100, b: 0.5 }, state };
      });
    const ask = (count: number) => sampleCmaes({ seed: 1, space }, 900, [...flat, ...more(count)]);
    expect(ask(11)).toEqual(ask(0));
    expect(ask(12)).not.toEqual(ask(0));
  });

  test('goes on where whole generations fail', () => {
    const space = Space.parse({ a: unit, b: unit });
    const observed = Array.from({ length: 30 }, (_, number): Observed => {
      return { number, params: sampleRandom({ seed: 1, space }, number), state: { kind: 'failed' } };
    });
    expect(sampleCmaes({ seed: 1, space }, 30, observed)).toEqual(sampleCmaes({ seed: 1, space }, 30, []));
  });
});
