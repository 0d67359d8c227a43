import { kernelBase64 } from './csv-kernel.generated.ts';

/** The exports of `kernels/csv.ts`; every number is a byte offset or a count, `base` an offset in the object. */
export interface Exports {
  free(): number;
  read(run: number, from: number, stop: number, end: number, base: number, limit: number): number;
  learn(column: number, from: number, to: number, code: number): void;
  quotes(from: number, end: number): number;
}

let compiled: WebAssembly.Module | undefined;

/** The kernel over that memory. */
export function instanceOver(memory: WebAssembly.Memory): Exports {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0)));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Exports;
}
