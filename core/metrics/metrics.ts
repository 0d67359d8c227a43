import { FanfareError } from '../errors.ts';
import { auc, logLoss, type Metric } from './auc.ts';
import { binaryLabels, countScores, type ScoreCounts } from './score-counts.ts';

/** The metrics that a study may seek, by the name that specifications, events and MLflow give them. */
const metrics: Readonly<Record<string, (counts: ScoreCounts) => Metric>> = { auc, log_loss: logLoss };

/** Whether it is one of them; any other is a trainable's own. */
export const isMetric = (name: string): boolean => Object.hasOwn(metrics, name);

/** A metric of scored rows. `BadTable` where it is undefined: the rows are all of one label. */
export const metricOf = (name: string, scores: Float32Array, labels: Float64Array): number =>
  metricFrom(name, countScores(scores, binaryLabels(labels)));

/** Every metric by its name. `BadTable` as above. */
export const metricsOf = (counts: ScoreCounts): Record<string, number> =>
  Object.fromEntries(Object.keys(metrics).map((name) => [name, metricFrom(name, counts)]));

/** A metric of counted scores. `BadTable` as above. */
export function metricFrom(name: string, counts: ScoreCounts): number {
  const metric = metrics[name]!(counts);
  if (metric.kind === 'value') return metric.value;
  throw new FanfareError('BadTable', `${name} cannot be computed: ${metric.reason}`);
}
