import { keys } from '../../core/contracts/keys.ts';
import type { PipelineAnswer, PredictAnswer, SplitAnswer, TuneAnswer } from './answers.ts';
import { count, decimals, paramsText } from './print.ts';

type Row = readonly [string, string];

/** What each answer says to a person, and to a program (`…Document`). */

export const splitRows = ({ rows }: SplitAnswer): Row[] => [
  ['split', `${count(rows.train)} train · ${count(rows.validation)} validation · ${count(rows.test)} test`],
];

export const tuneRows = ({ best, trials, metric, resource, sample }: TuneAnswer): Row[] => [
  ...(sample === null
    ? []
    : [
        ['learned of', `${count(sample.rows)} of ${count(sample.of)} training rows: all do not fit`] as const,
      ]),
  [
    'trials',
    `${trials.total}: ${trials.complete} complete, ${trials.pruned} pruned, ${trials.failed} failed`,
  ],
  ['best', `trial ${best.trial}, ${best.resource} ${resource}: ${paramsText(best.params)}`],
  [`validation ${metric}`, decimals(best.value)],
];

export const registeredRow = ({ model, registered: { p } }: TuneAnswer): Row[] => [
  model === null
    ? ['model', 'none: the trainable reported none']
    : ['registered', p.recorded ? `${p.name} version ${p.version} (${p.alias})` : `not yet: ${p.reason}`],
];

export const predictRows = ({ rows, predicted, rejected }: PredictAnswer): Row[] => [
  ['predicted', `${count(predicted)} of ${count(rows)} rows, ${count(rejected)} rejected`],
];

export function evaluationRows({ evaluation, promotion }: PipelineAnswer): Row[] {
  const { metric, metrics, champion } = evaluation;
  const before = champion ? ` (champion on the same rows: ${decimals(champion[metric]!)})` : '';
  return [
    [`test ${metric}`, `${decimals(metrics[metric]!)}${before}`],
    ['champion', promotionText(promotion)],
  ];
}

function promotionText(promotion: PipelineAnswer['promotion']): string {
  if (!promotion.recorded) return `not moved yet: ${promotion.reason}`;
  const { decision, name, version, alias } = promotion;
  switch (decision) {
    case 'promoted':
      return `${name}@${alias} is version ${version}`;
    case 'kept':
      return `${name}@${alias} stays: version ${version} is not better by the margin`;
    case 'undecided':
      return `${name}@${alias} moved meanwhile: run the pipeline again to compare version ${version} with it`;
  }
}

/** Where the files of a command lie below the store. */
export const filesOf = (answer: { split?: SplitAnswer; tune?: TuneAnswer; predict?: PredictAnswer }) => ({
  ...(answer.split && { dataset: keys.dataset(answer.split.dataset) }),
  ...(answer.tune && {
    study: keys.study(answer.tune.study),
    ...(answer.tune.best.model !== null && { model: keys.model(answer.tune.best.model) }),
  }),
  ...(answer.predict && { prediction: keys.prediction(answer.predict.prediction) }),
});

export const tuneDocument = ({ study, trials, best, metric }: TuneAnswer) => ({
  study,
  trials: trials.total,
  complete: trials.complete,
  pruned: trials.pruned,
  failed: trials.failed,
  metric,
  best: {
    trial: best.trial,
    value: best.value,
    resource: best.resource,
    params: best.params,
    model: best.model,
  },
});

export const registeredDocument = ({ registered: { p } }: TuneAnswer, alias?: string) =>
  p.recorded && p.version !== null
    ? { name: p.name, version: p.version, alias: alias ?? p.alias }
    : { name: null, version: null, alias: null, ...(!p.recorded && { pending: p.reason }) };

export const predictDocument = ({ prediction, rows, predicted, rejected }: PredictAnswer) => ({
  prediction,
  rows,
  predicted,
  rejected,
});
