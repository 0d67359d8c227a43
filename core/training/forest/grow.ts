import { setBytes } from '../bins/bin-set.ts';
import { mixed } from '../bins/chance.ts';
import { type Arena, allocator, growTo } from './arena.ts';
import type { Setup } from './setup.ts';
import { nodeBytes, type Tree } from './tree.ts';

/** Where the tree that is grown or walked is, behind the arena. */
export interface Room {
  readonly nodes: number;
  readonly sets: number;
  readonly values: number;
  readonly frontier: number;
}

/** Nodes that may be divided, of which the smaller is first: log2 of the rows at most. */
const mostOpen = 64;
const openBytes = 72;

/** Makes room for a tree of that setup in the arena. */
export function makeRoom({ memory, places, train, width, manifest }: Arena, { params }: Setup): Room {
  const byDepth = params.max_depth === undefined ? Number.POSITIVE_INFINITY : 2 ** params.max_depth;
  const leaves = Math.min(
    Math.max(1, Math.floor(train.count / params.min_samples_leaf)),
    params.max_leaf_nodes ?? Number.POSITIVE_INFINITY,
    byDepth,
  );
  const hasSets = manifest.plan.features.some(({ kind }) => kind === 'categories');
  const take = allocator(places.free);
  const room = {
    frontier: take((mostOpen + (params.max_leaf_nodes ?? 0)) * openBytes),
    nodes: take(leaves * nodeBytes),
    values: take(leaves * 4 * width),
    sets: take(hasSets ? leaves * setBytes : 0),
  };
  growTo(memory, take(0));
  return room;
}

/** Grows tree number `at`, from the rows that it draws; `gains` and `splits` of the arena grow by what its splits gain. */
export function growTree(arena: Arena, setup: Setup, room: Room, seed: number, at: number): Tree {
  const { kernel, memory, places, train, width } = arena;
  const draws = drawRows(arena, setup, seed, at);
  const weights = setup.weights ? places.weights : 0;
  const isClass = Number(width > 1);
  const rows = kernel.enter(draws, places.targets, weights, train.count, isClass, places.entries);
  writeGrowth(arena, setup, room, mixed(seed, at, 2));
  const nodes = kernel.grow(places.growth, rows);
  const bytes = (from: number, length: number) => new Uint8Array(memory.buffer, from, length).slice();
  return {
    nodes: bytes(room.nodes, nodes * nodeBytes),
    sets: bytes(room.sets, kernel.setCount() * setBytes),
    values: new Float32Array(bytes(room.values, (nodes + 1) * 4 * width).buffer),
  };
}

/** Draws the rows of tree number `at`; answers where it says how often each, 0 where each is taken once. */
export function drawRows({ kernel, places, train }: Arena, { params }: Setup, seed: number, at: number) {
  if (!params.bootstrap) return 0;
  const draws = Math.max(1, Math.round(train.count * params.max_samples));
  kernel.bootstrap(places.draws, train.count, draws, mixed(seed, at, 1));
  return places.draws;
}

/** As `Growth` in kernels/forest-count.ts. */
function writeGrowth(arena: Arena, { params, isEntropy, maxFeatures }: Setup, room: Room, chance: number) {
  const { memory, places, train, width, manifest } = arena;
  const numbers = [
    ...[places.columns, train.pitch, manifest.plan.features.length, places.kinds, width > 1 ? width : 0],
    ...[Number(isEntropy), maxFeatures, params.max_depth ?? 2 ** 31 - 1, params.min_samples_split],
    ...[params.min_samples_leaf, params.max_leaf_nodes ?? 0, places.entries, places.spare, places.cells],
    ...[places.counts, places.occurring, places.list, places.ranked, places.steepness, places.totals],
    ...[places.left, places.order, room.frontier, room.nodes, room.sets, room.values, places.gains],
    ...[places.splits, chance],
  ];
  new Uint32Array(memory.buffer, places.growth, numbers.length).set(numbers);
  new Float32Array(memory.buffer, places.growth + 4 * numbers.length, 1)[0] = arena.mean;
}
