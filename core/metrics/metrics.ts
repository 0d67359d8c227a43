import {
  type BinaryMetric,
  type MulticlassMetric,
  quantileOfMetric,
  type RegressionMetric,
} from '../contracts/metrics.ts';
import type { Task } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';
import type { Predicted } from '../training/trainable.ts';
import {
  accuracy,
  balancedAccuracy,
  brier,
  Confusion,
  calibrationError,
  f1,
  logLoss,
  mcc,
  meanF1,
  precision,
  recall,
} from './class-sums.ts';
import { type Metric, undefinedBy, valued } from './metric.ts';
import { mae, quantileLoss, r2, rmse } from './number-sums.ts';
import { auc, averagePrecision, weightOf } from './ranking.ts';
import type { ScoreCounts } from './score-counts.ts';
import { mostRanked, type Tally, tallyOf } from './tally.ts';

type Classes = Extract<Tally, { kind: 'classes' }>;

/** Those of ranking, which need the scores themselves. */
const ranking = { auc, average_precision: averagePrecision } as const;

const ofClasses = {
  auc: (tally: Classes) => meanOfClasses(tally, auc),
  average_precision: (tally: Classes) => meanOfClasses(tally, averagePrecision),
  log_loss: ({ sums, classes }: Classes) => logLoss(sums, classes),
  accuracy: (tally: Classes) => accuracy(confusionOf(tally)),
  balanced_accuracy: (tally: Classes) => balancedAccuracy(confusionOf(tally)),
  f1: (tally: Classes) => f1(confusionOf(tally)),
  f1_macro: (tally: Classes) => meanF1(confusionOf(tally), false),
  f1_weighted: (tally: Classes) => meanF1(confusionOf(tally), true),
  precision: (tally: Classes) => precision(confusionOf(tally)),
  recall: (tally: Classes) => recall(confusionOf(tally)),
  mcc: (tally: Classes) => mcc(confusionOf(tally)),
  brier: ({ sums, classes }: Classes) => brier(sums, classes),
  calibration_error: ({ sums, classes }: Classes) => calibrationError(sums, classes),
} satisfies Readonly<Record<BinaryMetric | MulticlassMetric, (tally: Classes) => Metric>>;

const ofNumbers = {
  rmse: ({ sums }: Tally) => rmse(sums),
  mae: ({ sums }: Tally) => mae(sums),
  r2: ({ sums }: Tally) => r2(sums),
} satisfies Readonly<Record<Exclude<RegressionMetric, 'quantile_loss'>, (tally: Tally) => Metric>>;

const confusionOf = ({ sums, classes }: Classes): Confusion => new Confusion(sums, classes);

/** Of one class against the others; the mean of all where there are more than two. */
function meanOfClasses({ ranks, classes }: Classes, metric: (counts: ScoreCounts) => Metric): Metric {
  if (classes > mostRanked)
    return undefinedBy(`it is computed for at most ${mostRanked} classes, there are ${classes}`);
  if (ranks.length === 1) return metric(ranks[0]!);
  let sum = 0;
  for (const [place, counts] of ranks.entries()) {
    if (weightOf(counts) === 0) return undefinedBy(`no row is of class ${place + 1} of ${classes}`);
    const value = metric(counts);
    if (value.kind === 'undefined') return value;
    sum += value.value;
  }
  return valued(sum / classes);
}

/** Whether any of the metrics needs the scores themselves. */
export const areRanked = (names: readonly string[]): boolean =>
  names.some((name) => Object.hasOwn(ranking, name));

/** One that fits the tally's task. */
function metricIn(tally: Tally, name: string): Metric {
  if (tally.kind === 'classes') return ofClasses[name as keyof typeof ofClasses](tally);
  const quantile = quantileOfMetric(name);
  return quantile === undefined
    ? ofNumbers[name as keyof typeof ofNumbers](tally)
    : quantileLoss(tally.sums, quantile);
}

/** `BadTable` where it is undefined, with the reason. */
export function metricFrom(tally: Tally, name: string): number {
  const metric = metricIn(tally, name);
  if (metric.kind === 'value') return metric.value;
  throw new FanfareError('BadTable', `${name} cannot be computed: ${metric.reason}`);
}

/** Those of the metrics that are defined. */
export const metricsFrom = (tally: Tally, names: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const metric = metricIn(tally, name);
      return metric.kind === 'value' ? [[name, metric.value]] : [];
    }),
  );

/** One metric of predicted rows. `BadTable` where it is undefined. */
export const metricOf = (name: string, task: Task, rows: Predicted): number =>
  metricFrom(tallyOf(task, rows, areRanked([name])), name);
