import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scalar } from '../../../core/contracts/names.ts';
import { Sampler, SamplerInput } from '../../../core/contracts/sampler.ts';
import { type Dimension, Space } from '../../../core/contracts/space.ts';
import { propose } from '../../../core/search/propose.ts';
import { sampleRandom } from '../../../core/search/random.ts';
import type { Observed } from '../../../core/search/tpe.ts';

type Params = Readonly<Record<string, Scalar>>;
type Axes = Readonly<Record<string, Dimension>>;

/** A grid heeds no losses. */
const samplers = Sampler.options.map(({ shape }) => shape.kind.value).filter((kind) => kind !== 'grid');
const searchBy = (kind: string, space: Axes, seed = 1) => ({
  ...{ seed, space },
  sampler: Sampler.parse(SamplerInput.parse(kind)),
});

const unit = { low: 0, high: 1 };
const floats = (count: number) =>
  Space.parse(Object.fromEntries(Array.from({ length: count }, (_, k) => [`x${k}`, unit])));
const mixed = Space.parse({
  rate: { low: 1e-5, high: 1, log: true },
  depth: { low: 1, high: 2, integer: true },
  share: { low: 0.1, high: 0.9, step: 0.2 },
  kind: Array.from({ length: 50 }, (_, k) => `option ${k}`),
  size: { options: ['s', 'm', 'l'], ordered: true },
  drop: { low: 0, high: 1, when: { size: ['s', 'm'] } },
  more: { low: 0, high: 1, when: { drop: 0.5 } },
});

/** What losses may be: those that no arithmetic is made for are some of them. */
const loss = fc.constantFrom(0, 1, -1, 0.5, 1e300, -1e300, 1e-300, Number.NaN, Infinity, -Infinity);
const state: fc.Arbitrary<Observed['state']> = fc.oneof(
  {
    weight: 4,
    arbitrary: loss.map((each) => ({ kind: 'value' as const, rung: 0, losses: [each] as const })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'failed' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'running' as const }) },
);

const isOf = (space: Axes, params: Params): boolean =>
  Object.entries(params).every(([name, value]) => {
    const dimension = space[name]!;
    if (dimension.kind === 'choice') return dimension.options.includes(value);
    const whole = dimension.kind === 'float' || Number.isInteger(value);
    return whole && Number(value) >= dimension.low && Number(value) <= dimension.high;
  });

describe.each(samplers)('%s', (kind) => {
  test('lies within the space whatever the losses are, and is the same for history in any order', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 25 }), fc.nat({ max: 99 }), (states, seed) => {
        const search = searchBy(kind, mixed, seed);
        const observed = states.map(
          (each, number): Observed => ({ number, params: sampleRandom(search, number), state: each }),
        );
        const params = propose(search, observed.length, observed);
        expect(isOf(mixed, params)).toBe(true);
        expect(params.drop === undefined).toBe(params.size === 'l');
        expect(propose(search, observed.length, observed.toReversed())).toEqual(params);
      }),
      { numRuns: 15 },
    );
  });

  test('takes what is no number for a failure', () => {
    const search = searchBy(kind, floats(3));
    const observedWith = (bad: Observed['state']) =>
      Array.from({ length: 24 }, (_, number): Observed => {
        const params = sampleRandom(search, number);
        const good = { kind: 'value' as const, rung: 0, losses: [Number(params.x0)] as const };
        return { number, params, state: number % 5 === 2 ? bad : good };
      });
    const failed = propose(search, 24, observedWith({ kind: 'failed' }));
    for (const value of [Number.NaN, Infinity, -Infinity])
      expect(propose(search, 24, observedWith({ kind: 'value', rung: 0, losses: [value] }))).toEqual(failed);
  });

  test.each([1, 3])('sends no two of 16 lanes to the same place, of %d floats', (count) => {
    const search = searchBy(kind, floats(count));
    const observed: Observed[] = [];
    for (let number = 0; number < 45; number++) {
      const params = propose(search, number, observed);
      observed.push({ number, params, state: { kind: 'running' } });
      const ended = number - 16;
      if (ended < 0) continue;
      const { params: own } = observed[ended]!;
      const value = Object.values(own).reduce<number>((sum, each) => sum + (Number(each) - 0.3) ** 2, 0);
      observed[ended] = { ...observed[ended]!, state: { kind: 'value', rung: 0, losses: [value] } };
    }
    expect(new Set(observed.map(({ params }) => JSON.stringify(params))).size).toBe(observed.length);
  });

  test('goes on where all losses are one, where all failed, and with forty axes', () => {
    const search = searchBy(kind, floats(40));
    const states = [{ kind: 'value' as const, rung: 0, losses: [7] as const }, { kind: 'failed' as const }];
    for (const each of states) {
      const observed = Array.from(
        { length: 20 },
        (_, number): Observed => ({ number, params: sampleRandom(search, number), state: each }),
      );
      const next = [20, 21].map((trial) => propose(search, trial, observed));
      expect(next.every((params) => isOf(search.space, params))).toBe(true);
      expect(next[0]).not.toEqual(next[1]);
    }
  });
});
