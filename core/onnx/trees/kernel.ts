import { kernelBase64 } from './kernel.generated.ts';

/** The exports of `kernels/trees.ts`; every number is a byte offset or a count. */
export interface Kernel {
  places(
    x: number,
    width: number,
    rows: number,
    bounds: number,
    count: number,
    first: number,
    step: number,
    padded: number,
    out: number,
  ): void;
  addTrees(
    at: number,
    padded: number,
    rows: number,
    table: number,
    bytes: number,
    words: number,
    trees: number,
    emissions: number,
    targets: number,
    sets: number,
    out: number,
  ): void;
}

let compiled: WebAssembly.Module | undefined;

export function kernelOver(memory: WebAssembly.Memory): Kernel {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0)));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernel;
}
