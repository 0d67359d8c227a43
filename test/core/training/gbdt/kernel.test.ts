import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { kernelOver } from '../../../../core/training/gbdt/kernel.ts';
import { generate, kernels } from '../../../../scripts/build-kernels.mjs';

test.each(Object.entries(kernels))(
  'the committed kernel of %s is what it compiles to',
  async (source, target) => {
    expect(await readFile(target, 'utf8')).toBe(await generate(source));
  },
);

test('gradients are those of the log loss', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const scores = Float32Array.of(-90, -3.5, 0, 0.25, 2, 17, 90, 0);
  new Float32Array(memory.buffer, 64, 8).set(scores);
  new Uint8Array(memory.buffer, 128, 8).set([0, 1, 1, 0, 1, 0, 1, 0]);
  kernelOver(memory).gradients(64, 128, 8, 256, 12);
  const view = new DataView(memory.buffer);
  scores.forEach((score, row) => {
    const p = 1 / (1 + Math.exp(-score));
    const label = new Uint8Array(memory.buffer, 128, 8)[row]!;
    expect(view.getFloat32(256 + row * 12, true)).toBeCloseTo(p - label, 6);
    expect(view.getFloat32(256 + row * 12 + 4, true)).toBeCloseTo(p * (1 - p), 6);
  });
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
