/** What a trial comes to: a finite number for each objective, all to be made small. */
export type Losses = readonly [number, ...number[]];

/** Whether `a` is as good as `b` in every objective, and better in one. */
export function dominates(a: Losses, b: Losses): boolean {
  let better = false;
  for (let k = 0; k < a.length; k++) {
    if (a[k]! > b[k]!) return false;
    if (a[k]! < b[k]!) better = true;
  }
  return better;
}

/**
 * The places of the best first: by front, then those with the most room around them, then by place (Deb et al., "A Fast and
 * Elitist Multiobjective Genetic Algorithm: NSGA-II", IEEE TEC 2002, III-C). Of one objective, by the loss.
 */
export function orderOf(losses: readonly Losses[]): number[] {
  return frontsOf(losses).flatMap((front) => {
    const room = crowdingOf(front.map((place) => losses[place]!));
    const byRoom = front
      .map((_, k) => k)
      .sort((a, b) => compare(room[b]!, room[a]!) || front[a]! - front[b]!);
    return byRoom.map((k) => front[k]!);
  });
}

/**
 * The places by fronts: nothing dominates those of the first, of the others only what is on the fronts before. Each front in
 * the order of its places. Efficient non-dominated sort: a place is put on the first front that does not dominate it, which
 * bisection finds (Zhang et al., "An Efficient Approach to Nondominated Sorting for Evolutionary Multiobjective
 * Optimization", IEEE TEC 2015, ENS-BS).
 */
export function frontsOf(losses: readonly Losses[]): number[][] {
  const fronts: number[][] = [];
  // In this order nobody is dominated by who comes later.
  const order = losses.map((_, place) => place).sort((a, b) => lexically(losses[a]!, losses[b]!) || a - b);
  for (const place of order) {
    let [low, high] = [0, fronts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isDominated(losses, fronts[middle]!, place)) low = middle + 1;
      else high = middle;
    }
    fronts[low] ??= [];
    fronts[low]!.push(place);
  }
  return fronts.map((front) => front.sort((a, b) => a - b));
}

/** By one of a front whose places came before. Of two objectives, the one that came last is the best by the second. */
function isDominated(losses: readonly Losses[], front: readonly number[], place: number): boolean {
  const own = losses[place]!;
  if (own.length <= 2) return dominates(losses[front.at(-1)!]!, own);
  return front.some((other) => dominates(losses[other]!, own));
}

export function lexically(a: Losses, b: Losses): number {
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return a[k]! - b[k]!;
  return 0;
}

/**
 * How far the neighbours of each are apart, as a share of the front's width, summed over the objectives; infinite at the
 * ends. An objective in which all are alike says nothing (Deb et al. 2002, III-B; so does Optuna 5).
 */
export function crowdingOf(front: readonly Losses[]): number[] {
  const room = front.map(() => 0);
  for (let k = 0; k < (front[0]?.length ?? 0); k++) {
    const order = front.map((_, at) => at).sort((a, b) => front[a]![k]! - front[b]![k]! || a - b);
    const values = order.map((at) => front[at]![k]!);
    const width = values.at(-1)! - values[0]!;
    if (width === 0) continue;
    for (const [rank, at] of order.entries())
      room[at]! += ((values[rank + 1] ?? Infinity) - (values[rank - 1] ?? -Infinity)) / width;
  }
  return room;
}

/** Each objective as a share of how far its best is from its worst: 0 to 1, and 0 where all are alike. */
export function sharesOf(losses: readonly Losses[]): Losses[] {
  const ranges = (losses[0] ?? []).map((_, k) => {
    const values = losses.map((each) => each[k]!);
    const low = values.reduce((a, b) => Math.min(a, b));
    return { low, width: values.reduce((a, b) => Math.max(a, b)) - low || 1 };
  });
  const share = (loss: number, k: number) => (loss - ranges[k]!.low) / ranges[k]!.width;
  return losses.map(([first, ...others]) => [
    share(first, 0),
    ...others.map((loss, k) => share(loss, k + 1)),
  ]);
}

/** Of numbers that may both be infinite. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);
