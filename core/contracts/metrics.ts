import type { TaskKind } from './task.ts';

/** Which way a metric is better. */
export type Direction = 'maximize' | 'minimize';

const ofClasses = {
  auc: 'maximize',
  average_precision: 'maximize',
  log_loss: 'minimize',
  accuracy: 'maximize',
  balanced_accuracy: 'maximize',
  mcc: 'maximize',
  brier: 'minimize',
  calibration_error: 'minimize',
} as const;

/** The metrics that are computed from a model's predictions, by what it predicts; docs/metrics.md says what each is. */
const metrics = {
  binary: { ...ofClasses, f1: 'maximize', precision: 'maximize', recall: 'maximize' },
  multiclass: { ...ofClasses, f1_macro: 'maximize', f1_weighted: 'maximize' },
  regression: { rmse: 'minimize', mae: 'minimize', r2: 'maximize', quantile_loss: 'minimize' },
} as const satisfies Readonly<Record<TaskKind, Readonly<Record<string, Direction>>>>;

export type BinaryMetric = keyof typeof metrics.binary;
export type MulticlassMetric = keyof typeof metrics.multiclass;
export type RegressionMetric = keyof typeof metrics.regression;
export type MetricName = BinaryMetric | MulticlassMetric | RegressionMetric | `quantile_loss_${number}`;

/** What a study goes by where nobody says. */
export const usualMetric = {
  binary: 'auc',
  multiclass: 'log_loss',
  regression: 'rmse',
} as const satisfies Readonly<Record<TaskKind, string>>;

/** `quantile_loss_0.9`: of that quantile; `quantile_loss` is of the median. */
export const ofQuantile = /^quantile_loss_(0\.(?=\d*[1-9])\d{1,6})$/;

/** The quantile that a metric is of; undefined where it is no quantile's loss. */
export const quantileOfMetric = (name: string): number | undefined =>
  name === 'quantile_loss' ? 0.5 : Number(ofQuantile.exec(name)?.[1] ?? 0) || undefined;

/** All that fit a task. */
export const metricNames = (task: TaskKind): readonly string[] => Object.keys(metrics[task]);

/** All there are. */
export const allMetrics: readonly string[] = [...new Set(Object.values(metrics).flatMap(Object.keys))];

/** Whether it is computed from a model's predictions, of one task or another; any other is a trainable's own. */
export const isMetric = (name: string): boolean => allMetrics.includes(name) || ofQuantile.test(name);

/** What each trial has whose trainable makes a model: the less the better. `model_bytes`: the size of its file. */
export const costs = ['model_bytes'] as const;

export const isCost = (name: string): boolean => costs.some((cost) => cost === name);

/** Which way it is better; undefined where it does not fit the task. */
export function directionIn(task: TaskKind, name: string): Direction | undefined {
  const known: Readonly<Record<string, Direction>> = metrics[task];
  if (task === 'regression' && quantileOfMetric(name) !== undefined) return 'minimize';
  return Object.hasOwn(known, name) ? known[name] : undefined;
}
