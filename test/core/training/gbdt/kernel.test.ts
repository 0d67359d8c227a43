import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Kernel, kernelOver } from '../../../../core/training/gbdt/kernel.ts';
import { generate, kernels } from '../../../../scripts/build-kernels.mjs';

test.each(Object.entries(kernels))(
  'the committed kernel of %s is what it compiles to',
  async (source, target) => {
    expect(await readFile(target, 'utf8')).toBe(await generate(source));
  },
);

const scores = Float32Array.of(-90, -3.5, 0, 0.25, 2, 17, 90, 0);

/** Rows' scores at 64, labels at 128, and what a kernel writes to records of 12 bytes at 256. */
function pairsOf(labels: readonly number[], fill: (kernel: Kernel) => void): { g: number; h: number }[] {
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Float32Array(memory.buffer, 64, 8).set(scores);
  new Float32Array(memory.buffer, 128, 8).set(labels);
  fill(kernelOver(memory));
  const view = new DataView(memory.buffer);
  return labels.map((_, row) => ({
    g: view.getFloat32(256 + row * 12, true),
    h: view.getFloat32(256 + row * 12 + 4, true),
  }));
}

describe('gradients and hessians', () => {
  test('are those of the log loss', () => {
    const labels = [0, 1, 1, 0, 1, 0, 1, 0];
    const pairs = pairsOf(labels, (kernel) => kernel.logistic(64, 128, 8, 256, 12));
    scores.forEach((score, row) => {
      const p = 1 / (1 + Math.exp(-score));
      expect(pairs[row]!.g).toBeCloseTo(p - labels[row]!, 6);
      expect(pairs[row]!.h).toBeCloseTo(p * (1 - p), 6);
    });
  });

  test('are those of the squared error', () => {
    const labels = [1, 2, 3, 4, 5, 6, 7, 8];
    const pairs = pairsOf(labels, (kernel) => kernel.squared(64, 128, 8, 256, 12));
    expect(pairs).toEqual([...scores].map((score, row) => ({ g: score - labels[row]!, h: 1 })));
  });

  test('tell the side of the label', () => {
    const labels = [0, -4, 0, 0.25, 1, 18, 91, 0];
    const pairs = pairsOf(labels, (kernel) => kernel.sided(64, 128, -0.75, 0.5, 0.25, 8, 256, 12));
    expect(pairs.map(({ g }) => g)).toEqual([-0.75, 0.25, 0.5, 0.5, 0.25, -0.75, -0.75, 0.5]);
    expect(pairs.every(({ h }) => h === 1)).toBe(true);
  });

  test('are those of counts', () => {
    const labels = [0, 1, 2, 0, 9, 4, 3, 0];
    const pairs = pairsOf(labels, (kernel) => kernel.poisson(64, 128, 2, 8, 256, 12));
    for (const row of [1, 2, 3, 4]) {
      expect(pairs[row]!.g).toBeCloseTo(Math.exp(scores[row]!) - labels[row]!, 5);
      expect(pairs[row]!.h).toBeCloseTo(2 * Math.exp(scores[row]!), 4);
    }
  });

  test('are those of the softmax, a class at a time', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const classes = [
      [0, 1, -2, 95],
      [0, 3, 1, -95],
      [0, -1, 4, 0],
    ];
    classes.forEach((own, k) => {
      new Float32Array(memory.buffer, 64 + k * 16, 4).set(own);
    });
    new Float32Array(memory.buffer, 128, 4).set([0, 1, 2, 1]);
    const kernel = kernelOver(memory);
    kernel.softmaxParts(64, 16, 3, 4, 160, 176);
    const view = new DataView(memory.buffer);
    for (const [k, own] of classes.entries()) {
      kernel.softmax(64 + k * 16, 160, 176, 128, k, 1.5, 4, 256, 8);
      for (const [row, label] of [0, 1, 2, 1].entries()) {
        const whole = classes.reduce((sum, each) => sum + Math.exp(each[row]!), 0);
        const p = Math.exp(own[row]!) / whole;
        expect(view.getFloat32(256 + row * 8, true)).toBeCloseTo(p - Number(label === k), 6);
        expect(view.getFloat32(260 + row * 8, true)).toBeCloseTo(1.5 * p * (1 - p), 6);
      }
    }
  });

  test('count as much as their rows weigh', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    new Float32Array(memory.buffer, 64, 6).set([1, 2, 0, 3, 4, 0]);
    new Float32Array(memory.buffer, 128, 2).set([0.5, 3]);
    kernelOver(memory).weigh(128, 2, 64, 12);
    expect([...new Float32Array(memory.buffer, 64, 6)]).toEqual([0.5, 1, 0, 9, 12, 0]);
  });
});

