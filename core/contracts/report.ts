import type { ColumnDrift, DriftLevel } from './drift.ts';
import type { Scalar } from './names.ts';
import type { RejectReason } from './records.ts';

/**
 * What a report's page is made from, and the one thing that its browser code reads. Times are milliseconds: of `began` and
 * the like since 1970, of everything within a part since its `began`.
 */
export interface Report {
  readonly title: string;
  /** Where the objects lie: a folder, or `s3://bucket`. */
  readonly place: string;
  readonly madeAt: number;
  readonly parts: readonly ReportPart[];
}

export type ReportPart = StudyPart | ModelPart | PredictionPart | ListPart;

/** All that there is, the newest first: where `fanfare ui` begins. */
export interface ListPart {
  readonly kind: 'list';
  readonly studies: readonly ListedStudy[];
  readonly predictions: readonly ListedPrediction[];
}

export interface ListedStudy {
  readonly study: string;
  readonly state: 'open' | 'concluded';
  readonly trials: number;
  readonly budget: number;
  readonly metric: string;
  readonly best: number | null;
  readonly began: number;
}

export interface ListedPrediction {
  readonly prediction: string;
  /** Null: it is not committed. */
  readonly committed: {
    readonly rows: number;
    readonly rejected: number;
    readonly drift: DriftLevel | null;
    readonly began: number;
  } | null;
}

/** Names with what is to be said of them, for a person. */
export type Facts = readonly (readonly [name: string, text: string])[];

export interface StudyPart {
  readonly kind: 'study';
  readonly study: string;
  readonly state: 'open' | 'concluded';
  readonly metric: string;
  readonly direction: 'maximize' | 'minimize';
  /** The objectives beside `metric`, each a column of `trials.metrics`; with them, the trials that no other is better than. */
  readonly also: readonly { readonly metric: string; readonly direction: 'maximize' | 'minimize' }[];
  readonly front: readonly number[];
  /** What a rung is counted in, for instance `rounds`. */
  readonly resource: string;
  /** How much of it each rung has had in all. */
  readonly rungs: readonly number[];
  readonly budget: number;
  /** How many there are of each state. */
  readonly counts: Readonly<Record<TrialState, number>>;
  readonly facts: Facts;
  readonly best: BestTrial | null;
  readonly began: number;
  /** How long it took, or has taken so far. */
  readonly took: number;
  readonly improvements: readonly Improvement[];
  /** The most important parameter first. */
  readonly importance: readonly ParameterImportance[];
  readonly axes: readonly CoordinateAxis[];
  readonly trials: TrialColumns;
  readonly failures: readonly TrialFailure[];
  /** How many there were. */
  readonly lanes: number;
  readonly laneSeconds: LaneSeconds;
  readonly works: LaneColumns;
  readonly stages: readonly Stage[];
}

export const trialStates = ['complete', 'pruned', 'failed', 'running', 'waiting'] as const;
export type TrialState = (typeof trialStates)[number];

interface BestTrial {
  readonly trial: number;
  readonly value: number;
  /** The standard deviation over folds; null without folds. */
  readonly std: number | null;
  readonly resource: number;
  readonly params: Readonly<Record<string, Scalar>>;
  readonly metrics: Readonly<Record<string, number>>;
}

/** When the study came to have another best trial, or its best trial another value. */
export interface Improvement {
  readonly at: number;
  readonly trial: number;
  readonly value: number;
  /** So many rungs had been trained by then, this one included. */
  readonly rungs: number;
}

export interface ParameterImportance {
  readonly parameter: string;
  /** Of all parameters' importance together; all 0 where the trials tell nothing. */
  readonly share: number;
}

/** An axis of parallel coordinates, of a slice or of a contour: positions go from 0 to 1. */
export interface CoordinateAxis {
  readonly name: string;
  /** Its options stand side by side, or its values in a line. */
  readonly kind: 'words' | 'numbers';
  readonly log: boolean;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  /** Of each trial, in their order; null where it does not have the parameter. */
  readonly positions: readonly (number | null)[];
}

/** The trials, each at the same place of every column. */
export interface TrialColumns {
  readonly number: readonly number[];
  readonly state: readonly TrialState[];
  /** Why each was pruned; null: it was not. */
  readonly reason: readonly (string | null)[];
  /** Of the latest rung that it finished; null: none. */
  readonly value: readonly (number | null)[];
  readonly params: Readonly<Record<string, readonly (Scalar | null)[]>>;
  /** What else it is told with. */
  readonly metrics: Readonly<Record<string, readonly (number | null)[]>>;
  /** Of training, all rungs together. */
  readonly seconds: readonly number[];
  readonly began: readonly number[];
  /** What it told on the way: step and value in turn. */
  readonly curves: readonly (readonly number[])[];
  /** Where each rung ended: resource and value in turn, the lowest first. */
  readonly ends: readonly (readonly number[])[];
  /** A value a fold, of the latest rung; empty without folds. */
  readonly folds: readonly (readonly (number | null)[])[];
}

