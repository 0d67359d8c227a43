import { closest } from 'fastest-levenshtein';
import * as z from 'zod';

/** An object that refuses a key that it does not know and names the nearest one that it does; `moved` says where an old one went. */
export function strict<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  moved: Readonly<Record<string, string>> = {},
) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const old = issue.keys.find((key) => Object.hasOwn(moved, key));
      return old === undefined ? unknownKeys(issue.keys, Object.keys(shape)) : moved[old];
    },
  });
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const written = known.flatMap((key) => (key === 'kind' ? [] : key === 'log' ? [key, 'integer'] : [key]));
  const nearest = closest(keys[0]!, written);
  const unknown = `unknown key ${keys.map((key) => JSON.stringify(key)).join(', ')}`;
  return `${unknown}; did you mean ${nearest}? (allowed: ${written.join(', ')})`;
}

/** What may be written where a shorthand may, by the schema that reads it. */
const forms = new WeakMap<z.core.$ZodType, () => JsonSchema>();

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * Reads by `full` what `expand` makes of what was given: its messages are those of one form, not of all. `written` says
 * which forms a person may write, to TypeScript and to editors; whatever it takes, `full` takes once it is expanded.
 */
export function shorthand<Written extends z.ZodType, Full extends z.ZodType>(
  written: Written,
  expand: (given: unknown) => unknown,
  full: Full,
) {
  const schema = z.preprocess<unknown, Full, z.input<Written>>(expand, full);
  forms.set(schema, () => jsonSchemaOf(written));
  return schema;
}

/** A string stands for an object that has only that key. */
export const orText =
  (key: string) =>
  (given: unknown): unknown =>
    typeof given === 'string' ? { [key]: given } : given;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What may be written, as JSON Schema (draft 7, which editors know best). */
export const jsonSchemaOf = (schema: z.core.$ZodType): JsonSchema =>
  z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // What every integer is held to is no news.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      const form = formOf(zodSchema);
      if (form === undefined) return;
      for (const key of Object.keys(jsonSchema)) {
        if (key !== 'description' && key !== 'default') delete jsonSchema[key];
      }
      const { $schema: _, ...written } = form();
      Object.assign(jsonSchema, written);
    },
  });

/** A schema that was given a description is another, with the first as its parent. */
function formOf(schema: z.core.$ZodType): (() => JsonSchema) | undefined {
  const { parent } = schema._zod;
  return forms.get(schema) ?? (parent && formOf(parent));
}
