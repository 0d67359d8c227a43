import type { Study, Trial } from '../contracts/study.ts';
import type { WantedRun } from './runs.ts';
import { tag } from './tags.ts';
import type { Metric, Texts } from './tracker.ts';

/** What the nested run of a trial should say: its params, the metric by step, and how it ended. */
export function trialRun(study: Study, parent: string, trial: Trial): WantedRun {
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
    },
    params: textsOf(trial.params),
    metrics: metricsOf(study.metric, trial),
    end: endOf(trial),
  };
}

export const trialKey = (study: string, number: number): string => `${study}/${number}`;

export const textsOf = (params: Trial['params']): Texts =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));

/**
 * One value a step. A rung adds its reports on the way and, at its resource, the value that ONNX Runtime computed,
 * which is the one that counts.
 */
function metricsOf(key: string, trial: Trial): Metric[] {
  const metrics: Metric[] = [];
  let reached = 0;
  for (const { outcome, at } of trial.rungs) {
    const reports = outcome.reports.filter(({ step }) => step > reached && step < outcome.resource);
    for (const { step, value } of reports) metrics.push({ key, value, timestamp: at, step });
    if (outcome.resource > reached)
      metrics.push({ key, value: outcome.value, timestamp: at, step: outcome.resource });
    reached = Math.max(reached, outcome.resource);
  }
  return metrics;
}

function endOf(trial: Trial): WantedRun['end'] {
  const last = trial.rungs.at(-1)?.at ?? trial.startedAt;
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
