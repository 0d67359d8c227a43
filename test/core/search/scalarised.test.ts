import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dominates, type Losses } from '../../../core/search/pareto.ts';
import { scalarised } from '../../../core/search/scalarised.ts';
import type { Observed } from '../../../core/search/tpe.ts';

const observedOf = (losses: readonly Losses[]): Observed[] =>
  losses.map((each, number) => ({ number, params: {}, state: { kind: 'value', rung: 0, losses: each } }));
const lossOf = ({ state }: Observed): number => {
  if (state.kind !== 'value') throw new Error('no value');
  expect(state.losses).toHaveLength(1);
  return state.losses[0];
};

describe('trials of several objectives with one loss each', () => {
  test('are better where they were better in all', () => {
    const point = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.nat({ max: 9 }));
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 12 }), fc.nat(), (losses, trial) => {
        const single = scalarised(3, trial, observedOf(losses)).map(lossOf);
        for (const [a, one] of losses.entries())
          for (const [b, other] of losses.entries())
            if (dominates(one, other)) expect(single[a]).toBeLessThan(single[b]!);
      }),
    );
  });

  test('have another part of the front as the best of each trial, whatever the scale of the objectives', () => {
    const line = Array.from({ length: 11 }, (_, k): Losses => [k, 1000 * (10 - k)]);
    const bestOf = (trial: number) => {
      const single = scalarised(0, trial, observedOf(line)).map(lossOf);
      return single.indexOf(Math.min(...single));
    };
    const best = Array.from({ length: 200 }, (_, trial) => bestOf(trial));
    expect(new Set(best).size).toBe(11);
    // With weights w and 1 - w the best is where w x = (1 - w)(1 - x): half the weights have it below the middle.
    const below = best.filter((place) => place < 5).length;
    expect(below).toBeGreaterThan(60);
    expect(below).toBeLessThan(140);
  });

  test('are those that they were where there is one objective, and stay failed or running', () => {
    const one = observedOf([[2], [1]]);
    expect(scalarised(0, 5, one)).toBe(one);
    const open: Observed = { number: 2, params: {}, state: { kind: 'running' } };
    expect(
      scalarised(0, 5, [
        ...observedOf([
          [1, 2],
          [2, 1],
        ]),
        open,
      ])[2],
    ).toBe(open);
    expect(scalarised(0, 5, [open])).toEqual([open]);
  });
});
