import type { Scalar } from '../contracts/names.ts';
import type { Task, TaskKind } from '../contracts/task.ts';
import type { Field } from '../tables/batch.ts';
import type { Rows } from './rows.ts';

/** The split table, as a trainable of the user's reads it: a batch at a time, in the dataset's order, as often as it likes. */
export interface TrainingRows {
  /** All columns of the table; those that the model may see are `inputs`. */
  readonly fields: readonly Field[];
  readonly inputs: readonly string[];
  /** What is predicted; the classes in the order of a model's probabilities. */
  readonly task: Task;
  train(): AsyncIterable<Rows>;
  validation(): AsyncIterable<Rows>;
  /** The rows' labels: the place of each one's class in the task's, or its number; NaN where a row has none. */
  target(rows: Rows): Float64Array;
  /** What each row counts, a number of at least 0; undefined where the specification names no weight. */
  weights(rows: Rows): Float64Array | undefined;
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
  /** The study's metric, as it is now. With a `model` and a metric of its predictions it must be that model's, to 0.001. */
  readonly value: number;
  /** More that the trial is told with, by name. Those of a model's predictions are computed from it (`tune.metrics`). */
  readonly metrics?: Readonly<Record<string, number>>;
  /** What `train` needs to go on from here. Called before the next report is asked for, or after the last. */
  readonly checkpoint: () => Uint8Array | Promise<Uint8Array>;
  /** One ONNX file: raw columns in (an input of shape [N] a column), and out what `addOutputs` adds to a graph. */
  readonly model?: () => Uint8Array | Promise<Uint8Array>;
}

/**
 * A trainable of the user's. It may run anywhere and again: a trial that is promoted, or that outlasts a function's time,
 * goes on from its checkpoint in another process. What it throws costs the trial, not the study.
 */
export interface UserTrainable<P = Readonly<Record<string, Scalar>>, Loaded = unknown> {
  /** What a rung is counted in: `steps` where it is left out. */
  readonly resource?: string;
  /** What it can learn; a target of another task is refused before any trial. Left out: any. */
  readonly tasks?: readonly TaskKind[];
  /** What the trials of a process share, for instance the table in memory. Once a process; must not depend on a trial. */
  load?(data: TrainingRows): Loaded | Promise<Loaded>;
  /** Trains from `from` to `until`. It may end before: the trial then stays at what it reported last. */
  train(options: TrainOptions<P, Loaded>): AsyncIterable<TrainingReport> | Iterable<TrainingReport>;
}
