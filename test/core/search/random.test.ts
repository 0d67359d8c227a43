import { describe, expect, test } from 'vitest';
import { stream } from '../../../core/chance.ts';
import { sampleRandom } from '../../../core/search/random.ts';

describe('the random sampler', () => {
  const axis = { kind: 'float', low: 0, high: 1, log: false } as const;

  test('proposes the same for the same seed and trial, and else something new', () => {
    const study = { seed: 1, space: { rate: axis } };
    expect(sampleRandom(study, 3)).toEqual(sampleRandom(study, 3));
    expect(sampleRandom(study, 4)).not.toEqual(sampleRandom(study, 3));
    expect(sampleRandom({ ...study, seed: 2 }, 3)).not.toEqual(sampleRandom(study, 3));
  });

  test('keeps a parameter as it was when another joins the space', () => {
    const alone = sampleRandom({ seed: 1, space: { rate: axis } }, 3);
    expect(sampleRandom({ seed: 1, space: { depth: axis, rate: axis } }, 3).rate).toBe(alone.rate);
  });

  test('spreads evenly over trials: each tenth of the axis gets 100 of 1,000, within 4 standard deviations', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let trial = 0; trial < 1000; trial++) {
      tenths[Math.floor(Number(sampleRandom({ seed: 0, space: { rate: axis } }, trial).rate) * 10)]! += 1;
    }
    // sqrt(1000 * 0.1 * 0.9) = 9.5
    for (const tenth of tenths) expect(Math.abs(tenth - 100)).toBeLessThan(38);
  });
});

test('streams of neighbouring keys have nothing in common', () => {
  const [a, b] = [stream('0/1'), stream('0/2')];
  const pairs = Array.from({ length: 2000 }, () => [a() - 0.5, b() - 0.5] as const);
  const correlation = pairs.reduce((sum, [x, y]) => sum + x * y, 0) / 2000 / (1 / 12);
  // The standard error of a correlation over 2,000 pairs is 0.022.
  expect(Math.abs(correlation)).toBeLessThan(0.09);
});
