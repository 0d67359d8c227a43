import { FanfareError } from '../../errors.ts';
import { mixed, sampleOf } from '../bins/chance.ts';
import { type Arena, gradientBytes, recordBytes } from './arena.ts';
import { beginRound, fillGradients, scoresOf } from './gradients.ts';
import { growTree } from './grow.ts';
import { addTree } from './node-rows.ts';
import { renewLeaves } from './renew-leaves.ts';
import type { Room, Setup } from './setup.ts';
import type { Tree } from './tree.ts';

/** Grows the trees of a round, one an output, and adds them to the training rows' scores. What is drawn hangs on (seed, tree) alone. */
export function boost(arena: Arena, setup: Setup, room: Room, seed: number, round: number): Tree[] {
  beginRound(arena, setup.objective);
  return Array.from({ length: setup.outputs }, (_, output) => {
    const tree = boostOutput(arena, setup, room, { seed, round, output });
    refuseDiverged(tree, round);
    return tree;
  });
}

interface Step {
  readonly seed: number;
  readonly round: number;
  readonly output: number;
}

function boostOutput(arena: Arena, setup: Setup, room: Room, { seed, round, output }: Step): Tree {
  const { params, objective, weights, directions, outputs } = setup;
  const { kernel, train, index } = arena;
  const number = round * outputs + output;
  const features = chooseFeatures(arena, setup, seed, number);
  pack(arena, features);
  fillGradients(arena, objective, output, features.length, room.weights);
  const rows = chooseRows(arena, setup, seed, round);
  const placesOf = placesOfNodes(features.length, setup, seed, number);
  const grown = growTree({
    arena,
    params,
    features,
    rows,
    placesOf,
    directions,
    histograms: room.histograms,
  });
  if (objective.kind === 'absolute' || objective.kind === 'quantile') {
    renewLeaves(arena, grown, objective.share, params.learning_rate, weights);
  }
  const { tree, ranges } = grown;
  const scores = scoresOf(arena, output);
  if (rows < train.count) {
    addTree(arena, tree, train, scores);
  } else {
    for (const [leaf, { start, end }] of ranges.entries()) {
      kernel.addLeaf(scores, index, start, end, tree.values[leaf]!);
    }
  }
  return tree;
}

function chooseFeatures({ manifest }: Arena, { params }: Setup, seed: number, tree: number): number[] {
  const count = manifest.plan.features.length;
  const take = Math.max(1, Math.round(count * params.feature_fraction));
  return sampleOf(count, take, seed, tree, 2);
}

/** Lays the bins of those features side by side into the records, if they are not there from the tree before. */
function pack(arena: Arena, features: readonly number[]): void {
  if (String(arena.packed) === String(features)) return;
  const { columns, pitch } = arena.train;
  const column = (at: number): number => columns + features[Math.min(at, features.length - 1)]! * pitch;
  const stride = recordBytes(features.length);
  for (let at = 0; at < features.length; at += 4) {
    const to = arena.records + gradientBytes + at;
    arena.kernel.pack(column(at), column(at + 1), column(at + 2), column(at + 3), pitch, to, stride);
  }
  arena.packed = features;
}

/** Lets the index name the rows of the round; answers how many. */
function chooseRows({ kernel, train, index }: Arena, { params }: Setup, seed: number, round: number): number {
  const { bagging_fraction: share, bagging_freq: every } = params;
  if (share < 1) {
    const drawn = round - (round % every);
    return kernel.bag(index, train.count, mixed(seed, drawn, 1), Math.floor(share * 2 ** 32));
  }
  kernel.iota(index, train.count);
  return train.count;
}

function placesOfNodes(features: number, { params }: Setup, seed: number, tree: number) {
  const take = Math.max(1, Math.round(features * params.feature_fraction_bynode));
  if (take === features) return undefined;
  return (node: number) => sampleOf(features, take, seed, tree, 3, node);
}

function refuseDiverged(tree: Tree, round: number): void {
  if (tree.values.every(Number.isFinite)) return;
  throw new FanfareError(
    'TrainableFailed',
    `gbdt: round ${round + 1} gave a leaf that is no number; use a larger l2`,
  );
}
