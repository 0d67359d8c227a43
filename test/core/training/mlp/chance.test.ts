import { describe, expect, test } from 'vitest';
import { dropoutScale, fillMask, firstParameters, orderOf } from '../../../../core/training/mlp/chance.ts';

const maskOf = (length: number, dropout: number, seed = 1, step = 0, layer = 0) => {
  const mask = new Uint8Array(length).fill(7);
  fillMask(mask, dropout, seed, step, layer);
  return mask;
};
const shareOf = (mask: Uint8Array) => mask.reduce((sum, each) => sum + each, 0) / mask.length;

describe('a mask', () => {
  test.each([0.05, 0.3, 0.5, 0.95])(
    'keeps what a dropout of %d leaves, which is made as much larger',
    (dropout) => {
      const masks = Array.from({ length: 40 }, (_, step) => maskOf(5001, dropout, 1, step));
      const share = shareOf(Uint8Array.from(masks.flatMap((mask) => [...mask])));
      // Five standard deviations of 200,000 draws.
      expect(Math.abs(share - (1 - dropout))).toBeLessThan(
        5 * Math.sqrt((dropout * (1 - dropout)) / 200_000),
      );
      expect(share * dropoutScale(dropout)).toBeCloseTo(1, dropout > 0.9 ? 1 : 2);
      expect(new Set(masks.flatMap((mask) => [...mask]))).toEqual(new Set([0, 1]));
    },
  );

  test('is another for another seed, step or layer, in no way like it', () => {
    const all = [
      maskOf(20_000, 0.5),
      maskOf(20_000, 0.5, 2),
      maskOf(20_000, 0.5, 1, 1),
      maskOf(20_000, 0.5, 1, 0, 1),
    ];
    for (const [a, one] of all.entries())
      for (const other of all.slice(a + 1)) {
        const same = one.reduce((sum, each, at) => sum + Number(each === other[at]), 0) / one.length;
        expect(Math.abs(same - 0.5)).toBeLessThan(0.02);
      }
    expect(maskOf(20_000, 0.5)).toEqual(all[0]);
  });
});

test('an epoch goes through every row once, in an order of its own', () => {
  const [first, second] = [orderOf(5000, 3, 0), orderOf(5000, 3, 1)];
  for (const order of [first, second])
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(5000).keys()]);
  const same = first.reduce((sum, row, at) => sum + Number(row === second[at]), 0);
  // One is expected.
  expect(same).toBeLessThan(8);
  // Rows are moved a third of the table on average.
  const moved = first.reduce((sum, row, at) => sum + Math.abs(row - at), 0) / 5000;
  expect(Math.abs(moved / 5000 - 1 / 3)).toBeLessThan(0.02);
});

test('first parameters are within their bounds, and those of what was never seen are zero', () => {
  const parameters = firstParameters(
    {
      numbers: 10,
      embeddings: [{ codes: 5, size: 4 }],
      hidden: [26],
      activation: 'relu',
      loss: 'log',
      outputs: 1,
    },
    1,
  );
  expect(parameters).toHaveLength(5 * 4 + 14 * 26 + 26 + 26 + 1);
  expect([...parameters.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  const most = (start: number, end: number) =>
    parameters.subarray(start, end).reduce((top, each) => Math.max(top, Math.abs(each)), 0);
  expect(most(4, 20)).toBeLessThanOrEqual(Math.fround(0.05));
  // √(6 / (14 + 26))
  const bound = Math.sqrt(0.15);
  expect(most(20, 20 + 15 * 26)).toBeLessThanOrEqual(Math.fround(bound));
  expect(most(20, 20 + 15 * 26)).toBeGreaterThan(0.95 * bound);
});
