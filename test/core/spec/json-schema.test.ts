import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { specSchema } from '../../../core/spec/json-schema.ts';
import { readSpec } from '../../../core/spec/read.ts';

const published = JSON.parse(readFileSync('schema/fanfare.schema.json', 'utf8'));
const byEditors = z.fromJSONSchema(published);
const takenByEditors = (spec: unknown) => byEditors.safeParse(spec).success;

const spec = {
  name: 'late',
  table: 'a.csv',
  target: 'late',
  tune: { space: { l2: [0, 1, 10] as unknown } } as Record<string, unknown>,
};
const tuned = (tune: object) => ({ ...spec, tune: { ...spec.tune, ...tune } });
const axis = (given: unknown) => tuned({ space: { axis: given } });

/** Specifications as people write them, and whether they can be meant. */
const written: readonly (readonly [string, unknown, boolean])[] = [
  ['words alone', spec, true],
  ['a table with its format', { ...spec, table: { path: 'a', format: 'csv' } }, true],
  ['a table without a path', { ...spec, table: { format: 'csv' } }, false],
  ['a target above a limit', { ...spec, target: { column: 'delay', above: 15 } }, true],
  ['a target that equals a word', { ...spec, target: { column: 'status', equals: 'left' } }, true],
  ['a target above a word', { ...spec, target: { column: 'delay', above: 'much' } }, false],
  ['an axis of one value', axis(3), true],
  ['an axis of words', axis(['a', 'b']), true],
  ['an axis of no values', axis([]), false],
  ['an axis of whole numbers', axis({ low: 1, high: 9, integer: true, log: true }), true],
  ['an axis without an end', axis({ low: 1 }), false],
  ['a sampler by its name', tuned({ sampler: 'random' }), true],
  ['a sampler with settings', tuned({ sampler: { kind: 'tpe', startup: 4 } }), true],
  ['an unknown sampler', tuned({ sampler: 'gird' }), false],
  ['a scheduler by its name', tuned({ scheduler: 'none' }), true],
  ['a scheduler with settings', tuned({ scheduler: { kind: 'asha', min: 1, eta: 4 } }), true],
  ['a value of its own', tuned({ trainable: './mine.ts', metric: { name: 'loss', mode: 'min' } }), true],
  ['an unknown trainable', tuned({ trainable: 'xgboost' }), false],
  ['a registered model by its name', { ...spec, model: 'late' }, true],
  ['a misspelled key', tuned({ trails: 5 }), false],
  ['no space', { ...spec, tune: {} }, false],
];

describe('the JSON Schema of specifications', () => {
  test('is published as the contract makes it: npm run schema', () => {
    expect(published).toEqual(specSchema());
  });

  test.each(written)('takes %s as the commands do', (_, given, taken) => {
    expect(takenByEditors(given)).toBe(taken);
    const read = () => readSpec(JSON.stringify(given), 'late.yaml');
    if (taken) expect(read).not.toThrow();
    else expect(read).toThrow();
  });

  test('takes the examples, which name it, and the one in the README', () => {
    const examples = readdirSync('examples', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => readFileSync(`examples/${file}`, 'utf8'));
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const text of examples) {
      expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/schema\/fanfare\.schema\.json\n/);
      expect(byEditors.parse(parse(text))).toMatchObject({ name: expect.any(String) });
    }
    const [, readme] = /```yaml\n([^`]*)```/.exec(readFileSync('README.md', 'utf8'))!;
    expect(byEditors.parse(parse(readme!))).toMatchObject({ name: 'churn' });
  });

  test('says what every key is for', () => {
    const { described, silent } = keysOf(published, '');
    expect(described.length).toBeGreaterThan(30);
    expect(silent).toEqual([]);
  });
});

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** The paths of all keys, by whether the schema says what they are for; a `kind` is told by its values. */
function keysOf(schema: Schema, path: string): { described: string[]; silent: string[] } {
  const found = { described: [] as string[], silent: [] as string[] };
  const within = (inner: Schema, at: string) => {
    const { described, silent } = keysOf(inner, at);
    found.described.push(...described);
    found.silent.push(...silent);
  };
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const at = `${path}.${key}`;
    if (key !== 'kind') (inner.description ? found.described : found.silent).push(at);
    within(inner, at);
  }
  for (const inner of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) within(inner, path);
  if (typeof schema.additionalProperties === 'object') within(schema.additionalProperties, path);
  return found;
}
