import { FanfareError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import type { Field, FieldType } from './batch.ts';
import type { Schema } from './shard.ts';

/** A column as a file declares it. */
export type DeclaredColumn =
  | { readonly kind: 'flat'; readonly name: string; readonly type: FieldType }
  | { readonly kind: 'other'; readonly name: string; readonly reason: string };

/** The schema's fields of those names, in that order. `MissingInput` for a name that it lacks, with the nearest ones that it has. */
export function fieldsNamed(schema: Schema, names: readonly string[]): readonly Field[] {
  return names.map((name) => {
    const field = schema.fields.find((candidate) => candidate.name === name);
    if (field !== undefined) return field;
    const unreadable = schema.unreadable?.find((column) => column.name === name);
    if (unreadable !== undefined) {
      throw new FanfareError(
        'BadTable',
        `The column ${name} cannot be read: ${unreadable.reason}. Columns are numbers, booleans, timestamps or text.`,
      );
    }
    const known = schema.fields.map((candidate) => candidate.name);
    throw new FanfareError('MissingInput', unknownName('The table has no column', name, known));
  });
}
