import { setAdd, setBytes } from '../bins/bin-set.ts';
import { gainOf, offer, type Scan, sideFits, worth } from './gain.ts';

/** Every edge with the missing right, then left; and all that is there against all that is missing. */
export function scanEdges(scan: Scan, edges: number): void {
  const { histogram, at, sums } = scan;
  const missing = at + 2 * (edges + 1);
  const missingGradient = histogram[missing]!;
  const missingHessian = histogram[missing + 1]!;
  const scanOneWay = scan.bounds ? scanWithin : scanFreely;
  scanOneWay(scan, edges, 0, 0);
  if (missingHessian <= 0) return;
  scanOneWay(scan, edges, missingGradient, missingHessian);
  const gradient = sums.gradient - missingGradient;
  const hessian = sums.hessian - missingHessian;
  if (sideFits(scan, missingHessian) && sideFits(scan, hessian)) {
    offer(scan, gradient, hessian, scan.params.l2, () => edgeSet(edges, edges, false));
  }
}

function scanFreely(scan: Scan, edges: number, missingGradient: number, missingHessian: number): void {
  const { of, at, sums, params, best } = scan;
  const { l1, l2 } = params;
  // The hessian of the least rows.
  const fewest = ((params.min_data - 0.5) * sums.hessian) / sums.rows;
  const winner = of.kernel.scan(
    of.start + at * 8,
    edges,
    ...([sums.gradient, sums.hessian, missingGradient, missingHessian] as const),
    Math.max(params.min_hessian, fewest),
    ...([l1, l2, worth(sums.gradient, sums.hessian, l1, l2), best.gain, of.found] as const),
  );
  if (winner < 0) return;
  const [gain, gradient, hessian] = new Float64Array(of.memory.buffer, of.found, 3);
  best.gain = gain!;
  best.leftGradient = gradient!;
  best.leftHessian = hessian!;
  best.l2 = l2;
  best.set = () => edgeSet(winner, edges, missingHessian > 0);
}

/** The same where values have bounds, edge by edge. */
function scanWithin(scan: Scan, edges: number, missingGradient: number, missingHessian: number): void {
  const { histogram, at, sums, params, best } = scan;
  let gradient = missingGradient;
  let hessian = missingHessian;
  for (let bin = 0; bin < edges; bin++) {
    gradient += histogram[at + 2 * bin]!;
    hessian += histogram[at + 2 * bin + 1]!;
    if (!sideFits(scan, hessian)) continue;
    if (!sideFits(scan, sums.hessian - hessian)) break;
    const gain = gainOf(scan, gradient, hessian, params.l2);
    if (!(gain > best.gain)) continue;
    best.gain = gain;
    best.leftGradient = gradient;
    best.leftHessian = hessian;
    best.l2 = params.l2;
    best.set = () => edgeSet(bin, edges, missingHessian > 0);
  }
}

function edgeSet(last: number, edges: number, missingLeft: boolean): Uint8Array {
  const set = new Uint8Array(setBytes);
  for (let bin = 0; bin <= last; bin++) setAdd(set, bin);
  if (missingLeft) setAdd(set, edges + 1);
  return set;
}
