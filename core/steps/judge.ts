import type { ColumnBins } from '../contracts/drift.ts';
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
  if (file === undefined) return { value: ownValue(study, own), metrics: ownMetrics(study, own) };
  const trained = 'predictions' in own ? own.predictions : new Float32Array(0);
  const { tally, scores } = await scoreValidation(study, data, file, trained, ports);
  const metrics = { ...reported(own), ...metricsFrom(tally, study.metrics) };
  if (!study.metrics.includes(study.metric)) return { value: ownValue(study, own), metrics, scores };
  const value = finite(study, metricFrom(tally, study.metric));
  if (!('predictions' in own)) requireReported(study, own.value, value);
  return { value, metrics, scores };
}

/** What the trainable says of itself, on the way to a rung. */
export const ownValue = (study: Study, own: Validated): number =>
  finite(study, 'predictions' in own ? metricOf(study.metric, study.task, own) : own.value);

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

function finite({ metric }: Study, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new FanfareError('TrainableFailed', `${metric} is ${value}: the trial diverged`);
}
