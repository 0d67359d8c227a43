import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { kernelOver } from '../../../../core/training/gbdt/kernel.ts';
import { compileKernel, moduleText } from '../../../../scripts/build-kernels.mjs';

test('the committed kernel is what its source compiles to', async () => {
  const committed = await readFile('core/training/gbdt/kernel.generated.ts', 'utf8');
  expect(committed).toBe(moduleText(await compileKernel()));
});

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
