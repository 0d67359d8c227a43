import type { Scalar } from '../contracts/names.ts';
import type { Study, Trial } from '../contracts/study.ts';
import type { Batch, Column, Field } from '../tables/batch.ts';
import { othersOf, trialRow, valuesOf } from './trial-row.ts';

/**
 * A row a trial, with the columns of `study.trials_dataframe()` in Optuna: `number`, `value` (of several objectives
 * `values_<metric>`), `datetime_start`, `datetime_complete`, `duration` in seconds, `params_…`, `user_attrs_…`, `state`.
 */
export function trialTable(study: Study, trials: readonly Trial[]): Batch {
  const rows = trials.map((trial) => {
    const { number, values, startedAt, endedAt, params, attributes, state } = trialRow(study, trial);
    return {
      ...{ number, ...valueCells(study, values) },
      ...{ datetime_start: startedAt, datetime_complete: endedAt },
      duration: endedAt === null ? null : (endedAt - startedAt) / 1000,
      ...prefixed('params_', params),
      ...prefixed('user_attrs_', attributes),
      state,
    };
  });
  const names = [...valueNames(study), 'datetime_start', 'datetime_complete', 'duration'];
  return tableOf(study, rows, ['number', ...names, ...paramNames(study)], ['state']);
}

/** A row a rung that a trial finished, or with folds all folds of it. */
export function rungTable(study: Study, trials: readonly Trial[]): Batch {
  const rows = trials.flatMap(({ number, rungs, params }) =>
    rungs.map((rung) => ({
      ...{ number, rung: rung.rung, resource: rung.outcome.resource },
      ...valueCells(study, valuesOf(study, rung)),
      ...{ datetime_start: rung.startedAt, datetime_complete: rung.at, seconds: rung.outcome.seconds },
      ...prefixed('params_', params),
      ...prefixed('user_attrs_', othersOf(study, rung)),
    })),
  );
  const times = ['datetime_start', 'datetime_complete', 'seconds'];
  return tableOf(study, rows, [
    ...['number', 'rung', 'resource', ...valueNames(study), ...times, ...paramNames(study)],
  ]);
}

type Row = Readonly<Record<string, Scalar | null>>;

const valueNames = ({ metric, also = [] }: Study): readonly string[] =>
  also.length === 0 ? ['value'] : [metric, ...also.map((one) => one.metric)].map((name) => `values_${name}`);

const valueCells = (study: Study, values: readonly number[] | null): Row =>
  Object.fromEntries(valueNames(study).map((name, at) => [name, values?.[at] ?? null]));

const paramNames = ({ space }: Study): readonly string[] =>
  Object.keys(space).map((name) => `params_${name}`);

const prefixed = (prefix: string, cells: Readonly<Record<string, Scalar>>): Row =>
  Object.fromEntries(Object.entries(cells).map(([name, value]) => [prefix + name, value]));

/** The columns that are named first, those that rows have besides, and those that are named last. */
function tableOf(
  { space }: Study,
  rows: readonly Row[],
  first: readonly string[],
  last: readonly string[] = [],
): Batch {
  const whole = Object.keys(space).filter((name) => space[name]!.kind === 'int');
  const integers = new Set([...counts, ...whole.map((name) => `params_${name}`)]);
  const ends = new Set([...first, ...last]);
  const others = new Set(rows.flatMap((row) => Object.keys(row)).filter((name) => !ends.has(name)));
  const names = [...first, ...others, ...last];
  const columns = names.map((name) =>
    columnOf(
      name,
      rows.map((row) => row[name] ?? null),
      integers.has(name),
    ),
  );
  const fields = names.map((name, at): Field => ({ name, type: columns[at]!.type }));
  return { rows: rows.length, fields, columns };
}

const counts = ['number', 'rung', 'resource', 'user_attrs_rungs', 'user_attrs_resource'];

/** Cells of several types become text. */
function columnOf(name: string, cells: readonly (Scalar | null)[], isWhole: boolean): Column {
  const valid = cells.includes(null) ? Uint8Array.from(cells, (cell) => Number(cell !== null)) : null;
  const types = new Set(cells.flatMap((cell) => (cell === null ? [] : [typeof cell])));
  const numbers = (missing: number) =>
    Float64Array.from(cells, (cell) => (cell === null ? missing : Number(cell)));
  if (name.startsWith('datetime_')) return { type: 'timestamp', values: numbers(0), valid };
  if (isWhole)
    return { type: 'integer', values: BigInt64Array.from(cells, (cell) => BigInt(Number(cell ?? 0))), valid };
  if (types.size === 1 && types.has('boolean'))
    return { type: 'boolean', values: Uint8Array.from(numbers(0)), valid };
  if (!types.has('string') && !types.has('boolean'))
    return { type: 'float', values: numbers(Number.NaN), valid };
  const dictionary = [...new Set(cells.map((cell) => String(cell ?? '')))];
  const places = new Map(dictionary.map((word, at) => [word, at]));
  const codes = Int32Array.from(cells, (cell) => places.get(String(cell ?? ''))!);
  return { type: 'string', codes, dictionary, valid };
}
