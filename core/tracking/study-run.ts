import type { Conclusion } from '../contracts/conclusion.ts';
import type { Dimension } from '../contracts/space.ts';
import type { Study, Trial } from '../contracts/study.ts';
import type { StudyRecords, StudyRuns } from './record-study.ts';
import type { WantedRun } from './runs.ts';
import { studyNote } from './study-note.ts';
import { tag } from './tags.ts';
import type { Metric, Texts } from './tracker.ts';
import { foldMetrics, otherMetrics, textsOf } from './trial-run.ts';

/** Where the runs of the study's trials are, as far as they are there. */
type Places = Pick<StudyRuns, 'experimentId' | 'trialRuns'>;

/** What the parent run of a study should say. What changes when it is given more trials is a tag: params cannot. */
export function studyRun(
  { study, trials, conclusion, earlier = [] }: Omit<StudyRecords, 'dataset' | 'profiles'>,
  places: Places,
): WantedRun {
  const conclusions = conclusion === undefined ? earlier : [...earlier, conclusion];
  const last = conclusions.at(-1);
  return {
    name: study.study,
    startedAt: study.createdAt,
    tags: {
      [tag.kind]: 'study',
      [tag.study]: study.study,
      [tag.source]: 'fanfare',
      [tag.note]: studyNote(study, trials, conclusion, places),
      [tag.trials]: String(study.trials),
      [tag.sampler]: study.sampler.kind,
      ...(conclusion && { [tag.ended]: conclusion.stopped?.text ?? 'it had all of its trials' }),
      ...(last && { [tag.bestTrial]: String(last.best.trial), ...bestParams(last) }),
    },
    params: paramsOf(study),
    metrics: conclusions.flatMap((each, at) => metricsOf(study, each, conclusions.slice(0, at))),
    end: endOf(study, trials, conclusion),
  };
}

function paramsOf(study: Study): Texts {
  const { scheduler } = study;
  return {
    dataset: study.dataset,
    trainable: study.trainable,
    metric: study.metric,
    ...(study.metrics.length > 1 && { metrics: study.metrics.join(', ') }),
    direction: study.direction,
    ...(study.also && { objectives: objectivesText(study, study.also) }),
    seed: String(study.seed),
    scheduler: schedulerText(scheduler),
    rungs: `${scheduler.rungs.join(', ')} ${study.resource}`,
    ...(study.batch && { deterministic: `batch ${study.batch}` }),
    ...(study.folds && { folds: `${study.folds.count}${study.folds.race ? ', racing' : ''}` }),
    inputs: study.inputs.join(', '),
    ...(study.sample && { sample: `${study.sample.rows} of ${study.sample.of} training rows` }),
    target: targetText(study.target),
    task: taskText(study.task),
    ...(study.weight !== null && { weight: study.weight }),
    space: Object.entries(study.space).map(dimensionText).join('; '),
  };
}

const objectivesText = (study: Study, also: NonNullable<Study['also']>): string =>
  [study, ...also].map(({ metric, direction }) => `${direction} ${metric}`).join(', ');

function schedulerText(scheduler: Study['scheduler']): string {
  switch (scheduler.kind) {
    case 'none':
      return 'none';
    case 'asha':
    case 'hyperband':
      return `${scheduler.kind}, eta ${scheduler.eta}`;
    case 'successive_halving':
      return `${scheduler.kind}, eta ${scheduler.eta}, ${scheduler.bracket} a bracket`;
    case 'percentile': {
      const { percentile, startup } = scheduler;
      return `${percentile === 50 ? 'median' : `percentile ${percentile}`} after ${startup} trials`;
    }
    case 'patience':
      return `patience ${scheduler.patience}, min_delta ${scheduler.min_delta}`;
  }
}

function dimensionText([name, dimension]: [string, Dimension]): string {
  const { when = {} } = dimension;
  const conditions = Object.entries(when).map(([on, values]) => `if ${on} is ${values.join(' or ')}`);
  const marks = [...marksOf(dimension), ...conditions];
  const values =
    dimension.kind === 'choice' ? dimension.options.join(' | ') : `${dimension.low} to ${dimension.high}`;
  return `${name}: ${values}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`;
}

function marksOf(dimension: Dimension): readonly string[] {
  if (dimension.kind === 'choice') return dimension.ordered ? ['ordered'] : [];
  const { kind, log, step } = dimension;
  return [
    ...(kind === 'int' ? ['integer'] : []),
    ...(log ? ['log'] : []),
    ...(step === undefined ? [] : [`step ${step}`]),
  ];
}

function targetText(target: Study['target']): string {
  switch (target.kind) {
    case 'column':
      return target.column;
    case 'above':
      return `${target.column} > ${target.above}`;
    case 'equals':
      return `${target.column} = ${target.equals}`;
  }
}

const taskText = (task: Study['task']): string =>
  task.kind === 'regression' ? task.kind : `${task.kind}: ${task.classes.join(', ')}`;

const bestParams = ({ best, refit }: Conclusion): Texts => ({
  ...Object.fromEntries(Object.entries(textsOf(best.params)).map(([name, value]) => [`best.${name}`, value])),
  ...(refit && { refit: `${refit.rows} rows, resource ${refit.resource}` }),
});

/**
 * The best value under the trials' own key, so that the parent sorts among them. Of several MLflow shows that of the greatest
 * step: one that was found with less resource than an earlier one has that one's.
 */
function metricsOf(
  study: Study,
  { best, trials, endedAt }: Conclusion,
  earlier: readonly Conclusion[],
): Metric[] {
  const reached = Math.max(best.resource, ...earlier.map((before) => before.best.resource));
  const metric = (key: string, value: number, step = 0) => ({ key, value, timestamp: endedAt, step });
  const place = { timestamp: endedAt, step: reached };
  const spreadMetrics = best.spread
    ? [
        metric(`${study.metric}_std`, best.spread.std, reached),
        ...foldMetrics(study.metric, best.spread, place),
      ]
    : [];
  return [
    metric(study.metric, best.value, reached),
    ...otherMetrics(study.metric, best.metrics, place),
    ...spreadMetrics,
    metric('trials_complete', trials.complete),
    metric('trials_pruned', trials.pruned),
    metric('trials_failed', trials.failed),
  ];
}

/** A study of which every trial failed has no conclusion, and ends as failed with its last trial. */
function endOf(study: Study, trials: readonly Trial[], conclusion: Conclusion | undefined): WantedRun['end'] {
  if (conclusion !== undefined) return { status: 'FINISHED', at: conclusion.endedAt };
  const failures = trials.map((trial) => trial.failure?.at ?? trial.startedAt);
  const over = trials.length >= study.trials || study.stopped !== undefined;
  const lost = over && trials.length > 0 && trials.every((trial) => trial.state === 'failed');
  return lost ? { status: 'FAILED', at: Math.max(...failures) } : undefined;
}
