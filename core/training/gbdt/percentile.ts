/**
 * The value below which a share of the values lies, between two of them by the share's place (as LightGBM's objectives take
 * it; without weights it is also numpy's). `values` need not be sorted; there is at least one.
 */
export function percentile(values: Float32Array, share: number, weights?: Float32Array): number {
  if (weights) return weightedPercentile(values, weights, share);
  const sorted = values.toSorted();
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.min(sorted.length - 1, Math.floor(place) + 1)]!;
  return below + (above - below) * (place - Math.floor(place));
}

/** By the sums of the weights up to each value; between two values only where the upper one weighs at least 1, otherwise the lower one. */
function weightedPercentile(values: Float32Array, weights: Float32Array, share: number): number {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  let whole = 0;
  for (const at of order) whole += weights[at]!;
  const goal = whole * share;
  let sum = 0;
  let place = 0;
  while (place < order.length - 1 && sum + weights[order[place]!]! <= goal) sum += weights[order[place++]!]!;
  const value = values[order[place]!]!;
  const weight = weights[order[place]!]!;
  if (place === 0 || place === order.length - 1) return value;
  const below = values[order[place - 1]!]!;
  return weight < 1 ? below : below + ((goal - sum) / weight) * (value - below);
}
