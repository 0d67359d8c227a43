import { FanfareError } from '../errors.ts';
import { type Batch, columnOf, type Frame } from '../tables/batch.ts';
import { numbersOf, selectColumns, takeRows } from '../tables/slice.ts';
import { labelledRows, labelsOf } from './target.ts';
import type { TrainingTable } from './trainable.ts';

/** Rows that have a label. */
export interface Labelled {
  /** The inputs alone. */
  readonly batch: Batch;
  /** As `labelsOf` gives them, none of them NaN. */
  readonly labels: Float64Array;
  /** What each counts; undefined where all count alike. */
  readonly weights: Float64Array | undefined;
}

/** A side's labelled rows, in the dataset's order. Throws as `labelsOf` and `weightsOf`. */
export async function* labelledBatches(
  table: TrainingTable,
  side: 'train' | 'validation',
): AsyncGenerator<Labelled> {
  for await (const batch of table.batches(side)) yield labelledOf(batch, table);
}

/** The labelled rows of one batch. */
function labelledOf(
  whole: Batch,
  { inputs, target, task, weight }: Omit<TrainingTable, 'fields' | 'batches'>,
): Labelled {
  const labels = labelsOf(whole, target, task);
  const weights = weight === undefined ? undefined : weightsOf(whole, weight);
  const rows = labelledRows(labels);
  const batch = selectColumns(whole, inputs);
  if (rows.length === labels.length) return { batch, labels, weights };
  const taken = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  return { batch: takeRows(batch, rows), labels: taken(labels), weights: weights && taken(weights) };
}

/** A weight a row. `MissingInput` if the batch lacks the column, `BadTable` if one is missing, below 0 or infinite. */
export function weightsOf(batch: Frame, name: string): Float64Array {
  const column = columnOf(batch, name);
  if (!column || column.type === 'tensor') {
    const names = batch.fields.map((field) => field.name).join(', ');
    throw new FanfareError('MissingInput', `columns.weight: no column "${name}"; there are ${names}`);
  }
  if (column.type === 'string' || column.type === 'timestamp') {
    throw new FanfareError(
      'BadTable',
      `columns.weight: column "${name}" holds ${column.type} values; a weight is a number of at least 0`,
    );
  }
  const weights = numbersOf(column);
  const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (bad < 0) return weights;
  const given = Number.isNaN(weights[bad]) ? 'a missing weight' : weights[bad];
  throw new FanfareError(
    'BadTable',
    `columns.weight: column "${name}" holds ${given}; a weight is a finite number of at least 0`,
  );
}