test('a place in ascending order is found among any values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 300 }),
      fc.nat(),
      (values, nat) => {
        const memory = new WebAssembly.Memory({ initial: 1 });
        const place = nat % values.length;
        new Float32Array(memory.buffer, 64, values.length).set(values);
        const kernel = kernelOver(memory);
        const sorted = values.toSorted((a, b) => a - b);
        expect(kernel.select(64, values.length, place)).toBe(sorted[place]);
        if (place + 1 < values.length)
          expect(kernel.leastFrom(64, values.length, place + 1)).toBe(sorted[place + 1]);
      },
    ),
  );
});

test('records hold the bins of four columns side by side, row after row', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const bytes = new Uint8Array(memory.buffer);
  for (const [column, at] of [1024, 1040, 1056, 1072].entries()) {
    for (let row = 0; row < 16; row++) bytes[at + row] = 16 * column + row;
  }
  kernelOver(memory).pack(1024, 1040, 1056, 1072, 16, 2048 + 8, 12);
  const row = (at: number) => [...bytes.subarray(2048 + at * 12, 2048 + (at + 1) * 12)];
  expect(row(0)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 32, 48]);
  expect(row(7)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 7, 23, 39, 55]);
  expect(row(15)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 15, 31, 47, 63]);
});

test('copies of a small node stand together, and the index finds the rows again', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kernel = kernelOver(memory);
  const [index, origin, records, copies] = [1024, 2048, 4096, 8192];
  const named = new Uint32Array(memory.buffer, index, 6);
  named.set([5, 0, 9, 4, 2, 7]);
  new Uint32Array(memory.buffer, records, 30).set(Array.from({ length: 30 }, (_, k) => k));
  kernel.gather(records, 12, index, 2, 5, copies, origin);
  expect([...named]).toEqual([5, 0, 2, 3, 4, 7]);
  expect([...new Uint32Array(memory.buffer, copies + 24, 9)]).toEqual([27, 28, 29, 12, 13, 14, 6, 7, 8]);
  named.set([4, 2, 3], 2);
  kernel.restore(index, 2, 5, origin);
  expect([...named]).toEqual([5, 0, 2, 9, 4, 7]);
});

test('categories are ordered by what their rows say, then by their bins; those of few rows are left out', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 30 })), {
        maxLength: 254,
      }),
      (pairs) => {
        const memory = new WebAssembly.Memory({ initial: 1 });
        new Float64Array(memory.buffer, 64, 2 + pairs.length * 2).set([0, 0, ...pairs.flat()]);
        const count = kernelOver(memory).orderCategories(64, pairs.length, 1, 10, 16_384, 24_576);
        const entries = new Uint32Array(memory.buffer, 16_384, count * 4);
        const expected = pairs
          .map(([gradient, rows], at) => ({ bin: at + 1, rows, steepness: gradient / (rows + 10) }))
          .filter(({ rows }) => rows >= 10)
          .sort((a, b) => a.steepness - b.steepness || a.bin - b.bin);
        expect(Array.from({ length: count }, (_, k) => entries[k * 4 + 2])).toEqual(
          expected.map(({ bin }) => bin),
        );
      },
    ),
  );
});
