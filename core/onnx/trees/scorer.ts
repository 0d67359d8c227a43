import type { Ensemble, Leaf, Test, Tree } from './ensemble.ts';
import { type Kernel, kernelOver } from './kernel.ts';

/** An ensemble in WebAssembly. */
export interface TreeScorer {
  /** For each feature that the trees look at the values, ascending, at which an answer changes: where to test it. */
  readonly bounds: ReadonlyMap<number, Float32Array>;
  /** The features are those up to here. */
  readonly width: number;
  /** Sums [rows, targets] of the rows of a float matrix [rows, width], which has the ensemble's features at least. */
  score(matrix: Float32Array, width: number): Float32Array;
}

/** Rows whose places stay in the first cache. */
const slabRows = 512;
/** As `lane` in kernels/trees.ts. */
const laneRows = 16;
/** Of a group's table, so that it stays in the second cache. */
const groupBytes = 256 * 2 ** 10;
/** A larger model is left to ONNX Runtime. */
const mostBytes = 64 * 2 ** 20;

/** Undefined where the tables would take more than 64 MiB. */
export function treeScorer(ensemble: Ensemble): TreeScorer | undefined {
  const bounds = boundsOf(ensemble.trees);
  const shape = shapeOf(ensemble, bounds);
  if (shape.tableBytes > mostBytes) return undefined;
  const placed = layOut(ensemble, shape, bounds);
  const width = Math.max(-1, ...bounds.keys()) + 1;
  return { bounds, width, score: (matrix, columns) => run(placed, ensemble, matrix, columns) };
}

/** For each feature the values, ascending, at which the answer of some test changes. */
function boundsOf(trees: readonly Tree[]): Map<number, Float32Array> {
  const changes = new Map<number, Set<number>>();
  for (const test of trees.flatMap(({ tests }) => tests)) {
    const all = changes.get(test.feature) ?? new Set();
    changes.set(test.feature, all);
    for (const value of test.changes) if (!Number.isNaN(value)) all.add(value);
  }
  // A Set takes the two zeros for one, as comparisons do.
  return new Map(
    [...changes].sort(([a], [b]) => a - b).map(([feature, all]) => [feature, Float32Array.from(all).sort()]),
  );
}

interface Shape {
  /** Words of 32 leaves a tree: 1, 2 or a multiple of 4. */
  readonly words: number;
  /** Trees a group. */
  readonly trees: number;
  readonly groups: number;
  /** Bytes of a place's sets in a group's table. */
  readonly step: number;
  /** Places of all features, and one more for the padding: all leaves. */
  readonly places: number;
  readonly tableBytes: number;
}

function shapeOf({ trees }: Ensemble, bounds: ReadonlyMap<number, Float32Array>): Shape {
  const leaves = Math.max(1, ...trees.map((tree) => tree.leaves.length));
  const words = leaves <= 32 ? 1 : leaves <= 64 ? 2 : 4 * Math.ceil(leaves / 128);
  const all = [...bounds.values()].reduce((sum, { length }) => sum + length + 2, 1);
  const atOnce = 4 / Math.min(words, 4);
  const fitting = Math.floor(groupBytes / (all * words * 4 * atOnce)) * atOnce;
  const group = Math.min(Math.max(atOnce, fitting), Math.ceil(trees.length / atOnce) * atOnce);
  const groups = Math.ceil(trees.length / Math.max(1, group));
  const step = group * words * 4;
  return { words, trees: group, groups, step, places: all, tableBytes: groups * all * step };
}

interface Placed {
  readonly kernel: Kernel;
  readonly memory: WebAssembly.Memory;
  readonly shape: Shape;
  readonly features: readonly {
    readonly feature: number;
    readonly bounds: number;
    readonly count: number;
    readonly first: number;
  }[];
  readonly padded: number;
  readonly groups: readonly { readonly table: number; readonly emissions: number; readonly trees: number }[];
  readonly at: number;
  readonly sets: number;
  readonly out: number;
  /** Behind all else: the rows of a slab. */
  readonly matrix: number;
}

/** Writes tables, bounds and weights into a memory of their own. */
function layOut(ensemble: Ensemble, shape: Shape, bounds: ReadonlyMap<number, Float32Array>): Placed {
  const memory = new WebAssembly.Memory({ initial: 1 });
  let end = 0;
  const take = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 16) * 16;
    reserve(memory, end);
    return start;
  };
  let first = 0;
  const features = [...bounds].map(([feature, own]) => {
    const place = { feature, bounds: take(own.byteLength), count: own.length, first };
    new Float32Array(memory.buffer, place.bounds, own.length).set(own);
    first += (own.length + 2) * shape.step;
    return place;
  });
  const groups = Array.from({ length: shape.groups }, (_, group) => {
    const trees = ensemble.trees.slice(group * shape.trees, (group + 1) * shape.trees);
    const table = take(shape.places * shape.step);
    const words = new Uint32Array(memory.buffer, table, (shape.places * shape.step) / 4);
    fillTable(words, trees, shape, bounds);
    const emissions = trees.flatMap((tree) => emissionsOf(tree, shape.words, memory, take));
    const start = take(emissions.length * 4);
    new Uint32Array(memory.buffer, start, emissions.length).set(emissions);
    return { table, emissions: start, trees: trees.length };
  });
  const padded = Math.max(4, Math.ceil(features.length / 4) * 4);
  const at = take(slabRows * padded * 4);
  new Uint32Array(memory.buffer, at, slabRows * padded).fill((shape.places - 1) * shape.step);
  const sets = take(laneRows * shape.step);
  const out = take(slabRows * ensemble.targets * 4);
  return {
    kernel: kernelOver(memory),
    memory,
    shape,
    features,
    padded,
    groups,
    at,
    sets,
    out,
    matrix: take(0),
  };
}

