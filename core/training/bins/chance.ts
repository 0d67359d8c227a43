/**
 * A number that looks like chance, the same for the same words: a seed for the step's own stream. Streams are told apart
 * by (seed, step, purpose), never by how much was drawn before, so that a resumed run draws what an unbroken one would.
 */
export function mixed(...words: readonly number[]): number {
  let x = 0x9e37_79b9;
  for (const word of words) {
    x = Math.imul(x ^ word, 0x85eb_ca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35);
    x ^= x >>> 16;
  }
  return x >>> 0;
}

/** `take` of the numbers below `count`, ascending, by a partial shuffle. */
export function sampleOf(count: number, take: number, ...words: readonly number[]): number[] {
  const all = Array.from({ length: count }, (_, k) => k);
  for (let k = 0; k < take; k++) {
    const other = k + (mixed(...words, k) % (count - k));
    [all[k], all[other]] = [all[other]!, all[k]!];
  }
  return all.slice(0, take).sort((a, b) => a - b);
}
