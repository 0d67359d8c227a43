import { FanfareError } from '../../errors.ts';
import { mixed, sampleOf } from '../bins/chance.ts';
import type { Predicted, TrainingRun } from '../trainable.ts';
import { type Arena, gradientBytes, growTo, recordBytes } from './arena.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { exportGbdt } from './export.ts';
import { growTree, histogramBytes } from './grow.ts';
import { addTree } from './node-rows.ts';
import type { GbdtParams } from './params.ts';
import type { Tree } from './tree.ts';

/** Boosting by the log loss: one tree a round. */
export class GbdtRun implements TrainingRun {
  readonly #arena: Arena;
  readonly #params: GbdtParams;
  readonly #seed: number;
  readonly #trees: Tree[];
  readonly #losses: number[];
  /** How many trees the arena's validation scores hold, where this run owns it. */
  #validated = 0;

  constructor(arena: Arena, params: GbdtParams, seed: number, checkpoint?: Uint8Array) {
    this.#arena = arena;
    this.#params = params;
    this.#seed = seed;
    const { trees, losses } = checkpoint
      ? decodeCheckpoint(checkpoint, arena.manifest, params, seed)
      : { trees: [], losses: [] };
    this.#trees = trees;
    this.#losses = losses;
  }

  get resource(): number {
    return this.#trees.length;
  }

  /** Early stopping has found the best round, beyond which no tree is kept. */
  get ended(): boolean {
    const { early_stopping_rounds: patience } = this.#params;
    return patience !== undefined && this.#losses.length - bestOf(this.#losses) > patience;
  }

  advance(resource: number, expired: () => boolean): void {
    while (this.resource < resource && !this.ended) {
      this.#own();
      this.#boost();
      if (this.#params.early_stopping_rounds !== undefined) this.#watch();
      if (expired()) return;
    }
  }

  validate(): Predicted {
    return { predictions: this.#probabilities(), labels: Float64Array.from(this.#arena.validation.labels) };
  }

  #probabilities(): Float32Array {
    this.#own();
    const { memory, validation, validationScores } = this.#arena;
    for (const tree of this.#trees.slice(this.#validated)) {
      addTree(this.#arena, tree, validation, validationScores);
    }
    this.#validated = this.resource;
    const logOdds = new Float32Array(memory.buffer, validationScores, validation.count);
    return logOdds.map((score) => 1 / (1 + Math.exp(-score)));
  }

  checkpoint(): Uint8Array {
    return encodeCheckpoint(
      { trees: this.#trees, losses: this.#losses },
      this.#arena.manifest,
      this.#params,
      this.#seed,
    );
  }

  toOnnx(): Uint8Array {
    return exportGbdt(this.#arena.manifest, this.#trees, this.#base());
  }

  /** Makes the arena's scores this run's: they are replayed, in the same float32 steps, if another run used it since. */
  #own(): void {
    const arena = this.#arena;
    growTo(
      arena.memory,
      arena.free + this.#params.leaves * histogramBytes(arena, arena.manifest.plan.features.length),
    );
    if (arena.owner === this) return;
    const { memory, train, validation } = arena;
    new Float32Array(memory.buffer, arena.scores, train.count).fill(this.#base());
    new Float32Array(memory.buffer, arena.validationScores, validation.count).fill(this.#base());
    this.#validated = 0;
    for (const tree of this.#trees) {
      addTree(this.#arena, tree, train, arena.scores);
    }
    arena.owner = this;
  }

  /** The log odds of the training side. */
  #base(): number {
    const { rows, positives } = this.#arena.manifest.train;
    return Math.fround(Math.log(positives / (rows - positives)));
  }

  #boost(): void {
    const { kernel, train, records, scores, index } = this.#arena;
    const round = this.resource;
    const features = this.#chooseFeatures(round);
    this.#pack(features);
    kernel.gradients(scores, train.labels, train.count, records, recordBytes(features.length));
    const rows = this.#chooseRows(round);
    const { tree, ranges } = growTree({
      arena: this.#arena,
      params: this.#params,
      features,
      rows,
      histograms: this.#arena.free,
    });
    this.#refuseDiverged(tree, round);
    if (rows === train.count) {
      for (const [leaf, { start, end }] of ranges.entries()) {
        kernel.addLeaf(scores, index, start, end, tree.values[leaf]!);
      }
    } else {
      addTree(this.#arena, tree, train, scores);
    }
    this.#trees.push(tree);
  }

  /** Lays the bins of those features side by side into the records, if they are not there from the tree before. */
  #pack(features: readonly number[]): void {
    const arena = this.#arena;
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

  /** Notes the loss of the round, and drops the trees behind the best one if it was the last to be waited for. */
  #watch(): void {
    this.#losses.push(meanLogLoss(this.#probabilities(), this.#arena.validation.labels));
    if (!this.ended) return;
    this.#trees.length = bestOf(this.#losses) + 1;
    this.#arena.owner = undefined;
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

  #refuseDiverged(tree: Tree, round: number): void {
    if (tree.values.every(Number.isFinite)) return;
    throw new FanfareError(
      'TrainableFailed',
      `gbdt: round ${round + 1} gave a leaf that is no number; use a larger l2`,
    );
  }
}

/** The earliest round of the least loss. */
const bestOf = (losses: readonly number[]): number =>
  losses.reduce((best, loss, round) => (loss < losses[best]! ? round : best), 0);

function meanLogLoss(scores: Float32Array, labels: Uint8Array): number {
  let sum = 0;
  for (let row = 0; row < scores.length; row++) {
    const p = labels[row] === 1 ? scores[row]! : 1 - scores[row]!;
    sum -= Math.log(Math.max(p, 1e-15));
  }
  return sum / scores.length;
}
