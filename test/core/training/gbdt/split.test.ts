import { describe, expect, test } from 'vitest';
import type { FeatureBins } from '../../../../core/training/bins/bin-plan.ts';
import { setHas } from '../../../../core/training/bins/bin-set.ts';
import { leafValue } from '../../../../core/training/gbdt/gain.ts';
import { kernelOver } from '../../../../core/training/gbdt/kernel.ts';
import { GbdtParams } from '../../../../core/training/gbdt/params.ts';
import { findSplit } from '../../../../core/training/gbdt/split.ts';

const params = (given: Partial<GbdtParams>): GbdtParams =>
  GbdtParams.parse({ min_data: 1, min_hessian: 0, ...given });

const numeric = (edges: number): FeatureBins => ({
  kind: 'edges',
  feature: { kind: 'number', column: 'x' },
  edges: Array.from({ length: edges }, (_, k) => k),
});

const categories = (count: number): FeatureBins => ({
  kind: 'categories',
  feature: { kind: 'category', column: 'c' },
  categories: Array.from({ length: count }, (_, k) => `c${k}`),
});

/** A histogram of (gradient, hessian) pairs; a row's hessian is 1 here, so that hessians are counts. */
function split(
  bins: FeatureBins,
  pairs: readonly (readonly [number, number])[],
  given: Partial<GbdtParams> = {},
) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Float64Array(memory.buffer, 64, pairs.length * 2).set(pairs.flat());
  const histogram = { kernel: kernelOver(memory), memory, start: 64, found: 16_384 };
  const gradient = pairs.reduce((sum, [g]) => sum + g, 0);
  const hessian = pairs.reduce((sum, [, h]) => sum + h, 0);
  const sums = { gradient, hessian, rows: hessian };
  return findSplit(
    { histogram, bins: pairs.length, plan: [bins], features: [0], places: [0], sums, constraint: undefined },
    params(given),
  ).split;
}

const members = (set: Uint8Array | undefined): number[] =>
  set ? Array.from({ length: 256 }, (_, bin) => bin).filter((bin) => setHas(set, bin)) : [];

describe('a numeric split', () => {
  test('is at the edge of most gain: GL²/HL + GR²/HR − G²/H', () => {
    const found = split(numeric(2), [
      [-4, 4],
      [-2, 4],
      [6, 4],
      [0, 0],
    ]);
    expect(members(found?.set)).toEqual([0, 1]);
    expect(found?.gain).toBeCloseTo(36 / 8 + 36 / 4 - 0, 12);
    expect(found?.left).toEqual({ gradient: -6, hessian: 8 });
  });

  test('sends the missing to the side that gains more', () => {
    expect(
      members(
        split(numeric(1), [
          [-4, 4],
          [4, 4],
          [-2, 2],
        ])?.set,
      ),
    ).toEqual([0, 2]);
    expect(
      members(
        split(numeric(1), [
          [-4, 4],
          [4, 4],
          [2, 2],
        ])?.set,
      ),
    ).toEqual([0]);
  });

  test('may set all that is there against all that is missing', () => {
    expect(
      members(
        split(numeric(1), [
          [-1, 4],
          [-1, 4],
          [5, 5],
        ])?.set,
      ),
    ).toEqual([0, 1]);
  });

  test('is not made where a side would have too few rows, or where l1 leaves no gain', () => {
    const pairs = [
      [-4, 4],
      [4, 4],
      [0, 0],
    ] as const;
    expect(split(numeric(1), pairs, { min_data: 5 })).toBeUndefined();
    expect(split(numeric(1), pairs, { l1: 4 })).toBeUndefined();
    expect(split(numeric(1), pairs, { l1: 1, l2: 1 })?.gain).toBeCloseTo(9 / 5 + 9 / 5, 12);
  });
});

describe('a split by categories', () => {
  test('with at most four of them sets one against the rest', () => {
    const found = split(categories(3), [
      [0, 10],
      [-1, 10],
      [9, 10],
      [-1, 10],
    ]);
    expect(members(found?.set)).toEqual([2]);
    expect(found?.l2).toBe(0);
  });

  test('lists those of the steepest gradient, and adds 10 to l2 as LightGBM does', () => {
    const pairs = [
      [0, 200],
      [-90, 200],
      [80, 200],
      [-70, 200],
      [60, 200],
      [50, 200],
      [5, 200],
    ] as const;
    const found = split(categories(6), pairs);
    // In order: bins 1, 3 | 6, 5, 4, 2 and "other" stays right; at most three may be listed.
    expect(members(found?.set)).toEqual([1, 3]);
    expect(found?.l2).toBe(10);
    expect(found?.gain).toBeCloseTo(160 ** 2 / 410 + 195 ** 2 / 1010 - 35 ** 2 / 1400, 10);
  });

  test('leaves categories of fewer than ten rows right', () => {
    const pairs = [
      [0, 200],
      [-9, 9],
      [80, 200],
      [-70, 200],
      [60, 200],
      [50, 200],
      [5, 200],
    ] as const;
    expect(members(split(categories(6), pairs)?.set)).not.toContain(1);
  });

  test('leaves at least a hundred rows on the right', () => {
    const pairs = [
      [5, 20],
      [-9, 120],
      [8, 20],
      [-7, 20],
      [6, 10],
      [5, 15],
      [5, 10],
    ] as const;
    expect(split(categories(6), pairs)).toBeUndefined();
  });
});

test('a leaf is the Newton step, with the gradient shrunk by l1', () => {
  expect(leafValue(-6, 8, 0, 0)).toBe(0.75);
  expect(leafValue(-6, 8, 2, 2)).toBe(0.4);
  expect(leafValue(1, 8, 2, 2)).toBeCloseTo(0, 12);
});
