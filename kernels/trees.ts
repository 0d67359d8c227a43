/**
 * The inner loops of a tree ensemble, in AssemblyScript; `scripts/build-kernels.mjs` compiles it. Every pointer is a byte
 * offset in the one imported memory; nothing here allocates.
 *
 * A leaf is found without walking (after Lucchese et al., "QuickScorer", SIGIR 2015, with a table in place of the scan of
 * thresholds): a feature's value falls between two neighbours among the model's thresholds, and for each such place and
 * each tree a table holds the set of leaves that can still be reached. The intersection over the features is one leaf.
 */

/** Rows that go side by side, so that one's latency is another's work. */
const lane: i32 = 16;

/**
 * Where each value lies among its feature's `count` bounds, which ascend, as the byte offset of that place in a table:
 * `first` + (bounds not above the value) × `step`, NaN behind the last. `x` and `out` are columns of row-major matrices,
 * [rows, width] and [rows, padded].
 */
export function places(
  x: usize, width: i32, rows: i32,
  bounds: usize, count: i32, first: u32, step: u32, padded: i32, out: usize,
): void {
  let from = x;
  let to = out;
  for (let row = 0; row < rows; row++) {
    const value = load<f32>(from);
    let at = bounds;
    let left = count;
    while (left > 0) {
      const half = left - (left >> 1);
      at += (0 - <usize>(load<f32>(at + ((<usize>half - 1) << 2)) <= value)) & ((<usize>half) << 2);
      left -= half;
    }
    const place = value == value ? <u32>((at - bounds) >> 2) : <u32>count + 1;
    store<u32>(to, first + place * step);
    from += (<usize>width) << 2;
    to += (<usize>padded) << 2;
  }
}

/** The intersection of a row's sets, `bytes` long (a multiple of 16); four features a pass, `padded` is a multiple of four. */
function intersect(at: usize, padded: i32, table: usize, bytes: usize, out: usize): void {
  for (let f = 0; f < padded; f += 4) {
    const a = table + load<u32>(at), b = table + load<u32>(at, 4), c = table + load<u32>(at, 8), d = table + load<u32>(at, 12);
    for (let i: usize = 0; i < bytes; i += 16) {
      let set = v128.and(v128.and(v128.load(a + i), v128.load(b + i)), v128.and(v128.load(c + i), v128.load(d + i)));
      if (f > 0) set = v128.and(set, v128.load(out + i));
      v128.store(out + i, set);
    }
    at += 16;
  }
}

/** The leaf that is left in a set of 32 × `words` leaves: 1 word, 2, or a multiple of 4. */
function leafOf(set: usize, words: i32): u32 {
  if (words == 1) return ctz(load<u32>(set));
  if (words == 2) return <u32>ctz(load<u64>(set));
  let full: u32 = 0;
  for (let w = 0; w < words; w += 4)
    full |= (<u32>i32x4.bitmask(i32x4.ne(v128.load(set + ((<usize>w) << 2)), i32x4.splat(0)))) << w;
  const word = ctz(full);
  return (word << 5) + ctz(load<u32>(set + ((<usize>word) << 2)));
}

/**
 * Adds a group of trees to the sums, tree after tree. `at`: what `places` wrote; `bytes`: a place's sets of all trees of the
 * group. `emissions`: for each tree how many there are, then for each the target and where its leaves' weights are (f32).
 * `out`: [rows, targets] f32. `sets` has room for 16 × `bytes`.
 */
export function addTrees(
  at: usize, padded: i32, rows: i32, table: usize, bytes: usize, words: i32, trees: i32,
  emissions: usize, targets: i32, sets: usize, out: usize,
): void {
  const step: usize = (<usize>targets) << 2;
  for (let row = 0; row < rows; row += lane) {
    const some = min(lane, rows - row);
    for (let i = 0; i < some; i++)
      intersect(at + (<usize>((row + i) * padded) << 2), padded, table, bytes, sets + <usize>i * bytes);
    const first = out + <usize>row * step;
    let emission = emissions;
    for (let tree = 0; tree < trees; tree++) {
      const set = sets + ((<usize>(tree * words)) << 2);
      const count = load<u32>(emission);
      emission += 4;
      for (let e: u32 = 0; e < count; e++) {
        const weights = <usize>load<u32>(emission, 4);
        let sum = first + ((<usize>load<u32>(emission)) << 2);
        let own = set;
        let i = 0;
        // Four rows at once: what most models need, and a sixth faster.
        if (words == 1) {
          for (; i + 4 <= some; i += 4) {
            const own1 = own + bytes, own2 = own1 + bytes, own3 = own2 + bytes;
            const a = load<f32>(weights + ((<usize>ctz(load<u32>(own))) << 2));
            const b = load<f32>(weights + ((<usize>ctz(load<u32>(own1))) << 2));
            const c = load<f32>(weights + ((<usize>ctz(load<u32>(own2))) << 2));
            const d = load<f32>(weights + ((<usize>ctz(load<u32>(own3))) << 2));
            const sum1 = sum + step, sum2 = sum1 + step, sum3 = sum2 + step;
            store<f32>(sum, load<f32>(sum) + a);
            store<f32>(sum1, load<f32>(sum1) + b);
            store<f32>(sum2, load<f32>(sum2) + c);
            store<f32>(sum3, load<f32>(sum3) + d);
            own = own3 + bytes;
            sum = sum3 + step;
          }
        }
        for (; i < some; i++) {
          store<f32>(sum, load<f32>(sum) + load<f32>(weights + ((<usize>leafOf(own, words)) << 2)));
          own += bytes;
          sum += step;
        }
        emission += 8;
      }
    }
  }
}
