import { listedSet, offer, type Scan, sideFits } from './gain.ts';
import { categorical } from './params.ts';

/** Each category against the rest. */
export function scanOneHot(scan: Scan, categories: number): void {
  const { histogram, at, sums, params } = scan;
  for (let bin = 1; bin <= categories; bin++) {
    const hessian = histogram[at + 2 * bin + 1]!;
    if (!sideFits(scan, hessian) || !sideFits(scan, sums.hessian - hessian)) continue;
    offer(scan, histogram[at + 2 * bin]!, hessian, params.l2, () => listedSet([bin]));
  }
}

/** Categories in the order of gradient / (hessian + smooth): the best prefix of at most `maxListed`, from either end. */
export function scanCategories(scan: Scan, categories: number): void {
  const { of, at, sums } = scan;
  const { kernel, memory, start, found } = of;
  const perHessian = sums.rows / sums.hessian;
  const count = kernel.orderCategories(
    start + at * 8,
    categories,
    perHessian,
    categorical.smooth,
    found,
    found + 4096,
  );
  const most = Math.min(categorical.maxListed, (count + 1) >> 1);
  const entries = new Uint32Array(memory.buffer, found, count * 4);
  const binAt = (place: number): number => entries[place * 4 + 2]!;
  scanPrefixes(
    scan,
    Array.from({ length: most }, (_, k) => binAt(k)),
  );
  scanPrefixes(
    scan,
    Array.from({ length: most }, (_, k) => binAt(count - 1 - k)),
  );
}

function scanPrefixes(scan: Scan, order: readonly number[]): void {
  const { histogram, at, sums, params } = scan;
  const perHessian = sums.rows / sums.hessian;
  const l2 = params.l2 + categorical.l2;
  let gradient = 0;
  let hessian = 0;
  let rows = 0;
  let inGroup = 0;
  for (const [k, bin] of order.entries()) {
    const place = at + 2 * bin;
    const here = Math.round(histogram[place + 1]! * perHessian);
    gradient += histogram[place]!;
    hessian += histogram[place + 1]!;
    rows += here;
    inGroup += here;
    if (rows < params.min_data || hessian < params.min_hessian) continue;
    const right = sums.rows - rows;
    if (right < params.min_data || right < categorical.minGroup) break;
    if (sums.hessian - hessian < params.min_hessian) break;
    if (inGroup < categorical.minGroup) continue;
    inGroup = 0;
    offer(scan, gradient, hessian, l2, () => listedSet(order.slice(0, k + 1)));
  }
}
