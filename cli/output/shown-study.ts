import type { Dimension } from '../../core/contracts/space.ts';
import type { Target } from '../../core/contracts/spec.ts';
import type { StudyShown } from '../../library/show.ts';
import { bestText, dateText, paragraphs, took } from './entries.ts';
import { grid } from './grid.ts';
import { count, decimals, paramsText, placeOfKey, table, valuesText } from './print.ts';

type Row = readonly [string, string];

/** A study: what it searched and how, its rungs, and so many of its best trials. */
export function studyShownLines(shown: StudyShown, most: number): string[] {
  const { study, trials } = shown;
  const more = trials.length - most;
  return paragraphs(
    table([...headRows(shown), ...resultRows(shown)]),
    grid([{ head: 'axis' }, { head: 'values', flexible: true }], spaceRows(shown)),
    rungLines(shown),
    (study.front ?? []).map(({ trial, values }) => `front  trial ${trial}  ${valuesText(values)}`),
    trialLines({ ...shown, trials: trials.slice(0, most) }),
    more > 0 ? [`${count(more)} more trials: --trials ${trials.length} shows all, --json has them`] : [],
    shown.others.length > 0 ? [`also named so: ${shown.others.join(', ')}`] : [],
    study.state === 'stopped' ? ['it is not done, and nobody works on it: the same command goes on'] : [],
  );
}

function headRows({ study, design, store }: StudyShown): Row[] {
  const { trials } = study;
  const { scheduler, folds, refit } = design;
  const rungs = `${scheduler.rungs.join(', ')} ${design.resource}`;
  return [
    ['study', placeOfKey(store, `studies/${study.study}/`)],
    [
      'state',
      `${study.state}, began ${dateText(study.startedAt)}${study.endedAt ? `, took ${took(study.startedAt, study.endedAt)}` : ''}`,
    ],
    ['dataset', study.dataset],
    ['target', `${targetText(design.target)} (${design.task.kind})`],
    ['trainable', study.trainable],
    ['sampler', `${study.sampler}, seed ${design.seed}`],
    ['scheduler', `${scheduler.kind}, rungs at ${rungs}`],
    ...(folds ? [['folds', `${folds.count}${folds.race ? ', raced' : ''}`] as const] : []),
    ...(refit ? [['refit', 'the best trial once more, on all rows but the test side'] as const] : []),
    [
      'trials',
      `${trials.begun} of ${trials.budget}: ${trials.complete} complete, ${trials.pruned} pruned, ${trials.failed} failed`,
    ],
  ];
}

const resultRows = ({ study, model, store }: StudyShown): Row[] => [
  ...(study.best
    ? ([
        ['best', bestText(study)],
        ['parameters', paramsText(study.best.params)],
      ] as const)
    : []),
  ...(model ? [['model', placeOfKey(store, `models/${model}.onnx`)] as const] : []),
];

function targetText(target: Target): string {
  if (target.kind === 'above') return `${target.column} above ${target.above}`;
  return target.kind === 'equals' ? `${target.column} equals ${target.equals}` : target.column;
}

const spaceRows = ({ design }: StudyShown): string[][] =>
  Object.entries(design.space).map(([name, axis]) => [name, axisText(axis)]);

/** `0.01 to 0.5, logarithmic` · `0 | 1 | 10, where booster is dart` */
export function axisText(axis: Dimension): string {
  const when = Object.entries(axis.when ?? {}).map(([on, values]) => `where ${on} is ${values.join(' or ')}`);
  if (axis.kind === 'choice') {
    return [axis.options.join(' | '), ...(axis.ordered ? ['ordered'] : []), ...when].join(', ');
  }
  const { low, high, log, step, kind } = axis;
  return [
    `${low} to ${high}`,
    ...(log ? ['logarithmic'] : []),
    ...(kind === 'int' ? ['whole'] : []),
    ...(step === undefined ? [] : [`step ${step}`]),
    ...when,
  ].join(', ');
}

function rungLines({ rungs, design }: StudyShown): string[] {
  if (rungs.length < 2) return [];
  return grid(
    [
      { head: `after ${design.resource}`, right: true },
      ...[{ head: 'trials', right: true } as const, { head: `best ${design.metric}`, right: true } as const],
    ],
    rungs.map(({ resource, trials, best }) => [
      ...[count(resource), String(trials), best === null ? '' : decimals(best)],
    ]),
  );
}

function trialLines({ trials, design }: StudyShown): string[] {
  if (trials.length === 0) return [];
  const names = Object.keys(design.space);
  const why = trials.some(({ reason, failure }) => reason ?? failure);
  const others = (design.also ?? []).map(({ metric }) => metric);
  return grid(
    [
      ...[
        { head: 'trial', right: true } as const,
        { head: 'state' },
        { head: design.resource, right: true } as const,
      ],
      ...[design.metric, ...others].map((head) => ({ head, right: true }) as const),
      ...names.map((head) => ({ head, right: true }) as const),
      ...(why ? [{ head: 'why', flexible: true } as const] : []),
    ],
    trials.map(({ number, state, reason, rungs, value, params, failure }) => {
      const last = rungs.at(-1)?.outcome;
      return [
        ...[String(number), failure ? failure.error : state, last ? count(last.resource) : ''],
        ...[value, ...others.map((name) => last?.metrics[name])].map((each) =>
          each === undefined ? '' : decimals(each),
        ),
        ...names.map((name) => valueText(params[name])),
        ...(why ? [failure?.cause.split('\n')[0] ?? reason ?? ''] : []),
      ];
    }),
  );
}

export const valueText = (value: unknown): string =>
  value === undefined || value === null
    ? ''
    : typeof value === 'number'
      ? String(Number(value.toPrecision(4)))
      : String(value);
