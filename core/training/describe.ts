import type { Described, DescribedColumn } from '../contracts/described.ts';
import { FanfareError } from '../errors.ts';
import type { Batch } from '../tables/batch.ts';
import { concatBatches } from '../tables/join.ts';
import type { Profile } from '../tables/profile.ts';
import { selectColumns, takeRows } from '../tables/slice.ts';
import { describeColumns, featuresOf, type Named } from './column-roles.ts';
import { leaksOf } from './leaks.ts';
import { labelsOf } from './target.ts';
import { taskOf } from './task.ts';

/** About how many rows are looked at for columns that give the target away. */
export const sampleRows = 20_000;

/** A table as a person is shown it: each column's role, what it holds, and what to be wary of. `sample`: some of its rows. */
export function describe(profile: Profile, sample: readonly Batch[], named: Named): Described {
  const columns = describeColumns(profile, named);
  const warned = warningsOfTarget(profile, sample, named, featuresOf(columns));
  return {
    rows: profile.rows,
    columns: columns.map((column) => ({
      ...column,
      warnings: [...column.warnings, ...(warned.get(column.name) ?? [])],
    })),
  };
}

/** `1 warning: column x: …` for each. */
export const warningsOf = (columns: readonly DescribedColumn[]): readonly string[] =>
  columns.flatMap(({ name, warnings }) => warnings.map((warning) => `${name}: ${warning}`));

/** So many rows, evenly over the batch. */
export function evenRows(batch: Batch, most: number): Batch {
  if (batch.rows <= most) return batch;
  return takeRows(
    batch,
    Int32Array.from({ length: most }, (_, at) => Math.floor((at * batch.rows) / most)),
  );
}

/** Warnings by column: of the target where a model cannot be made of it as it is, of features that give it away. */
function warningsOfTarget(
  profile: Profile,
  sample: readonly Batch[],
  { target }: Named,
  features: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const column = profile.columns.find(({ name }) => name === target?.column);
  if (target === undefined || column === undefined || sample.length === 0) return new Map();
  try {
    const task = taskOf(target, column);
    const rows = concatBatches(sample);
    const leaks = leaksOf(selectColumns(rows, features), labelsOf(rows, target, task), task);
    return new Map(leaks.map(({ column: name, told }) => [name, [leakText(told, rows.rows, target.column)]]));
  } catch (error) {
    if (error instanceof FanfareError) return new Map([[target.column, [error.message]]]);
    throw error;
  }
}

const leakText = (told: number, rows: number, target: string): string =>
  `it alone tells ${target} (${(100 * told).toFixed(1)} % of it, in ${rows} rows): is it known before the target is? If not, columns: { ignore: [ … ] }`;
