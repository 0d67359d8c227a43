import type { TrialNumber } from '../contracts/names.ts';
import type { Spread, Study, Trial } from '../contracts/study.ts';
import { rungsOf } from '../search/schedulers/rungs.ts';
import type { WantedRun } from './runs.ts';
import { tag } from './tags.ts';
import type { Metric, Texts } from './tracker.ts';

/** What the nested run of a trial should say: its params, the metric by step, and how it ended. `front`: the study's, where it has one. */
export function trialRun(
  study: Study,
  parent: string,
  trial: Trial,
  front?: ReadonlySet<TrialNumber>,
): WantedRun {
  return {
    name: `trial-${trial.number}`,
    startedAt: trial.startedAt,
    tags: {
      [tag.kind]: 'trial',
      [tag.study]: study.study,
      [tag.trial]: trialKey(study.study, trial.number),
      [tag.state]: trial.state,
      [tag.parent]: parent,
      [tag.source]: 'fanfare',
      ...(trial.failure === undefined
        ? {}
        : { [tag.error]: `${trial.failure.error}: ${trial.failure.cause}` }),
      ...(front && { [tag.front]: String(front.has(trial.number)) }),
      ...(trial.reason !== undefined && { [tag.reason]: trial.reason }),
    },
    params: textsOf(trial.params),
    metrics: metricsOf(study, trial),
    end: endOf(trial),
  };
}

export const trialKey = (study: string, number: number): string => `${study}/${number}`;

export const textsOf = (params: Trial['params']): Texts =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));

/**
 * One value a step. A rung adds its reports on the way and, at its resource, the value that ONNX Runtime computed,
 * which is the one that counts; with folds their mean, and how they spread. A trial that was stopped on its way to a rung
 * has the values of the folds that it was trained on, and no mean: it could not be compared with others. Those stand before all
 * else of the rung, so that it may go on when the study is given more trials.
 */
function metricsOf({ metric: key, scheduler }: Study, trial: Trial): Metric[] {
  const metrics: Metric[] = [];
  let reached = 0;
  for (const { outcome, at, spread } of trial.rungs) {
    if (spread && outcome.resource > reached)
      metrics.push(...foldMetrics(key, spread, { timestamp: at, step: outcome.resource }));
    const reports = outcome.reports.filter(({ step }) => step > reached && step < outcome.resource);
    for (const { step, value } of reports) metrics.push({ key, value, timestamp: at, step });
    if (outcome.resource > reached) {
      const place = { timestamp: at, step: outcome.resource };
      metrics.push({ key, value: outcome.value, ...place }, ...otherMetrics(key, outcome.metrics, place));
      if (spread) metrics.push({ key: `${key}_std`, value: spread.std, ...place });
    }
    reached = Math.max(reached, outcome.resource);
  }
  for (const { step, value } of trial.live?.reports ?? [])
    if (step > reached) metrics.push({ key, value, timestamp: trial.live!.at, step });
  const { begun, state } = trial;
  if (begun && state === 'pruned') {
    const place = { timestamp: begun.at, step: rungsOf(scheduler, trial.number)[begun.rung]! };
    metrics.push(...foldMetrics(key, begun.spread, place));
  }
  return metrics;
}

/** What a trial is told with beside the metric that the study goes by. */
export const otherMetrics = (
  key: string,
  values: Readonly<Record<string, number>>,
  place: Pick<Metric, 'timestamp' | 'step'>,
): Metric[] =>
  Object.entries(values).flatMap(([name, value]) => (name === key ? [] : [{ key: name, value, ...place }]));

/** `fold_0_auc` … of the folds that it was trained on. */
export const foldMetrics = (
  key: string,
  { values }: Spread,
  place: Pick<Metric, 'timestamp' | 'step'>,
): Metric[] =>
  values.flatMap((value, fold) => (value === null ? [] : [{ key: `fold_${fold}_${key}`, value, ...place }]));

function endOf(trial: Trial): WantedRun['end'] {
  const last = trial.begun?.at ?? trial.rungs.at(-1)?.at ?? trial.startedAt;
  switch (trial.state) {
    case 'running':
    case 'waiting':
      return undefined;
    case 'complete':
      return { status: 'FINISHED', at: last };
    case 'pruned':
      return { status: 'KILLED', at: last };
    case 'failed':
      return { status: 'FAILED', at: trial.failure?.at ?? last };
  }
}
