import type { Arena } from './arena.ts';
import { drawRows, type Room } from './grow.ts';
import type { Setup } from './setup.ts';
import { nodeCount, type Tree } from './tree.ts';

/** No tree has said anything of any row. */
export function clearSums({ memory, places, train, validation, width }: Arena): void {
  new Float32Array(memory.buffer, places.validationSums, validation.count * width).fill(0);
  new Float32Array(memory.buffer, places.outOfBagSums, train.count * width).fill(0);
  new Uint32Array(memory.buffer, places.outOfBagTrees, train.count).fill(0);
}

/** Adds what a tree says of the validation rows. */
export function addToValidation(arena: Arena, room: Room, tree: Tree): void {
  const { validation, places } = arena;
  addTo(arena, room, tree, validation, 0, validation.count, places.validationSums);
}

/** Adds what tree number `at` says of the training rows that it did not draw. */
export function addOutOfBag(
  arena: Arena,
  setup: Setup,
  room: Room,
  seed: number,
  at: number,
  tree: Tree,
): void {
  const { kernel, memory, train, places } = arena;
  const draws = drawRows(arena, setup, seed, at);
  if (draws === 0) return;
  const rows = kernel.leftOut(draws, train.count, places.spare);
  addTo(arena, room, tree, train, places.spare, rows, places.outOfBagSums);
  const trees = new Uint32Array(memory.buffer, places.outOfBagTrees, train.count);
  for (const row of new Uint32Array(memory.buffer, places.spare, rows)) trees[row]!++;
}

function addTo(
  { kernel, memory, width }: Arena,
  room: Room,
  tree: Tree,
  { columns, pitch }: { readonly columns: number; readonly pitch: number },
  list: number,
  rows: number,
  sums: number,
): void {
  new Uint8Array(memory.buffer, room.nodes, tree.nodes.length).set(tree.nodes);
  new Uint8Array(memory.buffer, room.sets, tree.sets.length).set(tree.sets);
  new Float32Array(memory.buffer, room.values, tree.values.length).set(tree.values);
  const { nodes, sets, values } = room;
  kernel.addTree(nodes, nodeCount(tree), sets, values, width, columns, pitch, list, rows, sums);
}

/** The mean of what so many trees said of the validation rows, as ONNX Runtime has it: a float32 sum, divided once. */
export function validationMeans({ memory, places, validation, width }: Arena, trees: number): Float32Array {
  const sums = new Float32Array(memory.buffer, places.validationSums, validation.count * width);
  return sums.map((sum) => sum / trees);
}

/**
 * How good the trees are on rows that they did not draw, as scikit-learn's `oob_score_`: accuracy, or R² of a regression, here
 * by the rows' weights and of the rows that any tree left out. Undefined where it is of no row, or all have one target.
 */
export function outOfBagScore(arena: Arena): number | undefined {
  const { memory, places, train, width, manifest } = arena;
  const sums = new Float32Array(memory.buffer, places.outOfBagSums, train.count * width);
  const trees = new Uint32Array(memory.buffer, places.outOfBagTrees, train.count);
  const score =
    manifest.task.kind === 'regression' ? rSquared(train, sums, trees) : accuracy(train, sums, trees, width);
  return Number.isFinite(score) ? score : undefined;
}

type Labelled = Pick<Arena['train'], 'count' | 'labels' | 'weights'>;

function accuracy(
  { count, labels, weights }: Labelled,
  sums: Float32Array,
  trees: Uint32Array,
  width: number,
): number {
  let right = 0;
  let whole = 0;
  for (let row = 0; row < count; row++) {
    if (trees[row] === 0) continue;
    const weight = weights ? weights[row]! : 1;
    whole += weight;
    const said = width === 1 ? Number(2 * sums[row]! > trees[row]!) : mostOf(sums, row * width, width);
    if (said === labels[row]) right += weight;
  }
  return right / whole;
}

function mostOf(sums: Float32Array, from: number, width: number): number {
  let most = 0;
  for (let k = 1; k < width; k++) if (sums[from + k]! > sums[from + most]!) most = k;
  return most;
}

function rSquared({ count, labels, weights }: Labelled, sums: Float32Array, trees: Uint32Array): number {
  let whole = 0;
  let mean = 0;
  let spread = 0;
  let error = 0;
  for (let row = 0; row < count; row++) {
    const weight = weights ? weights[row]! : 1;
    if (trees[row] === 0 || weight === 0) continue;
    const label = labels[row]!;
    whole += weight;
    const apart = label - mean;
    mean += (apart * weight) / whole;
    spread += weight * apart * (label - mean);
    error += weight * (label - sums[row]! / trees[row]!) ** 2;
  }
  return 1 - error / spread;
}
