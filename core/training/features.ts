import { FanfareError } from '../errors.ts';
import { type Batch, type Column, columnOf, type Field } from '../tables/batch.ts';
import { numbersOf } from '../tables/slice.ts';
import { type DatePart, datePart, dateParts } from './date-parts.ts';

/** What a model sees of a row: a number each, or a category that is told apart by its text. */
export type Feature =
  | { readonly kind: 'number'; readonly column: string }
  | { readonly kind: 'part'; readonly column: string; readonly part: DatePart }
  | { readonly kind: 'category'; readonly column: string };

export interface FeaturePlan {
  readonly inputs: readonly Field[];
  readonly features: readonly Feature[];
}

/**
 * The features of the inputs, in the inputs' order: a number or boolean as it is, a timestamp by its parts, a string as a
 * category. `InvalidSpec` if an input is no column of the table, or none is given.
 */
export function planFeatures(fields: readonly Field[], inputs: readonly string[]): FeaturePlan {
  if (inputs.length === 0)
    throw new FanfareError('InvalidSpec', 'inputs: at least one column is needed, none was given');
  const chosen = inputs.map((name) => {
    const field = fields.find((each) => each.name === name);
    if (field) return field;
    const names = fields.map((each) => each.name).join(', ');
    throw new FanfareError('InvalidSpec', `inputs: no column "${name}"; the table has ${names}`);
  });
  return { inputs: chosen, features: chosen.flatMap(featuresOf) };
}

function featuresOf({ name, type }: Field): readonly Feature[] {
  switch (type) {
    case 'float':
    case 'integer':
    case 'boolean':
      return [{ kind: 'number', column: name }];
    case 'timestamp':
      return dateParts.map((part) => ({ kind: 'part', column: name, part }));
    case 'string':
      return [{ kind: 'category', column: name }];
  }
}

/** A column of the batch. `MissingInput` if it is not there, `BadTable` if it has another type than the plan says. */
export function inputColumn(batch: Batch, { name, type }: Field): Column {
  const column = columnOf(batch, name);
  if (!column)
    throw new FanfareError('MissingInput', `column "${name}" is missing; there are ${names(batch)}`);
  if (column.type !== type) {
    throw new FanfareError(
      'BadTable',
      `column "${name}" holds ${column.type} values, ${type} values are expected`,
    );
  }
  return column;
}

const names = (batch: Batch): string => batch.fields.map((field) => field.name).join(', ');

/** A numeric feature's float32 values, NaN where missing. A string column has none. */
export function featureNumbers(
  feature: Exclude<Feature, { kind: 'category' }>,
  column: Column,
): Float32Array {
  const doubles = numbersOf(column);
  return feature.kind === 'part' ? datePart(feature.part, doubles) : Float32Array.from(doubles);
}

/** Whether any value is missing: not valid, or a float that is NaN. */
export function hasMissing(column: Column): boolean {
  if (column.valid?.includes(0)) return true;
  return column.type === 'float' && column.values.some(Number.isNaN);
}

/** A column of a batch that `inputColumn` has passed. */
export function columnNamed(batch: Batch, name: string): Column {
  const at = batch.fields.findIndex((field) => field.name === name);
  const column = batch.columns[at];
  if (column) return column;
  throw new FanfareError('MissingInput', `column "${name}" is missing`);
}

export function wordsNamed(batch: Batch, name: string): Extract<Column, { type: 'string' }> {
  const column = columnNamed(batch, name);
  if (column.type === 'string') return column;
  throw new FanfareError(
    'BadTable',
    `column "${name}" holds ${column.type} values, string values are expected`,
  );
}
