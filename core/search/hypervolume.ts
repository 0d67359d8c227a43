import { frontsOf, type Losses, sharesOf } from './pareto.ts';

/**
 * The volume that the points dominate, as far as `reference`, which each of them is to be below; exact. The space is cut
 * into slices along the last objective, in which the points so far dominate a volume of one objective less (While et al., "A
 * Faster Algorithm for Calculating Hypervolume", IEEE TEC 2006, HSO).
 */
export function hypervolumeOf(losses: readonly (readonly number[])[], reference: readonly number[]): number {
  const last = reference.length - 1;
  const within = losses.filter((point) => reference.every((end, k) => point[k]! < end));
  if (last === 0) return within.reduce((most, [loss]) => Math.max(most, reference[0]! - loss!), 0);
  const order = within.toSorted((a, b) => a[last]! - b[last]!);
  let volume = 0;
  if (last === 1) {
    // A slice is as wide as its best point: one sweep.
    let least = reference[0]!;
    for (const [first, second] of order) {
      if (first! >= least) continue;
      volume += (least - first!) * (reference[1]! - second!);
      least = first!;
    }
    return volume;
  }
  for (const [at, point] of order.entries()) {
    const depth = (order[at + 1]?.[last] ?? reference[last]!) - point[last]!;
    if (depth > 0) volume += depth * hypervolumeOf(order.slice(0, at + 1), reference.slice(0, last));
  }
  return volume;
}

/**
 * The places of so many of the best: whole fronts while they fit and, of the front that does not, one after the other that
 * which adds most to the volume they dominate (Ozaki et al., "Multiobjective Tree-Structured Parzen Estimator", JAIR 2022,
 * 4.2; Guerreiro et al., "Greedy Hypervolume Subset Selection in Low Dimensions", 2016). The volume is of the front, each
 * objective as a share of its width, up to a tenth beyond its worst. In the order of their places.
 */
export function widestOf(losses: readonly Losses[], count: number): number[] {
  const chosen: number[] = [];
  for (const front of frontsOf(losses)) {
    const room = count - chosen.length;
    if (room <= 0) break;
    const part =
      front.length <= room
        ? front
        : greedily(sharesOf(front.map((at) => losses[at]!)), room).map((k) => front[k]!);
    chosen.push(...part);
  }
  return chosen.sort((a, b) => a - b);
}

const beyond = 1.1;

/** What a point adds never grows as others are chosen, so most of it is computed anew only where it might be the most. */
function greedily(front: readonly Losses[], count: number): number[] {
  const reference = front[0]!.map(() => beyond);
  const volume = (points: readonly (readonly number[])[]) => hypervolumeOf(points, reference);
  const chosen: number[] = [];
  const left = front.map((point, at) => ({ at, gain: volume([point]), seen: 0 }));
  while (chosen.length < count) {
    const best = left.reduce((a, b) => (b.gain > a.gain ? b : a));
    if (best.seen === chosen.length) {
      chosen.push(best.at);
      left.splice(left.indexOf(best), 1);
      continue;
    }
    const own = front[best.at]!;
    // What the chosen ones dominate of the volume that is the point's own.
    const shared = chosen.map((at) => front[at]!.map((loss, k) => Math.max(loss, own[k]!)));
    best.gain = volume([own]) - volume(shared);
    best.seen = chosen.length;
  }
  return chosen;
}