function reserve(memory: WebAssembly.Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65_536));
}

/** For each place the leaves that a value there leaves over in each tree. */
function fillTable(
  table: Uint32Array,
  trees: readonly Tree[],
  { step, words, places }: Shape,
  bounds: ReadonlyMap<number, Float32Array>,
): void {
  const row = new Uint32Array(step / 4);
  for (const [t, { leaves }] of trees.entries())
    for (let leaf = 0; leaf < leaves.length; leaf++) row[t * words + (leaf >> 5)]! |= 1 << (leaf & 31);
  for (let place = 0; place < places; place++) table.set(row, place * row.length);
  let first = 0;
  for (const [feature, own] of bounds) {
    const values = Float32Array.of(-Infinity, ...own, Number.NaN);
    for (const [t, { tests }] of trees.entries())
      for (const test of tests)
        if (test.feature === feature) keepReached(table, first + t * words, row.length, values, test, words);
    first += values.length * row.length;
  }
}

/** Takes the leaves out that a test's answer rules out at each place of its feature. */
function keepReached(
  table: Uint32Array,
  start: number,
  stride: number,
  values: Float32Array,
  { passes, from, middle, end }: Test,
  words: number,
): void {
  const yes = allBut(words, middle, end);
  const no = allBut(words, from, middle);
  const [low, high] = [from >> 5, (end - 1) >> 5];
  for (let place = 0, at = start; place < values.length; place++, at += stride) {
    const kept = passes(values[place]!) ? yes : no;
    for (let word = low; word <= high; word++) table[at + word]! &= kept[word]!;
  }
}

/** All leaves without `from` to `to` (exclusive). */
function allBut(words: number, from: number, to: number): Uint32Array {
  const set = new Uint32Array(words).fill(-1);
  for (let leaf = from; leaf < to; leaf++) set[leaf >> 5]! &= ~(1 << (leaf & 31));
  return set;
}

/** As `addTrees` reads them: how many targets the tree adds to, and for each the target and where its leaves' weights are. */
function emissionsOf(
  { leaves }: Tree,
  words: number,
  memory: WebAssembly.Memory,
  take: (bytes: number) => number,
): number[] {
  const targets = [...new Set(leaves.flatMap((leaf) => leaf.map(({ target }) => target)))];
  const entries = targets.flatMap((target) => {
    const start = take(words * 128);
    new Float32Array(memory.buffer, start, words * 32).set(leaves.map((leaf) => weightOf(leaf, target)));
    return [target, start];
  });
  return [targets.length, ...entries];
}

const weightOf = (leaf: Leaf, target: number): number =>
  leaf.reduce((sum, each) => (each.target === target ? Math.fround(sum + each.weight) : sum), 0);

function run(
  placed: Placed,
  { targets, base, averages, trees: all }: Ensemble,
  matrix: Float32Array,
  width: number,
): Float32Array {
  const { kernel, memory, shape, features, padded, groups, at, sets, out } = placed;
  const rows = width === 0 ? 0 : matrix.length / width;
  reserve(memory, placed.matrix + slabRows * width * 4);
  const sums = new Float32Array(rows * targets);
  for (let start = 0; start < rows; start += slabRows) {
    const count = Math.min(slabRows, rows - start);
    const slab = matrix.subarray(start * width, (start + count) * width);
    new Float32Array(memory.buffer, placed.matrix, slab.length).set(slab);
    for (const [k, { feature, bounds, count: many, first }] of features.entries())
      kernel.places(
        placed.matrix + feature * 4,
        width,
        count,
        bounds,
        many,
        first,
        shape.step,
        padded,
        at + k * 4,
      );
    const own = new Float32Array(memory.buffer, out, count * targets).fill(0);
    for (const { table, emissions, trees } of groups)
      kernel.addTrees(
        at,
        padded,
        count,
        table,
        shape.step,
        shape.words,
        trees,
        emissions,
        targets,
        sets,
        out,
      );
    sums.set(own, start * targets);
  }
  if (averages) for (let i = 0; i < sums.length; i++) sums[i]! /= all.length;
  if (base) for (let i = 0; i < sums.length; i++) sums[i]! += base[i % base.length]!;
  return sums;
}
