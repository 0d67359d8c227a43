import type { z } from 'zod';
import type { Scalar } from '../contracts/names.ts';
import type { Partition } from '../contracts/records.ts';
import type { Target } from '../contracts/spec.ts';
import type { Task, TaskKind } from '../contracts/task.ts';
import type { OpenGraph } from '../onnx/open-graph.ts';
import type { Batch, Field } from '../tables/batch.ts';
import type { Pass } from './pass.ts';

type Params = Readonly<Record<string, Scalar>>;

/** What a trainable may learn from: the split table's partitions, a batch at a time, in the dataset's order. */
export interface TrainingTable {
  readonly fields: readonly Field[];
  /** Columns that the model may see, as a subset of `fields`; never the target, nor the weight. */
  readonly inputs: readonly string[];
  readonly target: Target;
  readonly task: Task;
  /** The column that says what a row counts. */
  readonly weight?: string;
  /** The files of a side, in the dataset's order: for who reads them elsewhere. */
  partitions(side: 'train' | 'validation'): readonly Partition[];
  /** All columns and rows; `labelledBatches` gives what there is to learn from. */
  batches(side: 'train' | 'validation'): AsyncIterable<Batch>;
  /**
   * What the training side comes to in a pass: of a small one at once; of a larger one it throws `PassWanted` until a Map over
   * its parts has been run, after which it is asked again by the same request.
   */
  gathered(pass: Pass, request: Uint8Array): Promise<Uint8Array>;
}

/** Reads and writes objects of a trainable's own, below a prefix that belongs to one (dataset, trainable, target, inputs). */
export interface Cache {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
}

/**
 * What a trial trains. All of it may run twice and anywhere: the same arguments give the same bytes.
 * Errors of a trial's own (diverged, bad combination) are thrown as `TrainableFailed`.
 */
export interface Trainable<Prepared = unknown> {
  readonly name: string;
  /** The user's own that it is made of, where it is. */
  readonly file?: string;
  /** What a rung is counted in, for instance `rounds`. */
  readonly resource: string;
  /** What it can learn to predict; a table of another task is never shown to it. */
  readonly tasks: readonly TaskKind[];
  /** A strict object schema of the parameters, with defaults. */
  readonly params: z.ZodType<Params>;
  /** How it reads a training side that is larger than any one function, if it asks for that. */
  readonly pass?: Pass;
  /** Once a study, before any trial: writes what every trial will read. `BadTable` if it cannot learn from the table. */
  prepare(table: TrainingTable, cache: Cache): Promise<TrainedOn | undefined>;
  /** Reads what `prepare` wrote, or the table itself. The caller keeps it between trials. */
  load(cache: Cache, table: TrainingTable, ports: TrainingPorts): Promise<Prepared>;
  /** A run at the checkpoint, or at resource 0. */
  start(
    prepared: Prepared,
    params: Params,
    seed: number,
    checkpoint: Uint8Array | undefined,
    rung: RungOfTrial,
  ): TrainingRun;
}

/** What a trainable may ask of the world. */
export interface TrainingPorts {
  /** ONNX Runtime, for graphs of the trainable's own. `BadModel` if it does not take the bytes. */
  readonly openGraph: (bytes: Uint8Array) => Promise<OpenGraph>;
}

/** How many of the training side's rows are learned from: a table that does not fit the function is sampled. */
export interface TrainedOn {
  readonly rows: number;
  readonly of: number;
}

/** What a run is for: that trial's way to so much of the resource in all, of the most that the study gives. */
interface RungOfTrial {
  readonly trial: number;
  readonly until: number;
  readonly most: number;
}

export interface TrainingRun {
  /** How much resource it has had so far. */
  readonly resource: number;
  /**
   * Trains to `resource` units in all, or stops before when `expired()` says so, which is asked after each unit, or after
   * parts of one that a checkpoint can stand between; at least one of them a call.
   */
  advance(resource: number, expired: () => boolean): void | Promise<void>;
  /** It will not train any further, whatever it is asked for. */
  readonly ended?: boolean;
  /**
   * What it predicts of the validation side's rows (those with a label, in the dataset's order: all, or as many of the
   * first as fit); or the study's metric itself, by a trainable that computes its own.
   */
  validate(): Validated | Promise<Validated>;
  /** The run resumed from it continues bit for bit like this one. */
  checkpoint(): Uint8Array | Promise<Uint8Array>;
  /** One ONNX file: raw columns in (an input of shape [N] a column), the outputs of `addOutputs` out. Undefined: it makes none. */
  toOnnx(): Uint8Array | Promise<Uint8Array | undefined>;
  /** Lets go of what it holds; nothing is asked of it afterwards. */
  close?(): Promise<void>;
}

export type Validated =
  | Predicted
  | {
      readonly value: number;
      /** More of its own, by name. */
      readonly metrics?: Readonly<Record<string, number>>;
    };

export interface Predicted {
  /**
   * Row after row: the probability of the second class of two, the number, or of more classes the probability of each,
   * in their order.
   */
  readonly predictions: Float32Array;
  /** As `labelsOf` gives them, none of them NaN. */
  readonly labels: Float64Array;
  readonly weights?: Float64Array;
  /** More of the trainable's own, by name. */
  readonly metrics?: Readonly<Record<string, number>>;
}
