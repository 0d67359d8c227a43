import { FanfareError } from '../../errors.ts';
import { importanceOf } from '../importance.ts';
import type { Predicted, TrainingRun } from '../trainable.ts';
import type { Arena } from './arena.ts';
import { decodeCheckpoint, encodeCheckpoint, type RunOf } from './checkpoint.ts';
import { exportForest } from './export.ts';
import { growTree, makeRoom, type Room } from './grow.ts';
import type { ForestParams } from './params.ts';
import { type Setup, setUp } from './setup.ts';
import { addOutOfBag, addToValidation, clearSums, outOfBagScore, validationMeans } from './sums.ts';
import type { Tree } from './tree.ts';

/** Trees that know nothing of each other: the mean of what they say. */
export class ForestRun implements TrainingRun {
  readonly #arena: Arena;
  readonly #setup: Setup;
  readonly #of: RunOf;
  readonly #trees: Tree[];
  readonly #gains: Float64Array;
  readonly #splits: Uint32Array;
  /** How many trees the arena's sums hold, where this run owns it. */
  #summed = 0;

  constructor(arena: Arena, params: ForestParams, seed: number, checkpoint?: Uint8Array) {
    const { manifest, width } = arena;
    this.#arena = arena;
    this.#setup = setUp(arena, params);
    this.#of = { params, seed, manifest, width };
    const none = manifest.plan.features.map(() => 0);
    const { trees, gains, splits } = checkpoint
      ? decodeCheckpoint(checkpoint, this.#of)
      : { trees: [], gains: none, splits: none };
    this.#trees = trees;
    this.#gains = Float64Array.from(gains);
    this.#splits = Uint32Array.from(splits);
  }

  get resource(): number {
    return this.#trees.length;
  }

  advance(resource: number, expired: () => boolean): void {
    while (this.resource < resource) {
      this.#grow(this.#own());
      this.#refuseTooLarge();
      if (expired()) return;
    }
  }

  validate(): Predicted {
    const room = this.#own();
    for (const [at, tree] of this.#trees.entries()) {
      if (at < this.#summed) continue;
      addToValidation(this.#arena, room, tree);
      if (this.#isOutOfBag()) addOutOfBag(this.#arena, this.#setup, room, this.#of.seed, at, tree);
    }
    this.#summed = this.#trees.length;
    const { labels, weights } = this.#arena.validation;
    const score = this.#isOutOfBag() ? outOfBagScore(this.#arena) : undefined;
    return {
      predictions: validationMeans(this.#arena, this.#trees.length),
      ...{ labels, ...(weights && { weights }) },
      metrics: score === undefined ? {} : { oob_score: score },
    };
  }

  checkpoint(): Uint8Array {
    const [gains, splits] = [[...this.#gains], [...this.#splits]];
    return encodeCheckpoint({ trees: this.#trees, gains, splits }, this.#of);
  }

  toOnnx(): Uint8Array {
    const importance = importanceOf(this.#arena.manifest.plan, this.#gains, this.#splits);
    return exportForest(this.#arena.manifest, this.#trees, this.#arena.width, importance);
  }

  /** Makes the arena's weights and sums this run's. */
  #own(): Room {
    const arena = this.#arena;
    const room = makeRoom(arena, this.#setup);
    if (arena.owner === this) return room;
    const { weights } = this.#setup;
    if (weights) new Float32Array(arena.memory.buffer, arena.places.weights, weights.length).set(weights);
    clearSums(arena);
    this.#summed = 0;
    arena.owner = this;
    return room;
  }

  #grow(room: Room): void {
    const { memory, places } = this.#arena;
    const gains = () => new Float64Array(memory.buffer, places.gains, this.#gains.length);
    const splits = () => new Uint32Array(memory.buffer, places.splits, this.#splits.length);
    gains().set(this.#gains);
    splits().set(this.#splits);
    this.#trees.push(growTree(this.#arena, this.#setup, room, this.#of.seed, this.resource));
    this.#gains.set(gains());
    this.#splits.set(splits());
  }

  #isOutOfBag(): boolean {
    return this.#setup.params.bootstrap && this.#setup.params.oob_score;
  }

  /** A model is one file of less than 2 GiB; its leaves are told apart by float32 numbers where they speak of several classes. */
  #refuseTooLarge(): void {
    const leaves = this.#trees.reduce((sum, { values }) => sum + values.length / this.#arena.width, 0);
    const most = this.#arena.width > 1 ? 2 ** 24 : 2 ** 26;
    if (leaves <= most) return;
    throw new FanfareError(
      'TrainableFailed',
      `forest: ${this.resource} trees have ${leaves} leaves, a model holds ${most}; give min_samples_leaf, max_depth or max_leaf_nodes`,
    );
  }
}
