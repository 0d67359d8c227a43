import {
  type Direction,
  directionIn,
  isCost,
  isMetric,
  metricNames,
  usualMetric,
} from '../contracts/metrics.ts';
import { nameOf, type Objective, objectivesOf } from '../contracts/objectives.ts';
import type { Spec } from '../contracts/spec.ts';
import type { StudyRecord } from '../contracts/study.ts';
import type { Task } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';

/** What a study goes by, and what each trial is told with. */
export type StudyMetrics = Pick<StudyRecord, 'metric' | 'direction' | 'also' | 'metrics'>;

/** `InvalidSpec` where a metric does not fit what is predicted, with those that do. */
export function studyMetrics({ tune, target }: Spec, { kind }: Task): StudyMetrics {
  const [first = usualMetric[kind], ...others] = objectivesOf(tune.metric);
  const computed = [first, ...others].map(nameOf).filter(isMetric);
  const metrics = [...new Set([...computed, ...tune.metrics])];
  const wrong = metrics.filter((name) => directionIn(kind, name) === undefined);
  if (wrong.length > 0) {
    const more = kind === 'regression' ? ', quantile_loss_0.9' : '';
    throw new FanfareError(
      'InvalidSpec',
      `${computed.includes(wrong[0]!) ? 'tune.metric' : 'tune.metrics'}: ${wrong.join(', ')} does not fit: by column "${target.column}" what is predicted is ${kind}; use ${metricNames(kind).join(', ')}${more}`,
    );
  }
  const goal = (objective: Objective) => ({
    metric: nameOf(objective),
    direction: directionOf(objective, kind),
  });
  return { ...goal(first), ...(others.length > 0 && { also: others.map(goal) }), metrics };
}

function directionOf(objective: Objective, kind: Task['kind']): Direction {
  if (typeof objective === 'object') return objective.mode === 'min' ? 'minimize' : 'maximize';
  return isCost(objective) ? 'minimize' : directionIn(kind, objective)!;
}
