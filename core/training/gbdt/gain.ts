import { setAdd, setBytes } from '../bins/bin-set.ts';
import type { Kernel } from './kernel.ts';
import type { GbdtParams } from './params.ts';

/** A node's sums. `rows` is exact, what a histogram says of rows is estimated from the hessian. */
export interface Sums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
}

/** What the values below a node may be, where predictions may only rise or fall with some features. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export const unbounded: Bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** A histogram in the kernel's memory. */
export interface Histogram {
  readonly kernel: Pick<Kernel, 'scan' | 'orderCategories'>;
  readonly memory: WebAssembly.Memory;
  /** Where it begins, in bytes. */
  readonly start: number;
  /** Room for what the kernel finds: 8,192 bytes. */
  readonly found: number;
}

/** Of a histogram: (gradient, hessian) pairs of one feature begin at `at`. */
export interface Scan {
  readonly of: Histogram;
  readonly histogram: Float64Array;
  readonly at: number;
  readonly sums: Sums;
  readonly params: GbdtParams;
  readonly best: Best;
  /** Undefined where no feature is constrained. */
  readonly bounds: Bounds | undefined;
  /** 1 or -1 where the right side's value must not be below or above the left side's. */
  readonly direction: number;
}

/** The best split of a feature so far; the set is built only for the one that wins. */
export interface Best {
  gain: number;
  leftGradient: number;
  leftHessian: number;
  l2: number;
  set: (() => Uint8Array) | undefined;
}

/** The optimal value of a leaf (Newton step; l1 shrinks the gradient towards 0). */
export function leafValue(gradient: number, hessian: number, l1: number, l2: number): number {
  // Rows of weight 0 alone.
  return hessian + l2 === 0 ? 0 : -shrunk(gradient, l1) / (hessian + l2);
}

/** The same within bounds. */
export const boundedValue = (
  gradient: number,
  hessian: number,
  l1: number,
  l2: number,
  { low, high }: Bounds,
): number => Math.min(high, Math.max(low, leafValue(gradient, hessian, l1, l2)));

const shrunk = (gradient: number, l1: number): number =>
  l1 === 0 ? gradient : Math.sign(gradient) * Math.max(0, Math.abs(gradient) - l1);

/** What a leaf of that value takes from the loss, twice. */
export const worth = (gradient: number, hessian: number, l1: number, l2: number): number => {
  const g = shrunk(gradient, l1);
  return (g * g) / (hessian + l2);
};

/** What a split is worth more than its node; nothing where its sides' values are in the wrong order. */
export function gainOf(
  { sums, params, bounds, direction }: Scan,
  gradient: number,
  hessian: number,
  l2: number,
): number {
  const { l1 } = params;
  const [restGradient, restHessian] = [sums.gradient - gradient, sums.hessian - hessian];
  // The parent's worth has no `l2` of categories, as in LightGBM.
  const parent = worth(sums.gradient, sums.hessian, l1, params.l2);
  if (bounds === undefined) {
    return worth(gradient, hessian, l1, l2) + worth(restGradient, restHessian, l1, l2) - parent;
  }
  const left = boundedValue(gradient, hessian, l1, l2, bounds);
  const right = boundedValue(restGradient, restHessian, l1, l2, bounds);
  if (direction * (right - left) < 0) return 0;
  return (
    worthOf(left, gradient, hessian, l1, l2) + worthOf(right, restGradient, restHessian, l1, l2) - parent
  );
}

/** What a leaf takes from the loss, twice, with a value that need not be the best. */
const worthOf = (value: number, gradient: number, hessian: number, l1: number, l2: number): number =>
  -(2 * shrunk(gradient, l1) * value + (hessian + l2) * value * value);

/** Takes the split if it is better than the best. */
export function offer(
  scan: Scan,
  gradient: number,
  hessian: number,
  l2: number,
  set: () => Uint8Array,
): void {
  const { best } = scan;
  const gain = gainOf(scan, gradient, hessian, l2);
  if (!(gain > best.gain)) return;
  best.gain = gain;
  best.leftGradient = gradient;
  best.leftHessian = hessian;
  best.l2 = l2;
  best.set = set;
}

export function sideFits({ sums, params }: Scan, hessian: number): boolean {
  const rows = (hessian * sums.rows) / sums.hessian;
  return hessian >= params.min_hessian && rows >= params.min_data - 0.5;
}

export function listedSet(bins: readonly number[]): Uint8Array {
  const set = new Uint8Array(setBytes);
  for (const bin of bins) setAdd(set, bin);
  return set;
}
