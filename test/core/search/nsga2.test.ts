import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Space } from '../../../core/contracts/space.ts';
import { hypervolumeOf } from '../../../core/search/hypervolume.ts';
import { sampleNsga2 } from '../../../core/search/nsga2.ts';
import { sampleRandom } from '../../../core/search/random.ts';
import { sampleSobol } from '../../../core/search/sobol.ts';
import type { Params } from '../../../core/search/space.ts';
import type { Observed } from '../../../core/search/tpe.ts';

const mixed = Space.parse({
  kind: ['trees', 'linear'],
  rate: { low: 1e-4, high: 1, log: true, when: { kind: 'trees' } },
  depth: { low: 1, high: 12, integer: true, when: { kind: 'trees' } },
  share: { low: 0.1, high: 1, step: 0.1 },
  level: { options: ['low', 'middle', 'high'], ordered: true },
  alpha: { low: -1, high: 1, when: { kind: 'linear' } },
});
const options = { population: 8 };

const state = fc.oneof(
  fc.record({
    kind: fc.constant('value' as const),
    rung: fc.nat({ max: 1 }),
    losses: fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })),
  }),
  fc.constant({ kind: 'failed' as const }),
  fc.constant({ kind: 'running' as const }),
);
const observedIn = (states: readonly Observed['state'][], space = mixed): Observed[] =>
  states.map((each, number) => ({ number, params: sampleRandom({ seed: 0, space }, number), state: each }));

describe('a child', () => {
  test('lies within the space, has what its choice calls for, and is the same for history in any order', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 10, maxLength: 40 }), fc.nat(), (states, seed) => {
        const observed = observedIn(states);
        const child = sampleNsga2({ seed, space: mixed }, 99, observed, options);
        const own = child.kind === 'trees' ? ['rate', 'depth'] : ['alpha'];
        expect(Object.keys(child).sort()).toEqual(['kind', 'level', 'share', ...own].sort());
        for (const [name, value] of Object.entries(child)) {
          const dimension = mixed[name]!;
          if (dimension.kind === 'choice') expect(dimension.options).toContain(value);
          else {
            expect(value).toBeGreaterThanOrEqual(dimension.low);
            expect(value).toBeLessThanOrEqual(dimension.high);
          }
        }
        if (child.kind === 'trees') expect(Number.isInteger(child.depth)).toBe(true);
        expect((Number(child.share) * 10) % 1).toBeCloseTo(0, 9);
        const shuffled = observed.toSorted((a, b) => ((a.number * 7919) % 61) - ((b.number * 7919) % 61));
        expect(sampleNsga2({ seed, space: mixed }, 99, shuffled, options)).toEqual(child);
      }),
      { numRuns: 60 },
    );
  });

  test('is spread evenly until a population has ended, of which running trials are none', () => {
    const study = { seed: 3, space: mixed };
    const value = { kind: 'value', rung: 0, losses: [1, 2] } as const;
    const seven = observedIn([...Array.from({ length: 7 }, () => value), { kind: 'running' }]);
    expect(sampleNsga2(study, 20, seven, options)).toEqual(sampleSobol(study, 20));
    const failed = observedIn([...Array.from({ length: 7 }, () => value), { kind: 'failed' }]);
    expect(sampleNsga2(study, 20, failed, options)).not.toEqual(sampleSobol(study, 20));
  });

  test('is no twin of a trial that is there, even where two parents are all that is good', () => {
    const space = Space.parse({ x: { low: 0, high: 3, integer: true }, y: ['a', 'b', 'c'] });
    const observed: Observed[] = [];
    for (let number = 0; number < 12; number++) {
      const params = sampleNsga2({ seed: 1, space }, number, observed, { population: 2 });
      observed.push({
        number,
        params,
        state: { kind: 'value', rung: 0, losses: [Number(params.x), -number] },
      });
    }
    expect(new Set(observed.map(({ params }) => JSON.stringify(params))).size).toBeGreaterThanOrEqual(11);
  });

  test('satisfies what constrains it, whatever its parents would have', () => {
    const space = Space.parse({ x: { low: 0, high: 1 }, y: { low: 0, high: 1 } });
    const allowed = ({ x, y }: Params) => x === undefined || y === undefined || Number(x) + Number(y) <= 0.5;
    const value = { kind: 'value', rung: 0, losses: [1, 2] } as const;
    const observed = observedIn(
      Array.from({ length: 30 }, () => value),
      space,
    );
    for (let seed = 0; seed < 40; seed++)
      expect(allowed(sampleNsga2({ seed, space, allowed }, 99, observed, options))).toBe(true);
  });

  test('comes from those of the highest rung', () => {
    const space = Space.parse({ x: { low: 0, high: 1 }, y: { low: 0, high: 1 } });
    const observed = Array.from({ length: 40 }, (_, number): Observed => {
      const high = number % 5 === 0;
      const params = { x: high ? 0.8 + number / 1000 : number / 100, y: high ? 0.2 - number / 1000 : 0.9 };
      return { number, params, state: { kind: 'value', rung: high ? 1 : 0, losses: high ? [5, 5] : [0, 0] } };
    });
    const children = Array.from({ length: 60 }, (_, seed) =>
      sampleNsga2({ seed, space }, 99, observed, options),
    );
    expect(children.filter(({ x }) => Number(x) > 0.65).length).toBeGreaterThan(50);
  });
});

describe('a search with two objectives', () => {
  /** ZDT1 (Zitzler, Deb and Thiele, 2000) with six floats: its front is f2 = 1 - √f1. */
  const space = Space.parse(
    Object.fromEntries(Array.from({ length: 6 }, (_, k) => [`x${k}`, { low: 0, high: 1 }])),
  );
  const zdt1 = (params: Params): [number, number] => {
    const [first, ...others] = Object.values(params).map(Number);
    const away = 1 + (9 * others.reduce((sum, value) => sum + value, 0)) / 5;
    return [first!, away * (1 - Math.sqrt(first! / away))];
  };
  const volumeOf = (propose: (number: number, observed: readonly Observed[]) => Params) => {
    const observed: Observed[] = [];
    for (let number = 0; number < 200; number++) {
      const params = propose(number, observed);
      observed.push({ number, params, state: { kind: 'value', rung: 0, losses: zdt1(params) } });
    }
    const losses = observed.flatMap(({ state: each }) => (each.kind === 'value' ? [each.losses] : []));
    return hypervolumeOf(losses, [1.1, 7]) / (7 - 1 / 3 + 0.7);
  };

  test('comes close to the front, where random trials stay far from it', () => {
    for (const seed of [0, 1, 2]) {
      const found = volumeOf((n, observed) => sampleNsga2({ seed, space }, n, observed, { population: 10 }));
      expect(found).toBeGreaterThan(0.92);
      expect(volumeOf((n) => sampleRandom({ seed, space }, n))).toBeLessThan(0.8);
    }
  });
});
