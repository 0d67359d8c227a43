import type { Scalar } from '../contracts/names.ts';
import type { Field } from '../tables/batch.ts';
import type { Rows } from './rows.ts';

/** The split table, as a trainable of the user's reads it: a batch at a time, in the dataset's order, as often as it likes. */
export interface TrainingRows {
  /** All columns of the table; those that the model may see are `inputs`. */
  readonly fields: readonly Field[];
  readonly inputs: readonly string[];
  train(): AsyncIterable<Rows>;
  validation(): AsyncIterable<Rows>;
  /** The rows' labels by the specification's target: 1, 0, or NaN where a row has none. */
  target(rows: Rows): Float64Array;
}

export interface TrainOptions<P, Loaded> {
  readonly params: P;
  /** The same for a trial wherever it runs, whatever its rung; below 2^31. */
  readonly seed: number;
  readonly trial: number;
  readonly data: TrainingRows;
  /** What `load` gave. */
  readonly loaded: Loaded;
  /** Where the trial stands: the resource that it has had and the checkpoint that was taken there; 0 and none at first. */
  readonly from: { readonly resource: number; readonly checkpoint?: Uint8Array };
  /** How much resource it is to have in all. */
  readonly until: number;
}

/** What a trial says after each unit of its resource, or after several. */
export interface TrainingReport {
  /** How much it has had in all: a whole number, above the last one, at most `until`. */
  readonly resource: number;
  /** The study's metric, as it is now. With a `model` and `auc` or `log_loss` it must be that model's, to 0.001. */
  readonly value: number;
  /** What `train` needs to go on from here. Called before the next report is asked for, or after the last. */
  readonly checkpoint: () => Uint8Array | Promise<Uint8Array>;
  /** One ONNX file: raw columns in (an input of shape [N] a column), `probability` float [N] and `label` int64 [N] out. */
  readonly model?: () => Uint8Array | Promise<Uint8Array>;
}

/**
 * A trainable of the user's. It may run anywhere and again: a trial that is promoted, or that outlasts a function's time,
 * goes on from its checkpoint in another process. What it throws costs the trial, not the study.
 */
export interface UserTrainable<P = Readonly<Record<string, Scalar>>, Loaded = unknown> {
  /** What a rung is counted in: `steps` where it is left out. */
  readonly resource?: string;
  /** What the trials of a process share, for instance the table in memory. Once a process; must not depend on a trial. */
  load?(data: TrainingRows): Loaded | Promise<Loaded>;
  /** Trains from `from` to `until`. It may end before: the trial then stays at what it reported last. */
  train(options: TrainOptions<P, Loaded>): AsyncIterable<TrainingReport> | Iterable<TrainingReport>;
}
