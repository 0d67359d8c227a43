import type { Predicted, TrainingRun } from '../trainable.ts';
import type { Arena } from './arena.ts';
import { boost } from './boost.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { exportGbdt } from './export.ts';
import { scoresOf } from './gradients.ts';
import { addTree } from './node-rows.ts';
import type { GbdtParams } from './params.ts';
import { lossOf, predictionsOf } from './predictions.ts';
import { makeRoom, type Room, type Setup, setUp } from './setup.ts';
import type { Tree } from './tree.ts';

/** Boosting: a tree a round, or of more than two classes one each. */
export class GbdtRun implements TrainingRun {
  readonly #arena: Arena;
  readonly #setup: Setup;
  readonly #seed: number;
  readonly #trees: Tree[];
  readonly #losses: number[];
  /** How many trees the arena's validation scores hold, where this run owns it. */
  #validated = 0;

  constructor(arena: Arena, params: GbdtParams, seed: number, checkpoint?: Uint8Array) {
    this.#arena = arena;
    this.#setup = setUp(arena, params);
    this.#seed = seed;
    const { trees, losses } = checkpoint
      ? decodeCheckpoint(checkpoint, arena.manifest, params, seed)
      : { trees: [], losses: [] };
    this.#trees = trees;
    this.#losses = losses;
  }

  get resource(): number {
    return this.#trees.length / this.#setup.outputs;
  }

  /** Early stopping has found the best round, beyond which no tree is kept. */
  get ended(): boolean {
    const { early_stopping_rounds: patience } = this.#setup.params;
    return patience !== undefined && this.#losses.length - bestOf(this.#losses) > patience;
  }

  advance(resource: number, expired: () => boolean): void {
    while (this.resource < resource && !this.ended) {
      const room = this.#own();
      this.#trees.push(...boost(this.#arena, this.#setup, room, this.#seed, this.resource));
      if (this.#setup.params.early_stopping_rounds !== undefined) this.#watch();
      if (expired()) return;
    }
  }

  validate(): Predicted {
    const { labels, weights } = this.#arena.validation;
    return { predictions: this.#predictions(), labels, ...(weights && { weights }) };
  }

  checkpoint(): Uint8Array {
    return encodeCheckpoint(
      { trees: this.#trees, losses: this.#losses },
      this.#arena.manifest,
      this.#setup.params,
      this.#seed,
    );
  }

  toOnnx(): Uint8Array {
    return exportGbdt(this.#arena.manifest, this.#trees, this.#setup);
  }

  /** Of the validation rows. */
  #predictions(): Float32Array {
    this.#own();
    const { memory, validation, validationScores } = this.#arena;
    const { outputs, objective } = this.#setup;
    const { pitch, count } = validation;
    for (let at = this.#validated; at < this.#trees.length; at++) {
      addTree(this.#arena, this.#trees[at]!, validation, validationScores + (at % outputs) * pitch * 4);
    }
    this.#validated = this.#trees.length;
    const scores = new Float32Array(memory.buffer, validationScores, outputs * pitch);
    return predictionsOf(objective, scores, pitch, count);
  }

  /** Makes the arena's scores this run's: they are replayed, in the same float32 steps, if another run used it since. */
  #own(): Room {
    const arena = this.#arena;
    const room = makeRoom(arena, this.#setup);
    if (arena.owner === this) return room;
    const { memory, train, validation } = arena;
    const { base, weights, outputs } = this.#setup;
    if (weights) new Float32Array(memory.buffer, room.weights, weights.length).set(weights);
    for (const [output, score] of base.entries()) {
      const validationScores = arena.validationScores + output * validation.pitch * 4;
      new Float32Array(memory.buffer, scoresOf(arena, output), train.pitch).fill(score);
      new Float32Array(memory.buffer, validationScores, validation.pitch).fill(score);
    }
    this.#validated = 0;
    for (const [at, tree] of this.#trees.entries())
      addTree(arena, tree, train, scoresOf(arena, at % outputs));
    arena.owner = this;
    return room;
  }

  /** Notes the loss of the round, and drops the trees behind the best one if it was the last to be waited for. */
  #watch(): void {
    const { labels, weights } = this.#arena.validation;
    this.#losses.push(lossOf(this.#setup.objective, this.#predictions(), labels, weights));
    if (!this.ended) return;
    this.#trees.length = (bestOf(this.#losses) + 1) * this.#setup.outputs;
    this.#arena.owner = undefined;
  }
}

/** The earliest round of the least loss. */
const bestOf = (losses: readonly number[]): number =>
  losses.reduce((best, loss, round) => (loss < losses[best]! ? round : best), 0);
