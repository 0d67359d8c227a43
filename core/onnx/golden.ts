import { columnFrom } from '../code/column-values.ts';
import type { Scalar } from '../contracts/names.ts';
import type { ModelCard } from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import type { Batch, Column, Field } from '../tables/batch.ts';
import type { Model, ModelValues } from './model.ts';

/** Rows as JSON has them: times as milliseconds, missing as null. */
export type Records = ModelCard['example'];

/** So far may a number be from what it was when the model was made; of larger ones, so much for each 1. */
export const goldenTolerance = 1e-5;

/**
 * Whether the model says of its golden rows what it said when it was made: a processor, a library or a file that changes its
 * answers is found before a row is predicted. Of a model that has numbers these are looked at: a class at its very limit
 * may fall either way. `BadModel` names the first row that differs.
 */
export async function requireGolden(model: Model, card: ModelCard): Promise<void> {
  const { fields, example, expected } = card;
  if (fields.length === 0 || example.length === 0) return;
  const outputs = await model.run(batchOfRecords(fields, example), numbersOf(card));
  for (const [row, wanted] of expected.entries()) {
    for (const [name, values] of Object.entries(outputs)) {
      const got = answerOf(values, row, example.length);
      if (isNear([wanted[name] ?? []].flat(), [got].flat())) continue;
      throw new FanfareError(
        'BadModel',
        `model sha256:${card.digest} does not predict here what it did when it was made: row ${row} of its golden rows (models/${card.digest}.json), output "${name}": expected ${JSON.stringify(wanted[name])}, got ${JSON.stringify(got)} (allowed: ${goldenTolerance} apart)`,
      );
    }
  }
}

/** The outputs that are compared: those of numbers, or all where there are none. */
export function numbersOf({ outputs }: Pick<ModelCard, 'outputs'>): string[] {
  const numbers = outputs.filter(({ type }) => type === 'float32' || type === 'float64');
  return (numbers.length > 0 ? numbers : outputs).map(({ name }) => name);
}

const isNear = (wanted: readonly Scalar[], got: readonly Scalar[]): boolean =>
  wanted.length === got.length &&
  wanted.every((value, at) => {
    const other = got[at]!;
    if (typeof value !== 'number' || typeof other !== 'number') return value === other;
    return Math.abs(value - other) <= goldenTolerance * Math.max(1, Math.abs(value));
  });

export const batchOfRecords = (fields: readonly Field[], records: Records): Batch => ({
  rows: records.length,
  fields,
  columns: fields.map(({ name, type }) => {
    const values = records.map((record) => record[name] ?? null) as (number | null)[];
    return columnFrom(name, { type, values }, records.length) as Column;
  }),
});

/** A value, or several of an output that is a row wide. */
export function answerOf(values: ModelValues, row: number, rows: number): Scalar | Scalar[] {
  const width = values.length / rows;
  const own = Array.from({ length: width }, (_, at): Scalar => {
    const value = values[row * width + at]!;
    return typeof value === 'bigint' ? Number(value) : value;
  });
  return width === 1 ? own[0]! : own;
}
