import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Space } from '../../../core/contracts/space.ts';
import { sampleSobol, scrambled, sobolDimensions, sobolInteger } from '../../../core/search/sobol.ts';

const fixture: { points: { number: number; integers: number[] }[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/search/sobol.json', import.meta.url), 'utf8'),
);

describe("Sobol's sequence", () => {
  test("is SciPy's, in 64 dimensions", () => {
    expect(fixture.points).toHaveLength(9);
    for (const { number, integers } of fixture.points) {
      expect(integers).toHaveLength(sobolDimensions);
      expect(integers.map((_, dimension) => sobolInteger(dimension, number))).toEqual(integers);
    }
  });

  test('stays even when it is scrambled: points that share their first digits still do, and those that differ still do', () => {
    const word = fc.nat({ max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(word, word, word, (a, b, seed) => {
        const common = (x: number, y: number) => Math.clz32(x ^ y);
        expect(common(scrambled(a, seed), scrambled(b, seed))).toBe(common(a, b));
      }),
    );
  });
});

const unit = { low: 0, high: 1 };
const plane = Space.parse({ a: unit, b: unit });

describe('the sampler', () => {
  test('puts one of any 16 trials from a multiple of 16 on in each box of 16 equal ones', () => {
    for (const seed of [0, 1, 7]) {
      for (const [columns, rows] of [
        [1, 16],
        [4, 4],
        [8, 2],
      ] as const) {
        const boxes = Array.from({ length: 16 }, (_, k) => {
          const { a, b } = sampleSobol({ seed, space: plane }, 32 + k);
          return `${Math.floor(Number(a) * columns)} ${Math.floor(Number(b) * rows)}`;
        });
        expect(new Set(boxes).size).toBe(16);
      }
    }
  });

  test('proposes the same again, and elsewhere for another seed', () => {
    const study = { seed: 1, space: plane };
    expect(sampleSobol(study, 3)).toEqual(sampleSobol(study, 3));
    expect(sampleSobol({ ...study, seed: 2 }, 3)).not.toEqual(sampleSobol(study, 3));
  });

  test('gives conditional parameters where they belong, and constants and options evenly', () => {
    const space = Space.parse({
      fixed: 7,
      kind: ['x', 'y'],
      drop: { ...unit, when: { kind: 'y' } },
      depth: { low: 1, high: 4, integer: true },
    });
    const trials = Array.from({ length: 32 }, (_, trial) => sampleSobol({ seed: 4, space }, trial));
    for (const { fixed, kind, drop } of trials) {
      expect(fixed).toBe(7);
      expect(drop === undefined).toBe(kind === 'x');
    }
    expect(trials.filter(({ kind }) => kind === 'x')).toHaveLength(16);
    for (const depth of [1, 2, 3, 4]) expect(trials.filter((trial) => trial.depth === depth)).toHaveLength(8);
  });

  test('goes on by chance where a space has more axes than the sequence', () => {
    const names = Array.from({ length: sobolDimensions + 2 }, (_, k) => `p${String(k).padStart(2, '0')}`);
    const space = Space.parse(Object.fromEntries(names.map((name) => [name, unit])));
    const [first, second] = [0, 1].map((trial) => sampleSobol({ seed: 0, space }, trial));
    for (const name of names) expect(first![name]).not.toBe(second![name]);
  });
});
