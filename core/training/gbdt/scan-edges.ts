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
  const { histogram, at, sums, params, best } = scan;
  const { l1, l2, min_hessian: minHessian } = params;
  const perHessian = sums.rows / sums.hessian;
  const minRows = params.min_data - 0.5;
  const parent = worth(sums.gradient, sums.hessian, l1, l2);
  let gradient = missingGradient;
  let hessian = missingHessian;
  let gain = best.gain;
  let winner = -1;
  for (let bin = 0; bin < edges; bin++) {
    gradient += histogram[at + 2 * bin]!;
    hessian += histogram[at + 2 * bin + 1]!;
    if (hessian < minHessian || hessian * perHessian < minRows) continue;
    const rest = sums.hessian - hessian;
    if (rest < minHessian || rest * perHessian < minRows) break;
    const here = worth(gradient, hessian, l1, l2) + worth(sums.gradient - gradient, rest, l1, l2) - parent;
    // So that what is no number does not win.
    if (!(here > gain)) continue;
    gain = here;
    winner = bin;
    best.leftGradient = gradient;
    best.leftHessian = hessian;
  }
  if (winner < 0) return;
  best.gain = gain;
  best.l2 = l2;
  best.set = () => edgeSet(winner, edges, missingHessian > 0);
}

/** The same where values have bounds, which costs several times as much. */
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
