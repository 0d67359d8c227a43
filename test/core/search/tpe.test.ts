import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scalar } from '../../../core/contracts/names.ts';
import type { Dimension } from '../../../core/contracts/space.ts';
import { sampleRandom } from '../../../core/search/random.ts';
import { type Observed, sampleTpe } from '../../../core/search/tpe.ts';

const options = { startup: 10, candidates: 24 };

type Params = Readonly<Record<string, Scalar>>;
type Space = Readonly<Record<string, Dimension>>;

const axis = (low: number, high: number, log = false): Dimension => ({ kind: 'float', low, high, log });
const mixed: Space = {
  rate: axis(0.001, 1, true),
  leaves: { kind: 'int', low: 2, high: 300, log: true },
  depth: { kind: 'int', low: -3, high: 3, log: false },
  kind: { kind: 'choice', options: ['a', 'b', 'c'] },
  fixed: { kind: 'choice', options: [true] },
  share: axis(-1, 2),
};

/** So many random trials of the space; their states in turn. */
const observedIn = (space: Space, states: readonly Observed['state'][], seed = 0): Observed[] =>
  states.map((state, number) => ({ number, params: sampleRandom({ seed, space }, number), state }));

const state = fc.oneof(
  fc.record({
    kind: fc.constant('value' as const),
    rung: fc.nat({ max: 2 }),
    losses: fc.tuple(fc.constantFrom(-1, 0, 0.5, 2)),
  }),
  fc.constant({ kind: 'failed' as const }),
  fc.constant({ kind: 'running' as const }),
);

const isWithin = (dimension: Dimension, value: Scalar): boolean => {
  if (dimension.kind === 'choice') return dimension.options.includes(value);
  const whole = dimension.kind === 'float' || Number.isInteger(value);
  return whole && Number(value) >= dimension.low && Number(value) <= dimension.high;
};

describe('a suggestion', () => {
  test('lies within the space, is the same again, and the same for history in any order', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 12, maxLength: 60 }), fc.nat(), (states, seed) => {
        const study = { seed, space: mixed };
        const observed = observedIn(mixed, states);
        const suggested = sampleTpe(study, 99, observed, options);
        expect(Object.keys(suggested).sort()).toEqual(Object.keys(mixed).sort());
        for (const [name, value] of Object.entries(suggested))
          expect(isWithin(mixed[name]!, value)).toBe(true);
        const shuffled = observed.toSorted((a, b) => ((a.number * 7919) % 61) - ((b.number * 7919) % 61));
        expect(sampleTpe(study, 99, shuffled, options)).toEqual(suggested);
      }),
      { numRuns: 60 },
    );
  });

  test('is random until enough trials have ended, of which failed ones are some and running ones none', () => {
    const study = { seed: 5, space: mixed };
    const nine = Array.from({ length: 9 }, () => ({ kind: 'value', rung: 0, losses: [1] }) as const);
    const random = sampleRandom(study, 30);
    expect(sampleTpe(study, 30, observedIn(mixed, [...nine, { kind: 'running' }]), options)).toEqual(random);
    expect(sampleTpe(study, 30, observedIn(mixed, [...nine, { kind: 'failed' }]), options)).not.toEqual(
      random,
    );
  });

  test('differs between two lanes that ask with the same finished history', () => {
    const study = { seed: 0, space: mixed };
    const observed = observedIn(
      mixed,
      Array.from({ length: 20 }, (_, at) => ({ kind: 'value', rung: 0, losses: [at] }) as const),
    );
    const first = sampleTpe(study, 20, observed, options);
    const running: Observed = { number: 20, params: first, state: { kind: 'running' } };
    expect(sampleTpe(study, 21, [...observed, running], options)).not.toEqual(first);
  });

  test('keeps away from where trials run, and from where they fail', () => {
    const space = { x: axis(0, 1) };
    const good = [0.2, 0.8].flatMap((x) => [-0.02, -0.01, 0, 0.01, 0.02].map((off) => x + off));
    const bad = Array.from({ length: 90 }, (_, at) => (at + 0.5) / 90);
    const observed = [...good, ...bad].map(
      (x, number): Observed => ({
        number,
        params: { x },
        state: { kind: 'value', rung: 0, losses: [number < good.length ? 0 : 1] },
      }),
    );
    const crowd = (kind: 'running' | 'failed'): Observed[] =>
      Array.from({ length: 30 }, (_, at) => ({
        ...{ number: 100 + at, params: { x: 0.14 + at / 250 } },
        state: { kind },
      }));
    const nearLeft = (more: readonly Observed[]) =>
      Array.from({ length: 40 }, (_, seed) =>
        Number(sampleTpe({ seed, space }, 999, [...observed, ...more], options).x),
      ).filter((x) => Math.abs(x - 0.2) < 0.06).length;
    expect(nearLeft([])).toBeGreaterThan(5);
    expect(nearLeft(crowd('running'))).toBeLessThan(2);
    expect(nearLeft(crowd('failed'))).toBeLessThan(2);
  });

  test('follows the trials of the highest rung, whatever the loss of those that were stopped below it', () => {
    const space = { x: axis(0, 1) };
    const observed = Array.from({ length: 30 }, (_, number): Observed => {
      const high = number % 10 === 0;
      const x = high ? 0.9 + number / 1000 : (number * 0.618) % 0.7;
      return { number, params: { x }, state: { kind: 'value', rung: high ? 1 : 0, losses: [high ? 1 : 0] } };
    });
    for (let seed = 0; seed < 20; seed++)
      expect(Number(sampleTpe({ seed, space }, 99, observed, options).x)).toBeGreaterThan(0.75);
  });
});

