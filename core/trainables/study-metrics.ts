import { type Direction, directionIn, metricNames, usualMetric } from '../contracts/metrics.ts';
import type { Spec } from '../contracts/spec.ts';
import type { Task } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';

/** What a study goes by, and what each trial is told with. */
export interface StudyMetrics {
  readonly metric: string;
  readonly direction: Direction;
  /** Computed from the predictions: the one that the study goes by, if it is none of the trainable's own, then others. */
  readonly metrics: string[];
}

/** `InvalidSpec` where a metric does not fit what is predicted, with those that do. */
export function studyMetrics({ tune, target }: Spec, { kind }: Task): StudyMetrics {
  const { metric: asked = usualMetric[kind], metrics: others } = tune;
  const own = typeof asked === 'object';
  const metrics = [...new Set([...(own ? [] : [asked]), ...others])];
  const wrong = metrics.filter((name) => directionIn(kind, name) === undefined);
  if (wrong.length > 0) {
    const more = kind === 'regression' ? ', quantile_loss_0.9' : '';
    throw new FanfareError(
      'InvalidSpec',
      `${wrong[0] === asked ? 'tune.metric' : 'tune.metrics'}: ${wrong.join(', ')} does not fit: by column "${target.column}" what is predicted is ${kind}; use ${metricNames(kind).join(', ')}${more}`,
    );
  }
  if (own) return { metric: asked.name, direction: asked.mode === 'min' ? 'minimize' : 'maximize', metrics };
  return { metric: asked, direction: directionIn(kind, asked)!, metrics };
}
