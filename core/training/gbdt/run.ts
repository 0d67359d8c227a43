import { FanfareError } from '../../errors.ts';
import type { TrainingRun } from '../trainable.ts';
import { type Arena, gradientBytes, growTo } from './arena.ts';
import { mixed, sampleOf } from './chance.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { exportGbdt } from './export.ts';
import { growTree, histogramBytes } from './grow.ts';
import type { GbdtParams } from './params.ts';
import { type Tree, treeBytes, writeTree } from './tree.ts';

/** Boosting by the log loss: one tree a round. */
export class GbdtRun implements TrainingRun {
  readonly #arena: Arena;
  readonly #params: GbdtParams;
  readonly #seed: number;
  readonly #trees: Tree[];
  /** How many trees the arena's validation scores hold, where this run owns it. */
  #validated = 0;

  constructor(arena: Arena, params: GbdtParams, seed: number, checkpoint?: Uint8Array) {
    this.#arena = arena;
    this.#params = params;
    this.#seed = seed;
    this.#trees = checkpoint ? decodeCheckpoint(checkpoint, arena.manifest, params, seed) : [];
  }

  get resource(): number {
    return this.#trees.length;
  }

  advance(resource: number, expired: () => boolean): void {
    while (this.resource < resource) {
      this.#own();
      this.#boost();
      if (expired()) return;
    }
  }

  validate(): { readonly scores: Float32Array; readonly labels: Uint8Array } {
    this.#own();
    const { memory, validation, validationScores } = this.#arena;
    for (const tree of this.#trees.slice(this.#validated)) {
      this.#addTree(tree, validation.rows, validation.stride, validation.count, validationScores);
    }
    this.#validated = this.resource;
    const logOdds = new Float32Array(memory.buffer, validationScores, validation.count);
    return { scores: logOdds.map((score) => 1 / (1 + Math.exp(-score))), labels: validation.labels };
  }

  checkpoint(): Uint8Array {
    return encodeCheckpoint(this.#trees, this.#arena.manifest, this.#params, this.#seed);
  }

  toOnnx(): Uint8Array {
    return exportGbdt(this.#arena.manifest, this.#trees, this.#base());
  }

  /** Makes the arena's scores this run's: they are replayed, in the same float32 steps, if another run used it since. */
  #own(): void {
    const arena = this.#arena;
    growTo(arena.memory, this.#histograms() + this.#params.leaves * histogramBytes(arena));
    if (arena.owner === this) return;
    const { memory, train, validation } = arena;
    new Float32Array(memory.buffer, arena.scores, train.count).fill(this.#base());
    new Float32Array(memory.buffer, arena.validationScores, validation.count).fill(this.#base());
    this.#validated = 0;
    for (const tree of this.#trees) {
      this.#addTree(tree, train.rows + gradientBytes, train.stride, train.count, arena.scores);
    }
    arena.owner = this;
  }

  /** The log odds of the training side. */
  #base(): number {
    const { rows, positives } = this.#arena.manifest.train;
    return Math.fround(Math.log(positives / (rows - positives)));
  }

  #boost(): void {
    const { kernel, train, scores, index } = this.#arena;
    const round = this.resource;
    kernel.gradients(scores, train.labels, train.count, train.rows, train.stride);
    const rows = this.#chooseRows(round);
    const { tree, ranges } = growTree({
      arena: this.#arena,
      params: this.#params,
      features: this.#chooseFeatures(round),
      rows,
      histograms: this.#histograms(),
    });
    this.#refuseDiverged(tree, round);
    if (rows === train.count) {
      for (const [leaf, { start, end }] of ranges.entries()) {
        kernel.addLeaf(scores, index, start, end, tree.values[leaf]!);
      }
    } else {
      this.#addTree(tree, train.rows + gradientBytes, train.stride, train.count, scores);
    }
    this.#trees.push(tree);
  }

  #chooseRows(round: number): number {
    const { kernel, train, index } = this.#arena;
    const { bagging_fraction: share } = this.#params;
    if (share < 1)
      return kernel.bag(index, train.count, mixed(this.#seed, round, 1), Math.floor(share * 2 ** 32));
    kernel.iota(index, train.count);
    return train.count;
  }

  #chooseFeatures(round: number): number[] {
    const count = this.#arena.manifest.plan.features.length;
    const take = Math.max(1, Math.round(count * this.#params.feature_fraction));
    return sampleOf(count, take, this.#seed, round, 2);
  }

  #histograms(): number {
    return Math.ceil((this.#arena.free + treeBytes(this.#params.leaves)) / 64) * 64;
  }

  #refuseDiverged(tree: Tree, round: number): void {
    if (tree.values.every(Number.isFinite)) return;
    throw new FanfareError(
      'TrainableFailed',
      `gbdt: round ${round + 1} gave a leaf that is no number; use a larger l2`,
    );
  }

  #addTree(tree: Tree, bins: number, stride: number, count: number, scores: number): void {
    if (tree.nodes === 0) return;
    const { kernel, memory, free } = this.#arena;
    writeTree(tree, memory, free);
    kernel.addTree(bins, stride, count, free, tree.nodes, scores);
  }
}