/** The best loss of so many trials of two lanes, one seed after the other: the median over seeds. */
function medianBest(space: Space, loss: (params: Params) => number, sampler: 'tpe' | 'random'): number {
  const best = Array.from({ length: 11 }, (_, seed) => {
    const study = { seed, space };
    const ended: Observed[] = [];
    for (let number = 0; number < 50; number += 2) {
      const observed = [...ended];
      for (const mine of [number, number + 1]) {
        const params =
          sampler === 'tpe' ? sampleTpe(study, mine, observed, options) : sampleRandom(study, mine);
        observed.push({ number: mine, params, state: { kind: 'running' } });
        ended.push({ number: mine, params, state: { kind: 'value', rung: 0, losses: [loss(params)] } });
      }
    }
    return Math.min(...ended.map((each) => (each.state.kind === 'value' ? each.state.losses[0] : Infinity)));
  });
  return best.toSorted((a, b) => a - b)[5]!;
}

describe('fifty trials in two lanes', () => {
  test.each<[string, Space, (params: Params) => number]>([
    [
      'a bowl of four dimensions',
      { a: axis(-5, 5), b: axis(-5, 5), c: axis(-5, 5), d: axis(-5, 5) },
      (params) => Object.values(params).reduce<number>((sum, x) => sum + (Number(x) - 1) ** 2, 0),
    ],
    [
      'the settings of a booster: logarithmic, whole and chosen ones',
      { rate: axis(0.001, 1, true), leaves: mixed.leaves!, kind: mixed.kind! },
      ({ rate, leaves, kind }) =>
        (Math.log10(Number(rate)) + 1) ** 2 + (Math.log2(Number(leaves)) - 5) ** 2 + (kind === 'b' ? 0 : 1),
    ],
  ])('come at least twice as close to the best of %s as random ones', (_, space, loss) => {
    expect(medianBest(space, loss, 'tpe')).toBeLessThan(medianBest(space, loss, 'random') / 2);
  });
});

test('axes of a condition are drawn where it holds, from the trials that had them', () => {
  const space: Space = {
    booster: { kind: 'choice', options: ['trees', 'linear'] },
    depth: { ...axis(0, 10), when: { booster: ['trees'] } },
    alpha: { ...axis(0, 10), when: { booster: ['linear'] } },
  };
  // Trees are good near depth 8, and linear models nowhere.
  const observed = Array.from({ length: 40 }, (_, number): Observed => {
    const params = sampleRandom({ seed: 1, space }, number);
    const loss = params.booster === 'trees' ? Math.abs(Number(params.depth) - 8) : 20;
    return { number, params, state: { kind: 'value', rung: 0, losses: [loss] } };
  });
  const suggested = Array.from({ length: 30 }, (_, k) =>
    sampleTpe({ seed: 1, space }, 40 + k, observed, options),
  );
  const trees = suggested.filter(({ booster }) => booster === 'trees');
  expect(trees.length).toBeGreaterThan(20);
  for (const params of trees) expect(Object.keys(params).sort()).toEqual(['booster', 'depth']);
  const near = trees.filter(({ depth }) => Math.abs(Number(depth) - 8) < 2.5);
  expect(near.length).toBeGreaterThan(trees.length * 0.8);
});

test('a stepped axis and an ordered choice give what they have', () => {
  const space: Space = {
    share: { kind: 'float', low: 0.1, high: 0.7, log: false, step: 0.2 },
    size: { kind: 'choice', options: ['s', 'm', 'l', 'xl'], ordered: true },
  };
  const observed = observedIn(
    space,
    Array.from({ length: 20 }, (_, k) => ({ kind: 'value', rung: 0, losses: [k] })),
  );
  for (let trial = 20; trial < 60; trial++) {
    const { share, size } = sampleTpe({ seed: 2, space }, trial, observed, options);
    expect([0.1, 0.3, 0.5, 0.7]).toContain(share);
    expect(['s', 'm', 'l', 'xl']).toContain(size);
  }
});
