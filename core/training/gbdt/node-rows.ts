import { setBytes, setHas } from '../bins/bin-set.ts';
import { type Arena, type BinColumns, gradientBytes, recordBytes } from './arena.ts';
import type { Split } from './split.ts';
import type { Tree } from './tree.ts';

/** The rows of a node: a part of the arena's index, whose entries name rows or, where `copied`, copies of their records. */
export interface NodeRows {
  readonly start: number;
  readonly end: number;
  readonly copied: boolean;
}

/** The features whose bins the arena's records hold, and the arena. */
interface Packed {
  readonly arena: Arena;
  readonly features: readonly number[];
}

/** Orders the node's part of the index, the rows that go left first; answers where the others begin. */
export function partition({ arena, features }: Packed, split: Split, rows: NodeRows): number {
  const { kernel, train, index, spare } = arena;
  const [column, stride] = rows.copied
    ? [arena.copies + gradientBytes + features.indexOf(split.feature), recordBytes(features.length)]
    : [train.columns + split.feature * train.pitch, 1];
  const table = tableOf(arena, split.set);
  return kernel.partition(column, stride, table, index, spare, rows.start, rows.end);
}

/** The set as the kernel reads it. */
function tableOf({ memory, table }: Arena, set: Uint8Array): number {
  const goesLeft = new Uint8Array(memory.buffer, table, 256);
  for (let bin = 0; bin < 256; bin++) goesLeft[bin] = Number(setHas(set, bin));
  return table;
}

/** Adds the tree to the scores of a side's rows, which part from node to node in the arena's index. */
export function addTree(
  arena: Arena,
  tree: Tree,
  { columns, pitch, count }: BinColumns,
  scores: number,
): void {
  const { kernel, index, spare } = arena;
  if (tree.nodes === 0) return;
  kernel.iota(index, count);
  const parts = [{ child: 0, start: 0, end: count }];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const { child, start, end } = part;
    if (child < 0) {
      kernel.addLeaf(scores, index, start, end, tree.values[~child]!);
    } else if (start < end) {
      const column = columns + tree.feature[child]! * pitch;
      const table = tableOf(arena, tree.sets.subarray(child * setBytes, (child + 1) * setBytes));
      const middle = kernel.partition(column, 1, table, index, spare, start, end);
      parts.push({ child: tree.left[child]!, start, end: middle });
      parts.push({ child: tree.right[child]!, start: middle, end });
    }
  }
}

/** From so small a share of the table on, each row of a node stands in a cache line of its own. */
const sparse = 16;

/** The same rows, their records brought together if they lie far apart: all that comes below this node reads them there. */
export function gathered<Rows extends NodeRows>({ arena, features }: Packed, rows: Rows): Rows {
  const { kernel, train, records, index, copies, origin } = arena;
  const { start, end, copied } = rows;
  if (copied || (end - start) * sparse > train.count) return rows;
  kernel.gather(records, recordBytes(features.length), index, start, end, copies, origin);
  return { ...rows, copied: true };
}

/** Lets the index name rows again. */
export function restore({ kernel, index, origin }: Arena, leaves: readonly NodeRows[]): void {
  for (const { copied, start, end } of leaves) if (copied) kernel.restore(index, start, end, origin);
}

/** A node of a smaller share of the table is counted as one whose rows lie far apart. */
const dense = 2;

/** Writes the histogram of those rows: the packed features' bins, `histogramBins` each, of (gradient, hessian) as f64. */
export function countInto(out: number, { arena, features }: Packed, { start, end, copied }: NodeRows): void {
  const { kernel, memory, index, histogramBins, train } = arena;
  const bytes = histogramBins * 16;
  new Uint8Array(memory.buffer, out, features.length * bytes).fill(0);
  const records = copied ? arena.copies : arena.records;
  const isSparse = !copied && (end - start) * dense < train.count;
  const count = isSparse ? kernel.histogramSparse : kernel.histogram;
  count(records, recordBytes(features.length), index, start, end, features.length, bytes, out);
}