interface TrialFailure {
  readonly trial: number;
  readonly error: string;
  readonly cause: string;
  readonly at: number;
}

/** `lost`: the lane died, and another was given the trial; `open`: it is at work. */
export const laneEnds = ['reported', 'failed', 'lost', 'open'] as const;
export type LaneEnd = (typeof laneEnds)[number];

/** What each lane did when, each piece of work (a trial on its way to a rung, or one fold of it) at the same place of every column. */
export interface LaneColumns {
  readonly lane: readonly number[];
  readonly trial: readonly number[];
  readonly rung: readonly number[];
  /** Empty without folds. */
  readonly fold: readonly number[];
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Of training alone. */
  readonly seconds: readonly number[];
  /** By its place in `laneEnds`. */
  readonly end: readonly number[];
}

/** Where the time of a study's lanes went: lane seconds, from the first claim to the last outcome, those between two executions left out. */
export interface LaneSeconds {
  /** From the claim until the training began: a function starts, the table is read. */
  readonly begin: number;
  readonly train: number;
  /** The model is judged and written. */
  readonly judge: number;
  /** Of rungs that were lost. */
  readonly lost: number;
  readonly idle: number;
}

export interface Stage {
  readonly name: string;
  readonly seconds: number;
}

/** A model on rows whose answers are known. */
export interface ModelPart {
  readonly kind: 'model';
  /** Its SHA-256. */
  readonly model: string;
  /** The prediction that it is judged by, and what that was of. */
  readonly prediction: string;
  readonly rows: string;
  readonly task: 'binary' | 'multiclass' | 'regression';
  readonly classes: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
  /** What it was compared with on the same rows; null: nothing. */
  readonly champion: { readonly model: string; readonly metrics: Readonly<Record<string, number>> } | null;
  /** Of its inputs, the most important first; empty: it does not tell. */
  readonly importance: readonly ParameterImportance[];
  readonly facts: Facts;
  /** Of the positive class or, of several, of each against the rest; empty: scores are not ranked. */
  readonly ranking: readonly RankedClass[];
  /** Of classes: mean confidence, the share that was right, and the weight of the rows. Of quantities: predicted and actual means. */
  readonly calibration: readonly CalibrationPoint[];
  /** By class, then by predicted class; null: a quantity, or too many classes. */
  readonly confusion: readonly (readonly number[])[] | null;
  /** How actual values less predicted ones are spread; empty: of classes. */
  readonly errors: readonly { readonly from: number; readonly to: number; readonly weight: number }[];
}

export interface RankedClass {
  readonly name: string;
  readonly roc: readonly (readonly [falsePositives: number, truePositives: number])[];
  readonly precision: readonly (readonly [recall: number, precision: number])[];
}

type CalibrationPoint = readonly [expected: number, actual: number, weight: number];

/** A prediction that was committed. */
export interface PredictionPart {
  readonly kind: 'prediction';
  readonly prediction: string;
  readonly rows: number;
  readonly predicted: number;
  readonly rejected: number;
  readonly facts: Facts;
  readonly began: number;
  readonly took: number;
  /** What was worked on when: a span a piece of a shard, times since it began. */
  readonly spans: readonly {
    readonly shard: number;
    readonly from: number;
    readonly to: number;
    readonly rows: number;
  }[];
  /** Bytes of its files. */
  readonly bytes: number;
  readonly drift: PredictionDrift;
  readonly reasons: readonly RejectReason[];
  /** Some of the rejected rows, as they stand in their files. */
  readonly rejects: readonly {
    readonly file: string;
    readonly row: number;
    readonly column: string;
    readonly reason: string;
    readonly raw: string;
  }[];
}

export type PredictionDrift =
  | { readonly kind: 'unknown'; readonly reason: string }
  | {
      readonly kind: 'compared';
      readonly level: DriftLevel;
      /** How many of its rows were counted. */
      readonly rows: number;
      /** The dataset that the model was trained on. */
      readonly trained: string;
      readonly scores: readonly ColumnDrift[];
      /** The columns that are furthest from training. */
      readonly columns: readonly ColumnDrift[];
      /** How many there are. */
      readonly of: number;
    };
