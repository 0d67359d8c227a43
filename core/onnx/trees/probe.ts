import { stream } from '../../chance.ts';
import type { Ensemble } from './ensemble.ts';
import { nextDown } from './neighbours.ts';
import type { TreeScorer } from './scorer.ts';

/** Rows of which each feature's values stand about so many times, with different others beside them. */
const repeats = 4;
const fewest = 256;
const most = 16_384;

/**
 * Rows [rows, width] to compare a scorer on with another one: for each feature the values at both sides of every threshold,
 * infinities, zero and missing. Sets are asked for whole numbers alone: about fractions, ONNX Runtime is of two minds.
 */
export function probeRows({ bounds }: TreeScorer, { trees }: Ensemble, width: number): Float32Array {
  const inSets = new Set(
    trees.flatMap(({ tests }) => tests.flatMap((test) => (test.isSet ? [test.feature] : []))),
  );
  const values = Array.from({ length: width }, (_, feature) => {
    const own = [...(bounds.get(feature) ?? [])];
    if (inSets.has(feature)) {
      const members = own.filter(Number.isInteger);
      return [Number.NaN, -1, 0, 1 + (members.at(-1) ?? 0), ...members];
    }
    return [Number.NaN, -Infinity, Infinity, 0, ...own, ...own.map(nextDown)];
  });
  const longest = Math.max(0, ...values.map(({ length }) => length));
  const rows = Math.min(most, Math.max(fewest, repeats * longest));
  const matrix = new Float32Array(rows * width);
  const random = stream('probe');
  for (let i = 0; i < matrix.length; i++) {
    const [row, feature] = [Math.floor(i / width), i % width];
    const own = values[feature]!;
    // The first rows go through all values in their order, so that none is left out.
    const place = row < own.length ? (row + feature) % own.length : Math.floor(random() * own.length);
    matrix[i] = own[place]!;
  }
  return matrix;
}
