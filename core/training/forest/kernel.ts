import { kernelBase64 } from './kernel.generated.ts';

/** The exports of `kernels/forest.ts`; every number is a byte offset, a count or a row. */
export interface Kernel {
  bootstrap(counts: number, rows: number, draws: number, seed: number): void;
  enter(
    counts: number,
    targets: number,
    weights: number,
    rows: number,
    isClass: number,
    entries: number,
  ): number;
  leftOut(counts: number, rows: number, list: number): number;
  grow(growth: number, rows: number): number;
  setCount(): number;
  addTree(
    tree: number,
    nodes: number,
    sets: number,
    values: number,
    width: number,
    columns: number,
    pitch: number,
    list: number,
    rows: number,
    sums: number,
  ): void;
}

export function kernelOver(memory: WebAssembly.Memory): Kernel {
  const bytes = Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return instance.exports as unknown as Kernel;
}
