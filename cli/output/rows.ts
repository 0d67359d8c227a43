import type {
  JobDocument,
  PipelineDocument,
  Predicted,
  Registered,
  SideRows,
  Tuned,
} from '../../library/documents.ts';
import { rolesText, warningRows } from './columns.ts';
import { count, decimals, paramsText, valuesText } from './print.ts';

type Row = readonly [string, string];

/** What a job came to, for a person. */
export function rowsOf(document: JobDocument): Row[] {
  switch (document.command) {
    case 'split':
      return [
        ...[sidesRow('split', document.split), ['columns', rolesText(document.columns)] as const],
        ...warningRows(document.columns),
      ];
    case 'map':
      return [sidesRow('mapped', document.map)];
    case 'tune': {
      const { split, columns, tune, registered } = document;
      return [
        sidesRow('split', split),
        ...warningRows(columns),
        ...tuneRows(tune),
        registeredRow(tune, registered),
      ];
    }
    case 'predict':
      return [predictRow(document.predict), ...driftRows(document.predict)];
    case 'pipeline': {
      const { split, columns, tune, registered, predict, seconds } = document;
      const took = Object.entries(seconds).map(([stage, taken]) => `${stage} ${taken}`);
      return [
        ...[sidesRow('split', split), ...warningRows(columns), ...tuneRows(tune)],
        registeredRow(tune, registered),
        ...[
          predictRow(predict),
          ...driftRows(predict),
          ...evaluationRows(document),
          ['seconds', took.join(' · ')] as const,
        ],
      ];
    }
  }
}

const sidesRow = (name: string, { train, validation, test }: SideRows): Row => [
  name,
  `${count(train)} train · ${count(validation)} validation · ${count(test)} test`,
];

const tuneRows = ({
  trials,
  complete,
  pruned,
  failed,
  best,
  front,
  refit,
  importance,
  metric,
  resource,
  sampler,
  combinations,
  stopped,
  sample,
  prior = [],
}: Tuned): Row[] => [
  ...(sample === null
    ? []
    : [
        ['learned of', `${count(sample.rows)} of ${count(sample.of)} training rows: all do not fit`] as const,
      ]),
  ['sampler', combinations === undefined ? sampler : `${sampler} of ${count(combinations)} combinations`],
  ...prior.map((source, k): Row => [k === 0 ? 'warm start' : '', sourceText(source)]),
  ...(stopped ? [['stopped', stopped.text] as const] : []),
  ['trials', `${trials}: ${complete} complete, ${pruned} pruned, ${failed} failed`],
  ['best', `trial ${best.trial}, ${best.resource} ${resource}: ${paramsText(best.params)}`],
  best.spread
    ? [`mean ${metric}`, spreadText(best.value, best.spread)]
    : [`validation ${metric}`, decimals(best.value)],
  ...otherRow('and', best.metrics, metric),
  ...(front ? frontRows(front) : []),
  ...(importance ? [['importance', sharesText(importance)] as const] : []),
  ...(refit ? [['refit', `on ${count(refit.rows)} rows, ${refit.resource} ${resource}`] as const] : []),
];

/** `price 41 % · origin 22 %`: of the gain of all splits. */
const sharesText = (shares: NonNullable<Tuned['importance']>): string =>
  shares.map(({ feature, share }) => `${feature} ${Math.round(100 * share)} %`).join(' · ');

/** `12 trials of early-0123456789ab (2 left out: it failed; 1: leaves: not told)`. */
function sourceText({ study, trials, leftOut }: NonNullable<Tuned['prior']>[number]): string {
  const left = leftOut.map(
    ({ why, trials: some }, k) => `${count(some)}${k === 0 ? ' left out' : ''}: ${why}`,
  );
  const told = `${count(trials)} trial${trials === 1 ? '' : 's'} of ${study}`;
  return left.length === 0 ? told : `${told} (${left.join('; ')})`;
}

const frontLines = 10;

/** The trials that no other is better than in all objectives, a line each. */
function frontRows(front: NonNullable<Tuned['front']>): Row[] {
  const lines = front
    .slice(0, frontLines)
    .map(({ trial, values }) => `trial ${trial}: ${valuesText(values)}`);
  const more = front.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].map((line, k) => [
    k === 0 ? 'front' : '',
    line,
  ]);
}

/** The other metrics in a line: `accuracy 0.8012 · f1 0.6644`. */
function otherRow(name: string, metrics: Tuned['best']['metrics'], metric: string): Row[] {
  const others = Object.entries(metrics).filter(([each]) => each !== metric);
  if (others.length === 0) return [];
  return [[name, valuesText(Object.fromEntries(others))]];
}

/** `0.8012 ± 0.0031 over 5 folds: 0.7990 …` */
const spreadText = (value: number, { std, values }: NonNullable<Tuned['best']['spread']>): string =>
  `${decimals(value)} ± ${decimals(std)} over ${values.length} folds: ${values.map((each) => decimals(each ?? NaN)).join(' ')}`;

function registeredRow({ best }: Tuned, registered: Registered): Row {
  if (best.model === null) return ['model', 'none: the trainable reported none'];
  if (registered.name === null) return ['registered', `not yet: ${registered.pending}`];
  return ['registered', `${registered.name} version ${registered.version} (${registered.alias})`];
}

const predictRow = ({ rows, predicted, rejected }: Predicted): Row => [
  'predicted',
  `${count(predicted)} of ${count(rows)} rows, ${count(rejected)} rejected`,
];

/** Says nothing while nothing is major. */
function driftRows({ drift }: Predicted): Row[] {
  if (drift.kind !== 'compared' || drift.level !== 'major') return [];
  const { columns, major, worst, scores } = drift;
  const listed = (judged: typeof worst) =>
    judged.flatMap(({ name, psi, level }) => (level === 'major' ? [`${name} ${psi.toFixed(2)}`] : []));
  const named = listed(worst);
  const more = major > named.length ? `, ${major - named.length} more` : '';
  const parts = [
    ...(major > 0 ? [`${major} of ${columns} columns: ${named.join(', ')}${more}`] : []),
    ...listed(scores).map((score) => `the scores: ${score}`),
  ];
  return [['drift', `major in ${parts.join('; in ')}`]];
}

function evaluationRows({ evaluation, promotion, tune }: PipelineDocument): Row[] {
  const { champion } = evaluation;
  const metric = evaluation.metric;
  const before = champion ? ` (champion on the same rows: ${decimals(champion[metric] ?? Number.NaN)})` : '';
  return [
    [`test ${metric}`, `${decimals(evaluation[metric] ?? Number.NaN)}${before}`],
    ...otherRow('and', toldOf(evaluation, tune), metric),
    ['champion', promotionText(promotion)],
  ];
}

/** Of the test side's metrics those that trials were told with: `--json` has all. */
const toldOf = (
  evaluation: PipelineDocument['evaluation'],
  { best }: Tuned,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(evaluation).flatMap(([name, value]) =>
      typeof value === 'number' && name in best.metrics ? [[name, value]] : [],
    ),
  );

function promotionText(promotion: PipelineDocument['promotion']): string {
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
