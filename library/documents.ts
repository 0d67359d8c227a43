import type { Conclusion } from '../core/contracts/conclusion.ts';
import type { DescribedColumn } from '../core/contracts/described.ts';
import type { DriftSummary } from '../core/contracts/drift.ts';
import { keys } from '../core/contracts/keys.ts';
import type { MetricName } from '../core/contracts/metrics.ts';
import type { Digest, Identity, Side } from '../core/contracts/names.ts';
import type { PriorSource } from '../core/contracts/prior.ts';
import type { Stopped } from '../core/contracts/stop.ts';
import type { ImportanceShare, Study } from '../core/contracts/study.ts';
import type {
  Metrics,
  PipelineAnswer,
  PredictAnswer,
  Promotion,
  SplitAnswer,
  TuneAnswer,
} from './answers.ts';

/** What every job says of itself. */
export interface Ran {
  /** By flow; a pipeline's `total` too. */
  readonly seconds: Readonly<Record<string, number>>;
  /** The most memory that a process of each function had, in MiB; empty on AWS. */
  readonly peaks: Readonly<Record<string, number>>;
  /** Where the objects lie: a folder, or `s3://bucket`. */
  readonly store: string;
  /** Keys and key prefixes in the store, by what lies there. */
  readonly files: Files;
}

interface Files {
  readonly dataset?: string;
  readonly study?: string;
  readonly model?: string;
  readonly prediction?: string;
}

/** Of a job that MLflow is told of. */
export interface Recorded {
  readonly mlflow: {
    /** The server that was there meanwhile; null: there was none, or the stack has its own. */
    readonly uri: string | null;
    /** Records that MLflow does not have yet. */
    readonly waiting: number;
  };
}

/** Rows by side. */
export type SideRows = Readonly<Record<Side, number>>;

export interface SplitDocument extends Ran {
  readonly command: 'split';
  readonly split: SideRows;
  readonly columns: readonly DescribedColumn[];
  readonly dataset: Identity;
}

export interface MapDocument extends Ran {
  readonly command: 'map';
  readonly map: SideRows;
  readonly dataset: Identity;
}

export interface TuneDocument extends Ran, Recorded {
  readonly command: 'tune';
  readonly split: SideRows;
  readonly columns: readonly DescribedColumn[];
  readonly tune: Tuned;
  readonly registered: Registered;
}

export interface PredictDocument extends Ran, Recorded {
  readonly command: 'predict';
  readonly predict: Predicted;
}

export interface PipelineDocument extends Ran, Recorded {
  readonly command: 'pipeline';
  readonly split: SideRows;
  readonly columns: readonly DescribedColumn[];
  readonly tune: Tuned;
  readonly registered: Registered;
  readonly predict: Predicted;
  /** The new model on the test side and, on the same rows, the champion of before; null: there was none. */
  readonly evaluation: Metrics & {
    readonly metric: MetricName;
    readonly champion: Metrics | null;
  };
  readonly promotion: Promotion;
}

/** What a job came to: what `--json` prints. */
export type JobDocument = SplitDocument | MapDocument | TuneDocument | PredictDocument | PipelineDocument;

/** A study that was concluded. */
export interface Tuned {
  readonly study: Identity;
  /** How many there were. */
  readonly trials: number;
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  readonly metric: string;
  /** What `best.resource` is counted in: `rounds`. */
  readonly resource: string;
  /** What proposed the trials: `gp`. */
  readonly sampler: string;
  /** That its grid has, of which `trials` were tried; left out where another sampler proposed. */
  readonly combinations?: number;
  /** What ended it before it had all of its trials; left out where nothing did. */
  readonly stopped?: Stopped;
  readonly sample: Study['sample'];
  /** The studies that it began with, how many of their trials, and why others were left out; left out where `warm_start` is. */
  readonly prior?: readonly PriorSource[];
  readonly best: Conclusion['best'];
  /** Of several objectives: the trials that no other is better than, at most 100, the best by the first objective first. */
  readonly front?: NonNullable<Conclusion['front']>;
  /** Of the model that was trained once more on all rows but the test's; left out where none was. */
  readonly refit?: NonNullable<Conclusion['refit']>;
  /** The five inputs that matter most to a model of trees; left out where it does not tell. */
  readonly importance?: readonly ImportanceShare[];
}

/** The version that the winner became; nulls where it has no model, or MLflow was away: `pending` says why. */
export type Registered =
  | { readonly name: string; readonly version: string; readonly alias: string }
  | { readonly name: null; readonly version: null; readonly alias: null; readonly pending?: string };

export interface Predicted {
  readonly prediction: Identity;
  /** Predicted and rejected. */
  readonly rows: number;
  readonly predicted: number;
  readonly rejected: number;
  /** How far the rows are from those that the model was trained on, with the worst five columns; or why that is not known. */
  readonly drift: DriftSummary;
}

export const tuned = ({
  study,
  trials,
  best,
  front,
  refit,
  importance,
  metric,
  resource,
  sampler,
  combinations,
  stopped,
  sample,
  prior,
}: TuneAnswer): Tuned => ({
  ...{ study, trials: trials.total, complete: trials.complete, pruned: trials.pruned, failed: trials.failed },
  ...{ metric, resource, sampler, sample, best },
  ...(combinations !== undefined && { combinations }),
  ...(prior && { prior }),
  ...(front && { front }),
  ...(refit && { refit }),
  ...(stopped && { stopped }),
  ...(importance && { importance }),
});

/** `promotion`: what became of the version since it was registered. */
export function registered({ registered: { p } }: TuneAnswer, promotion?: Promotion): Registered {
  if (!p.recorded) return { name: null, version: null, alias: null, pending: p.reason };
  if (p.version === null) return { name: null, version: null, alias: null };
  const promoted = promotion?.recorded && promotion.decision === 'promoted';
  return { name: p.name, version: p.version, alias: promoted ? promotion.alias : p.alias };
}

export const predicted = ({ prediction, rows, predicted, rejected, drift }: PredictAnswer): Predicted => ({
  ...{ prediction, rows, predicted, rejected, drift },
});

export const evaluated = ({ evaluation }: PipelineAnswer): PipelineDocument['evaluation'] => ({
  ...evaluation.metrics,
  metric: evaluation.metric,
  champion: evaluation.champion,
});

/** Where the files of a job lie below the store. */
export function filesOf(answer: {
  readonly split?: SplitAnswer;
  readonly tune?: TuneAnswer;
  readonly predict?: PredictAnswer;
}): Files {
  const model: Digest | null = answer.tune?.best.model ?? null;
  return {
    ...(answer.split && { dataset: keys.dataset(answer.split.dataset) }),
    ...(answer.tune && { study: keys.study(answer.tune.study) }),
    ...(model !== null && { model: keys.model(model) }),
    ...(answer.predict && { prediction: keys.prediction(answer.predict.prediction) }),
  };
}
