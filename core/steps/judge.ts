import type { ColumnBins } from '../contracts/drift.ts';
import { isCost } from '../contracts/metrics.ts';
import type { Study } from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import { areRanked, metricFrom, metricOf, metricsFrom } from '../metrics/metrics.ts';
import { tallyOf } from '../metrics/tally.ts';
import type { Validated } from '../training/trainable.ts';
import type { ModelData } from './model-data.ts';
import type { Ports } from './ports.ts';
import { scoreValidation } from './validate.ts';

/** What a trial is worth at a rung. */
export interface Judged {
  readonly value: number;
  /** By name: those of the study's that are defined, and those that its trainable reported. */
  readonly metrics: Readonly<Record<string, number>>;
  /** How the model's answers for the validation rows are spread; none without a model. */
  readonly scores?: ColumnBins;
}

/** So far may a value that a trainable reports be from what its model gives; of a quantity, as a share of that. */
const sameValue = 1e-3;

/**
 * By the file that will predict, which must be what its trainable said of it; by what the trainable says where there is no
 * file, or for a metric of its own. `TrainableFailed` where they differ, or where the value is no finite number.
 */
export async function judge(
  study: Study,
  data: ModelData,
  file: Uint8Array | undefined,
  own: Validated,
  ports: Ports,
): Promise<Judged> {
  if (file === undefined) {
    const value = ownValue(study, own);
    return { value, metrics: withObjectives(study, ownMetrics(study, own), own) };
  }
  const trained = 'predictions' in own ? own.predictions : new Float32Array(0);
  const { tally, scores } = await scoreValidation(study, data, file, trained, ports);
  const all = { ...reported(own), ...metricsFrom(tally, study.metrics) };
  const metrics = withObjectives(study, all, own, file);
  if (!study.metrics.includes(study.metric)) return { value: ownValue(study, own), metrics, scores };
  const value = finite(study, metricFrom(tally, study.metric));
  if (!('predictions' in own)) requireReported(study, own.value, value);
  return { value, metrics, scores };
}

/** What the trainable says of itself, on the way to a rung. Objectives of its own that it does not tell are missed here. */
export function ownValue(study: Study, own: Validated): number {
  const { also = [], metrics } = study;
  for (const { metric } of also) {
    if (!metrics.includes(metric) && !isCost(metric)) requireObjective(study, metric, reported(own), own);
  }
  return finite(study, 'predictions' in own ? metricOf(study.metric, study.task, own) : own.value);
}

/** With what the model costs, as far as the study goes by it. `TrainableFailed` where an objective is missing or no finite number. */
function withObjectives(
  study: Study,
  metrics: Readonly<Record<string, number>>,
  own: Validated,
  file?: Uint8Array,
): Readonly<Record<string, number>> {
  const { also = [] } = study;
  const wanted = file !== undefined && also.some(({ metric }) => metric === 'model_bytes');
  const all = { ...metrics, ...(wanted && { model_bytes: file.length }) };
  for (const { metric } of also) requireObjective(study, metric, all, own);
  return all;
}

function requireObjective(
  study: Study,
  metric: string,
  metrics: Readonly<Record<string, number>>,
  own: Validated,
): void {
  const value = metrics[metric];
  if (value !== undefined) {
    finite({ metric }, value);
    return;
  }
  const told = ['value' in own ? study.metric : [], Object.keys(reported(own))].flat();
  const why = isCost(metric)
    ? 'its trainable makes no model'
    : study.metrics.includes(metric)
      ? 'its model makes no predictions of which it can be computed'
      : `its trainable is to report it among its metrics (reported: ${told.join(', ') || 'nothing'})`;
  throw new FanfareError('TrainableFailed', `the trial has no ${metric}, which the study goes by: ${why}`);
}

const ownMetrics = ({ metrics, task }: Study, own: Validated): Readonly<Record<string, number>> => ({
  ...reported(own),
  ...('predictions' in own && metricsFrom(tallyOf(task, own, areRanked(metrics)), metrics)),
});

const reported = ({ metrics = {} }: Validated): Readonly<Record<string, number>> => metrics;

function requireReported({ metric, task }: Study, own: number, value: number): void {
  const allowed = sameValue * (task.kind === 'regression' ? Math.abs(value) : 1);
  if (Math.abs(own - value) <= allowed) return;
  throw new FanfareError(
    'TrainableFailed',
    `the trial reported ${metric} ${own}, but its model gives ${value} on the validation rows (allowed: ${allowed} apart)`,
  );
}

function finite({ metric }: Pick<Study, 'metric'>, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new FanfareError('TrainableFailed', `${metric} is ${value}: the trial diverged`);
}
