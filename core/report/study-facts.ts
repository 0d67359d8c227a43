import type { Conclusion } from '../contracts/conclusion.ts';
import type { Facts } from '../contracts/report.ts';
import type { Study } from '../contracts/study.ts';
import { valueCount } from '../search/space.ts';

/** What a person wants to know of how a study was made. */
export function studyFacts(study: Study, conclusion: Conclusion | null): Facts {
  const { target, task, folds, sample, refit } = study;
  const model = conclusion?.best.model;
  return [
    ['dataset', study.dataset],
    ['predicts', `${target.column}${targetText(target)}`],
    ['task', task.kind === 'regression' ? 'regression' : `${task.kind}: ${task.classes.join(', ')}`],
    ['trainable', study.trainable],
    ['sampler', study.sampler.kind],
    ['scheduler', schedulerText(study)],
    ['space', spaceText(study)],
    ['validated on', folds ? `${folds.count} folds${folds.race ? ', racing' : ''}` : 'the validation side'],
    ['weights', study.weight ?? 'none'],
    ...(sample ? [['learns from', `${whole(sample.rows)} of ${whole(sample.of)} rows`] as const] : []),
    ...(refit && conclusion?.refit
      ? [
          [
            'refit',
            `on ${whole(conclusion.refit.rows)} rows, ${conclusion.refit.resource} ${study.resource}`,
          ] as const,
        ]
      : []),
    ['seed', String(study.seed)],
    ...(model ? [['model', model] as const] : []),
    ['registered as', study.model],
  ];
}

function targetText(target: Study['target']): string {
  switch (target.kind) {
    case 'column':
      return '';
    case 'above':
      return ` above ${target.above}`;
    case 'equals':
      return ` = ${target.equals}`;
  }
}

const schedulerText = ({ scheduler, resource }: Study): string =>
  `${scheduler.kind}: ${scheduler.rungs.join(', ')} ${resource}`;

function spaceText({ space }: Study): string {
  const free = Object.values(space).filter((dimension) => valueCount(dimension) > 1).length;
  const fixed = Object.keys(space).length - free;
  return `${free} parameters${fixed > 0 ? `, ${fixed} fixed` : ''}`;
}

const whole = (value: number): string => value.toLocaleString('en-US');
