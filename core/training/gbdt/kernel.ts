import { kernelBase64 } from './kernel.generated.ts';

/** The exports of `kernels/histogram.ts`; every number is a byte offset, a count or a row. */
export interface Kernel {
  logistic(scores: number, labels: number, n: number, rows: number, stride: number): void;
  softmaxParts(scores: number, pitch: number, classes: number, n: number, most: number, shares: number): void;
  softmax(
    scores: number,
    most: number,
    shares: number,
    labels: number,
    label: number,
    factor: number,
    n: number,
    rows: number,
    stride: number,
  ): void;
  squared(scores: number, labels: number, n: number, rows: number, stride: number): void;
  sided(
    scores: number,
    labels: number,
    below: number,
    equal: number,
    above: number,
    n: number,
    rows: number,
    stride: number,
  ): void;
  poisson(scores: number, labels: number, factor: number, n: number, rows: number, stride: number): void;
  weigh(weights: number, n: number, rows: number, stride: number): void;
  residuals(scores: number, labels: number, index: number, start: number, end: number, out: number): void;
  select(values: number, n: number, place: number): number;
  leastFrom(values: number, n: number, place: number): number;
  pack(a: number, b: number, c: number, d: number, n: number, rows: number, stride: number): void;
  histogram(
    rows: number,
    stride: number,
    index: number,
    start: number,
    end: number,
    features: number,
    bytes: number,
    out: number,
  ): void;
  histogramSparse: Kernel['histogram'];
  scan(
    at: number,
    edges: number,
    wholeGradient: number,
    wholeHessian: number,
    leftGradient: number,
    leftHessian: number,
    least: number,
    l1: number,
    l2: number,
    parent: number,
    gain: number,
    best: number,
  ): number;
  orderCategories(
    at: number,
    categories: number,
    perHessian: number,
    smooth: number,
    entries: number,
    spare: number,
  ): number;
  subtract(a: number, b: number, bytes: number): void;
  iota(index: number, n: number): void;
  bag(index: number, n: number, seed: number, limit: number): number;
  gather(
    rows: number,
    stride: number,
    index: number,
    start: number,
    end: number,
    copies: number,
    origin: number,
  ): void;
  restore(index: number, start: number, end: number, origin: number): void;
  partition(
    column: number,
    stride: number,
    table: number,
    index: number,
    spare: number,
    start: number,
    end: number,
  ): number;
  addLeaf(scores: number, index: number, start: number, end: number, value: number): void;
}

export function kernelOver(memory: WebAssembly.Memory): Kernel {
  const bytes = Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return instance.exports as unknown as Kernel;
}
