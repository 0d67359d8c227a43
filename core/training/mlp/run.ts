import { FanfareError } from '../../errors.ts';
import type { Predicted, TrainingRun } from '../trainable.ts';
import { type Architecture, parameterCount } from './architecture.ts';
import { firstParameters, orderOf } from './chance.ts';
import { decodeCheckpoint, encodeCheckpoint, type Identity, type Standing } from './checkpoint.ts';
import { lossOf } from './loss.ts';
import type { Prepared } from './matrix.ts';
import { embeddingSize, layersOf, type MlpParams } from './params.ts';
import { exportMlp, predict } from './predictions.ts';
import { embeddingCodes, type RowsManifest } from './rows-manifest.ts';
import { type Table, tableOf, takeSteps } from './steps.ts';

/** Minibatches by Adam: one epoch is one unit of the resource. */
export class MlpRun implements TrainingRun {
  readonly #prepared: Prepared;
  readonly #params: MlpParams;
  readonly #architecture: Architecture;
  readonly #identity: Identity;
  readonly #table: Table;
  #standing: Standing;
  /** The order of the epoch that is under way. */
  #order: { readonly epoch: number; readonly rows: Int32Array } | undefined;
  /** What those parameters say of the validation side. */
  #predicted: { readonly by: Float32Array; readonly predictions: Float32Array } | undefined;

  /** `most`: epochs that the study gives a trial, which the schedule goes by. */
  constructor(prepared: Prepared, params: MlpParams, seed: number, most: number, checkpoint?: Uint8Array) {
    this.#prepared = prepared;
    this.#params = params;
    this.#architecture = architectureOf(prepared.manifest, params);
    this.#table = tableOf(prepared);
    const { rows } = prepared.train;
    this.#identity = { params, seed, rows, most, parameters: parameterCount(this.#architecture) };
    this.#standing = checkpoint ? decodeCheckpoint(checkpoint, this.#identity) : this.#first();
  }

  /** Epochs; where early stopping has ended it, those of the parameters that were kept. */
  get resource(): number {
    const { steps, losses } = this.#standing;
    return this.ended ? this.#bestOf(losses) + 1 : Math.floor(steps / this.#perEpoch);
  }

  get ended(): boolean {
    const { early_stopping, n_iter_no_change } = this.#params;
    const { losses } = this.#standing;
    return early_stopping && losses.length - this.#bestOf(losses) > n_iter_no_change;
  }

  /** Some minibatches at a time, so that an epoch longer than a function's time is trained as well. */
  async advance(resource: number, expired: () => boolean): Promise<void> {
    while (!this.ended && this.resource < resource) {
      await this.#step();
      const isWhole = this.#standing.steps % this.#perEpoch === 0;
      if (isWhole && this.#params.early_stopping) await this.#watch();
      if (expired()) return;
    }
  }

  async validate(): Promise<Predicted> {
    const { validation } = this.#prepared;
    const { parameters } = this.#standing;
    const predictions =
      this.#predicted?.by === parameters
        ? this.#predicted.predictions
        : await predict(this.#prepared, this.#architecture, parameters, validation);
    if (!allFinite(predictions)) throw this.#diverged();
    this.#predicted = { by: parameters, predictions };
    const { labels, weights } = validation;
    return { predictions, labels, ...(weights && { weights }) };
  }

  checkpoint(): Uint8Array {
    return encodeCheckpoint(this.#standing, this.#identity);
  }

  toOnnx(): Uint8Array {
    return exportMlp(this.#prepared.manifest, this.#architecture, this.#standing.parameters);
  }

  get #perEpoch(): number {
    return Math.ceil(this.#identity.rows / this.#batchSize);
  }

  get #batchSize(): number {
    return Math.min(this.#params.batch_size, this.#identity.rows);
  }

  #first(): Standing {
    const { seed, parameters } = this.#identity;
    return {
      steps: 0,
      parameters: firstParameters(this.#architecture, seed),
      mean: new Float32Array(parameters),
      square: new Float32Array(parameters),
      losses: [],
      best: undefined,
    };
  }

  /** As many minibatches of the epoch as one run of the graph takes; the last one, where it is smaller, has its own. */
  async #step(): Promise<void> {
    const { steps } = this.#standing;
    const { seed, rows, most } = this.#identity;
    const epoch = Math.floor(steps / this.#perEpoch);
    if (this.#order?.epoch !== epoch) this.#order = { epoch, rows: orderOf(rows, seed, epoch) };
    const first = (steps % this.#perEpoch) * this.#batchSize;
    const moved = await takeSteps(
      this.#prepared,
      {
        architecture: this.#architecture,
        params: this.#params,
        seed,
        table: this.#table,
        order: this.#order.rows.subarray(first),
        batchSize: Math.min(this.#batchSize, rows - first),
        all: most * this.#perEpoch,
      },
      this.#standing,
    );
    if (!allFinite(moved.parameters)) throw this.#diverged();
    this.#standing = { ...this.#standing, ...moved };
  }

  /** Notes the epoch's loss; the parameters of the best one take the place of the last where it was the last to be waited for. */
  async #watch(): Promise<void> {
    const loss = lossOf(this.#prepared.manifest.task, await this.validate());
    const { losses: before, parameters } = this.#standing;
    const losses = [...before, loss];
    const isBest = this.#bestOf(losses) === losses.length - 1;
    this.#standing = { ...this.#standing, losses, ...(isBest && { best: parameters }) };
    if (this.ended) this.#standing = { ...this.#standing, parameters: this.#standing.best! };
  }

  /** The epoch, from 0, that none after it was better than by `tol`. */
  #bestOf(losses: readonly number[]): number {
    return losses.reduce((best, loss, epoch) => (loss < losses[best]! - this.#params.tol ? epoch : best), 0);
  }

  #diverged(): FanfareError {
    const { learning_rate_init: rate } = this.#params;
    const epoch = Math.floor(this.#standing.steps / this.#perEpoch) + 1;
    return new FanfareError(
      'TrainableFailed',
      `mlp: by epoch ${epoch} the network gives no numbers any more; use a learning_rate_init below ${rate}`,
    );
  }
}

function architectureOf({ plan, task }: RowsManifest, params: MlpParams): Architecture {
  return {
    numbers: plan.numbers.length,
    embeddings: embeddingCodes(plan).map((codes) => ({
      codes,
      size: params.embedding_size ?? embeddingSize(codes),
    })),
    hidden: layersOf(params.hidden_layer_sizes),
    activation: params.activation,
    loss: ({ binary: 'log', multiclass: 'softmax', regression: 'squared' } as const)[task.kind],
    outputs: task.kind === 'multiclass' ? task.classes.length : 1,
  };
}

function allFinite(values: Float32Array): boolean {
  for (let at = 0; at < values.length; at++) if (!(Math.abs(values[at]!) < Infinity)) return false;
  return true;
}
