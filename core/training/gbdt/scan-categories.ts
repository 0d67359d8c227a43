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
  const { histogram, at, sums } = scan;
  const perHessian = sums.rows / sums.hessian;
  const steepness = new Float64Array(categories + 1);
  const order: number[] = [];
  for (let bin = 1; bin <= categories; bin++) {
    const hessian = histogram[at + 2 * bin + 1]!;
    if (Math.round(hessian * perHessian) < categorical.smooth) continue;
    steepness[bin] = histogram[at + 2 * bin]! / (hessian + categorical.smooth);
    order.push(bin);
  }
  order.sort((a, b) => steepness[a]! - steepness[b]! || a - b);
  const most = Math.min(categorical.maxListed, (order.length + 1) >> 1);
  scanPrefixes(scan, order, most);
  scanPrefixes(scan, order.toReversed(), most);
}

function scanPrefixes(scan: Scan, order: readonly number[], most: number): void {
  const { histogram, at, sums, params } = scan;
  const perHessian = sums.rows / sums.hessian;
  const l2 = params.l2 + categorical.l2;
  let gradient = 0;
  let hessian = 0;
  let rows = 0;
  let inGroup = 0;
  for (let k = 0; k < most; k++) {
    const place = at + 2 * order[k]!;
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
