import type { Arena } from './arena.ts';
import { scoresOf } from './gradients.ts';
import type { Grown } from './grow.ts';
import { percentile } from './percentile.ts';

/**
 * Gives each leaf the percentile of what its rows lack, times the learning rate: the best value by the absolute and the
 * quantile error, whose gradients only say which way to go.
 */
export function renewLeaves(
  arena: Arena,
  { tree, ranges }: Grown,
  share: number,
  learningRate: number,
  weights: Float32Array | undefined,
): void {
  if (tree.nodes === 0) return;
  for (const [leaf, { start, end }] of ranges.entries()) {
    const value = weights
      ? weightedValue(arena, start, end, share, weights)
      : plainValue(arena, start, end, share);
    tree.values[leaf] = value * learningRate;
  }
}

/** As `percentile`, in a time that grows with the rows alone. */
function plainValue(arena: Arena, start: number, end: number, share: number): number {
  const { kernel, spare } = arena;
  const count = residuals(arena, start, end);
  const place = Math.floor((count - 1) * share);
  const below = kernel.select(spare, count, place);
  const above = place + 1 < count ? kernel.leastFrom(spare, count, place + 1) : below;
  return below + (above - below) * ((count - 1) * share - place);
}

function weightedValue(
  arena: Arena,
  start: number,
  end: number,
  share: number,
  weights: Float32Array,
): number {
  const { memory, spare, index } = arena;
  const count = residuals(arena, start, end);
  const rows = new Uint32Array(memory.buffer, index + start * 4, count);
  return percentile(
    new Float32Array(memory.buffer, spare, count),
    share,
    Float32Array.from(rows, (row) => weights[row]!),
  );
}

/** Writes them to the spare rows; answers how many. */
function residuals(arena: Arena, start: number, end: number): number {
  const { kernel, train, index, spare } = arena;
  kernel.residuals(scoresOf(arena, 0), train.labels, index, start, end, spare);
  return end - start;
}
