import { expect, test } from 'vitest';
import { functions } from '../../bench/search/objectives.mjs';
import { Space } from '../../core/contracts/space.ts';
import { hypervolumeOf } from '../../core/search/hypervolume.ts';
import { sampleRandom } from '../../core/search/random.ts';

const vector = (first: readonly number[], others: number, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, k) => [`x${k}`, first[k] ?? others]));
const steps = Array.from({ length: 200 }, (_, k) => (k + 0.5) / 200);
const spread = steps.flatMap((a, at) =>
  at % 8 === 0 ? steps.filter((_, k) => k % 8 === 0).map((b) => [a, b]) : [],
);

/** The literature's Pareto sets, densely; of the mixed one each size, with what the formula is best at. */
const fronts: Readonly<Record<string, readonly Readonly<Record<string, string | number>>[]>> = {
  zdt1: [0, ...steps, 1].map((along) => vector([along ** 2], 0, 30)),
  zdt2: [0, ...steps, 1].map((along) => vector([along], 0, 30)),
  dtlz2: spread.map((along) => vector(along, 0.5, 12)),
  mixed: Array.from({ length: 64 }, (_, k) => ({
    ...(k === 0
      ? { kind: 'linear', size: 1, alpha: 0.01 }
      : { kind: 'dart', size: k + 1, rate: 10 ** -1.5, depth: 5, drop: 0.2 }),
  })),
};

test.each(functions.map((each) => [each.name, each] as const))(
  '%s has its front where the literature, or the formula, has it, and nothing reaches beyond',
  (name, { of, space, reference, volume }) => {
    const found = hypervolumeOf(fronts[name]!.map(of), reference) / volume;
    expect(found).toBeLessThanOrEqual(1 + 1e-9);
    expect(found).toBeGreaterThan(0.98);
    const drawn = Array.from({ length: 300 }, (_, k) =>
      sampleRandom({ seed: 0, space: Space.parse(space) }, k),
    );
    const losses = drawn.map((params) => of(params as Readonly<Record<string, string | number>>));
    const all = [...fronts[name]!.map(of), ...losses];
    expect(hypervolumeOf(all, reference) / volume).toBeLessThanOrEqual(1 + 1e-9);
    for (const each of losses) expect(each).toHaveLength(reference.length);
  },
);
