import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field } from '../../../core/tables/batch.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { byteSource } from '../../support/byte-source.ts';
import { readIn } from '../../support/tables.ts';

const strings = (...names: readonly string[]): readonly Field[] =>
  names.map((name) => ({ name, type: 'string' }));
const read = (fields: readonly Field[], ...lines: readonly string[]) =>
  readIn(byteSource(`${lines.join('\n')}\n`, 'x.ndjson'), 'ndjson', { fields }, 1);
const fieldsOf = async (lines: readonly string[], declared = {}) => {
  const { fields } = await inferSchema([byteSource(lines.join('\n'), 'x.ndjson')], 'ndjson', declared);
  return fields.map(({ name, type }) => `${name} ${type}`);
};

describe('a column named by a path', () => {
  test('has what stands there, whatever the order and blanks, and is missing where nothing does', async () => {
    const table = await read(
      [
        { name: 'user.address.city', type: 'string' },
        { name: 'user.age', type: 'integer' },
        { name: 'tags.1', type: 'string' },
      ],
      '{"user":{"age":3,"address":{"city":"Rome","zip":1}},"tags":["a","b","c"]}',
      ' { "tags" : [ {"x":[1,2]} , "t" ] , "user" : { "address" : { "city" : "N\\u00fbr" } , "age" : null } } ',
      '{"user":{"address":[],"age":7},"tags":["only"]}',
      '{"user":"bob","tags":{"1":"key"}}',
      '{"user":{},"tags":[]}',
      '{}',
    );
    expect(table.rejected).toEqual([]);
    expect(table.rows).toEqual([
      ['Rome', 3n, 'b'],
      ['Nûr', null, 't'],
      [null, 7n, null],
      [null, null, 'key'],
      [null, null, null],
      [null, null, null],
    ]);
  });

  test('has the value of that very key before that of the path', async () => {
    const table = await read(
      strings('a.b', 'a.b.c'),
      '{"a":{"b":"path"},"a.b":"key"}',
      '{"a.b":"key","a":{"b":"path"}}',
      '{"a.b":null,"a":{"b":"path"}}',
      '{"a":{"b":{"c":"deep"}}}',
      '{"a.b":{"c":"half"},"a":{"b":{"c":"deep"}}}',
    );
    expect(table.rows).toEqual([
      ['key', null],
      ['key', null],
      [null, null],
      ['{"c":"deep"}', 'deep'],
      ['{"c":"half"}', 'half'],
    ]);
  });

  test('has nothing of a key that stands again', async () => {
    const table = await read(
      strings('a.b', 'a.c'),
      '{"a":{"b":"x"},"a":{"c":"y"}}',
      '{"a":{"b":"x"},"a":5}',
      '{"a":{"b":"x","b":"z"}}',
    );
    expect(table.rows).toEqual([
      [null, 'y'],
      [null, null],
      ['z', null],
    ]);
  });

  test('may be within what is a column itself', async () => {
    const table = await read(strings('a', 'a.b'), '{"a": {"b" : 1, "c":[true]}}', '{"a":[1,{"b":2}]}');
    expect(table.rows).toEqual([
      ['{"b" : 1, "c":[true]}', '1'],
      ['[1,{"b":2}]', null],
    ]);
  });

  test('is named where its value does not fit, and a line that is no JSON within is rejected', async () => {
    const table = await read(
      [{ name: 'a.b', type: 'integer' }],
      '{"a":{"b":"x"}}',
      '{"a":{"b":1,}}',
      '{"a":{"b":1}',
      '{"a":{"b":1]}',
      '{"a":[1,,2]}',
      '{"a":{"b":1,"c":"\\q"}}',
      '{"a":{"b":1}}',
    );
    expect(table.rows).toEqual([[1n]]);
    expect(table.rejected.map(({ column, reason }) => [column, reason])).toEqual([
      ['a.b', '"x" is not an integer of 64 bits'],
      ...Array.from({ length: 5 }, () => ['', 'the line is not JSON']),
    ]);
  });

  test('is what JSON.parse gives, for any document', async () => {
    const key = fc.constantFrom('a', 'b', 'a.b', '0', '1', '');
    const { document } = fc.letrec((tie) => ({
      document: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('x', 'ü"', 1.5, true, null),
        tie('document'),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    }));
    const names = ['a', 'a.b', 'a.b.a', 'b.0', 'b.1.a', '0.a.b', 'a.', '.a'];
    await fc.assert(
      fc.asyncProperty(fc.array(document, { minLength: 1, maxLength: 5 }), async (documents) => {
        const table = await read(strings(...names), ...documents.map((each) => JSON.stringify(each)));
        expect(table.rejected).toEqual([]);
        const expected = documents.map((each) => names.map((name) => textOf(lookUp(each, name.split('.')))));
        expect(table.rows).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});

/** What the longest key leads to, each key taking one part of the name or several; among several ways the one of the fewest keys. */
function lookUp(value: unknown, parts: readonly string[]): unknown {
  const found: { readonly keys: number; readonly at: number; readonly value: unknown }[] = [];
  let order = 0;
  const walk = (within: unknown, rest: readonly string[], keys: number) => {
    if (typeof within !== 'object' || within === null) return;
    for (const [key, next] of Object.entries(within)) {
      for (let length = 1; length <= rest.length; length++) {
        if (rest.slice(0, length).join('.') !== key) continue;
        if (length === rest.length) found.push({ keys, at: order++, value: next });
        else walk(next, rest.slice(length), keys + 1);
      }
    }
  };
  walk(value, parts, 1);
  const [best] = found.toSorted((a, b) => a.keys - b.keys || b.at - a.at);
  return best?.value;
}

const textOf = (value: unknown) =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);

describe('the columns of nested objects', () => {
  test('are the paths to their values; arrays and empty objects stay JSON text', async () => {
    expect(
      await fieldsOf([
        '{"id":1,"user":{"name":"a","address":{"zip":"01","at":"2001-01-01"}},"tags":["x"],"none":{}}',
        '{"id":2,"user":null,"none":null,"user2":{"ok":true}}',
        '{"id":2,"user":{"age":3.5}}',
      ]),
    ).toEqual([
      'id integer',
      'user.name string',
      'user.address.zip string',
      'user.address.at timestamp',
      'tags string',
      'none string',
      'user2.ok boolean',
      'user.age float',
    ]);
  });

  test('are one of JSON text where some values are no objects, or where that is declared', async () => {
    expect(await fieldsOf(['{"a":{"b":1}}', '{"a":"x"}'])).toEqual(['a string']);
    expect(await fieldsOf(['{"a":{"b":1,"c":{"d":1}}}'], { 'a.c': 'string' })).toEqual([
      'a.b integer',
      'a.c string',
    ]);
    const numbers = Array.from({ length: 40 }, (_, a) => JSON.stringify({ a }));
    await expect(fieldsOf([...numbers, '{"a":{"b":1}}'])).rejects.toThrow(
      /Column a of .* holds numbers, but "an object"/,
    );
  });

  test('may be declared by any path into a value that was seen', async () => {
    expect(await fieldsOf(['{"tags":["x"]}'], { 'tags.0': 'string', 'tags.1.id': 'integer' })).toEqual([
      'tags string',
      'tags.0 string',
      'tags.1.id integer',
    ]);
    await expect(fieldsOf(['{"tags":["x"]}'], { 'tag.0': 'string' })).rejects.toThrow(/no column "tag.0"/);
  });

  test('come apart to a depth of eight', async () => {
    const deep = `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`;
    expect(await fieldsOf([deep])).toEqual(['a.a.a.a.a.a.a.a string']);
    const schema = await inferSchema([byteSource(deep, 'x.ndjson')], 'ndjson');
    expect((await read(schema.fields, deep)).rows).toEqual([['{"a":1}']]);
  });
});
