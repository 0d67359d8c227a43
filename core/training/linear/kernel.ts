import { kernelBase64 } from './kernel.generated.ts';

/** The exports of `kernels/gram.ts`; every number is a byte offset, a stride in bytes or a count. */
export interface Kernel {
  products(left: number, right: number, stride: number, columns: number, rows: number, out: number): void;
  standardise(column: number, rows: number, mean: number, scale: number, filled: number): void;
  weigh(from: number, to: number, stride: number, columns: number, rows: number, weights: number): void;
  project(block: number, stride: number, columns: number, rows: number, vector: number, out: number): void;
  combine(
    block: number,
    stride: number,
    columns: number,
    rows: number,
    coefficients: number,
    vector: number,
  ): void;
  scatter(
    block: number,
    stride: number,
    columns: number,
    rows: number,
    codes: number,
    slots: number,
    out: number,
  ): void;
  cross(a: number, b: number, rows: number, slots: number, weights: number, out: number): void;
}

export function kernelOver(memory: WebAssembly.Memory): Kernel {
  const bytes = Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return instance.exports as unknown as Kernel;
}
