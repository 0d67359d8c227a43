/**
 * The two-sided probability that two samples of one distribution differ so in rank (Mann and Whitney, 1947), by the normal
 * approximation with ties and continuity corrected for; `worse`: the first is the larger one.
 *
 * @param {readonly number[]} first
 * @param {readonly number[]} second
 */
export function compareRanks(first, second) {
  const all = [
    ...first.map((value) => ({ value, own: true })),
    ...second.map((value) => ({ value, own: false })),
  ];
  all.sort((a, b) => a.value - b.value);
  let ranks = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to].value === all[from].value) to++;
    ranks += ((from + to + 1) / 2) * all.slice(from, to).filter(({ own }) => own).length;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const [n, m] = [first.length, second.length];
  const excess = ranks - (n * (n + 1)) / 2 - (n * m) / 2;
  const variance = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)));
  const z = variance > 0 ? Math.max(0, Math.abs(excess) - 0.5) / Math.sqrt(variance) : 0;
  return { worse: excess > 0, p: 2 * upperTail(z) };
}

/** The normal distribution's mass above z ≥ 0, to 7.5e-8 (Abramowitz and Stegun 26.2.17). */
function upperTail(z) {
  const t = 1 / (1 + 0.2316419 * z);
  const series = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = series.reduceRight((rest, coefficient) => t * (coefficient + rest), 0);
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
