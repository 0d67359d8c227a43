import type { Scalar } from '../contracts/names.ts';
import type { Dimension } from '../contracts/space.ts';
import type { Study, Trial } from '../contracts/study.ts';
import { type TrialRow, trialRow } from './trial-row.ts';

/**
 * The study as a log of Optuna's `JournalFileBackend`, a JSON object a line: the study first, then each trial whole. Optuna 3.1 and
 * later load it, show it in optuna-dashboard, and continue it. `operations` and `states` are its `JournalOperation` and `TrialState`.
 */
export function optunaJournal(study: Study, trials: readonly Trial[]): string {
  const objectives = [study, ...(study.also ?? [])];
  const directions = objectives.map(({ direction }) => (direction === 'minimize' ? 1 : 2));
  const attributes = { fanfare: study.study, dataset: study.dataset, trainable: study.trainable };
  const lines: object[] = [
    { op_code: operations.createStudy, study_name: study.study, directions },
    ...Object.entries(attributes).map(([name, value]) => ({
      ...{ op_code: operations.setStudyAttribute, study_id: 0, user_attr: { [name]: value } },
    })),
    {
      ...{ op_code: operations.setSystemAttribute, study_id: 0 },
      system_attr: { 'study:metric_names': objectives.map(({ metric }) => metric) },
    },
    ...trials.map((trial) => created(study, trialRow(study, trial))),
  ];
  return lines.map((line) => `${JSON.stringify({ ...line, worker_id: 'fanfare' })}\n`).join('');
}

const operations = { createStudy: 0, setStudyAttribute: 2, setSystemAttribute: 3, createTrial: 4 };
const states = { RUNNING: 0, COMPLETE: 1, PRUNED: 2, FAIL: 3 } as const;

function created({ space }: Study, row: TrialRow): object {
  const { state, values, startedAt, endedAt, params, reports, attributes } = row;
  const several = values !== null && values.length > 1;
  return {
    op_code: operations.createTrial,
    study_id: 0,
    datetime_start: timeOf(startedAt),
    ...(endedAt !== null && { datetime_complete: timeOf(endedAt) }),
    state: states[state],
    value: state === 'RUNNING' || several ? null : (values?.[0] ?? null),
    values: state !== 'RUNNING' && several ? values : null,
    distributions: mapped(params, (name) => JSON.stringify(distributionOf(space[name]!))),
    params: mapped(params, (name, value) => internalOf(space[name]!, value)),
    user_attrs: attributes,
    system_attrs: {},
    intermediate_values: Object.fromEntries(reports.map(({ step, value }) => [step, value])),
  };
}

const mapped = <T>(
  params: TrialRow['params'],
  to: (name: string, value: Scalar) => T,
): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, to(name, value)]));

/** As `optuna.distributions.json_to_distribution` reads it. */
function distributionOf(dimension: Dimension): object {
  if (dimension.kind === 'choice')
    return { name: 'CategoricalDistribution', attributes: { choices: dimension.options } };
  const { kind, low, high, log, step } = dimension;
  return kind === 'int'
    ? { name: 'IntDistribution', attributes: { log, step: step ?? 1, low, high } }
    : { name: 'FloatDistribution', attributes: { step: step ?? null, low, high, log } };
}

/** Optuna holds a category by its place among the choices. */
const internalOf = (dimension: Dimension, value: Scalar): number =>
  dimension.kind === 'choice' ? dimension.options.indexOf(value) : Number(value);

/** With microseconds, which `datetime.fromisoformat` of every Python reads. */
const timeOf = (ms: number): string => new Date(ms).toISOString().replace('Z', '000+00:00');
