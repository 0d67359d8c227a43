import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../../core/json.ts';
import { parsePath, parseReferencePath, readPath, writePath } from '../../../local/interpreter/json-path.ts';

// The input of the specification's section "Paths".
const input: Json = { foo: 123, bar: ['a', 'b', 'c'], car: { cdr: true } };

const read = (path: string, value: Json = input) =>
  readPath(parsePath(path), { input: value, context: { Map: { Item: { Index: 2 } } }, random: () => 0 });

test.each<[string, Json | undefined]>([
  ['$', input],
  ['$.foo', 123],
  ['$.bar', ['a', 'b', 'c']],
  ['$.car.cdr', true],
  ["$['car']['cdr']", true],
  ['$["car"].cdr', true],
  ['$.bar[1]', 'b'],
  ['$.bar[-1]', 'c'],
  ['$.bar[3]', undefined],
  ['$.bar[*]', ['a', 'b', 'c']],
  ['$.bar[1:]', ['b', 'c']],
  ['$.bar[:-1]', ['a', 'b']],
  ['$.car.*', [true]],
  ['$.none', undefined],
  ['$.none[*]', undefined],
  ['$.foo.bar', undefined],
  ['$.toString', undefined],
  ['$$.Map.Item.Index', 2],
])('%s gives what the specification says', (path, expected) => {
  expect(read(path)).toEqual(expected);
});

test('an array of matches leaves out the items that lack the field', () => {
  expect(read('$.rows[*].id', { rows: [{ id: 1 }, {}, { id: 3 }] })).toEqual([1, 3]);
});

test.each(['$.store..price', '$.a[?(@.x)]', '$.a,b', '$.a[0,1]', '$.', '$a', '$.a b'])(
  '%s is refused',
  (path) => {
    expect(() => parsePath(path)).toThrow(`the path '${path}'`);
  },
);

test.each(['$.a[*]', '$.a[0:2]', '$$.Execution.Name'])('%s is no reference path', (path) => {
  expect(() => parseReferencePath(path)).toThrow('must name one node of the input');
});

test.each<[string, Json, Json | undefined]>([
  ['$', { a: 1 }, 6],
  ['$.master.detail', { master: { detail: [1, 2, 3] } }, { master: { detail: 6 } }],
  [
    '$.master.result.sum',
    { master: { detail: [1, 2, 3] } },
    { master: { detail: [1, 2, 3], result: { sum: 6 } } },
  ],
  ['$.a[1]', { a: [1, 2] }, { a: [1, 6] }],
  ['$.a[2]', { a: [1, 2] }, undefined],
  ['$.a.b', { a: 'text' }, undefined],
  ['$.a', [1], undefined],
])('6 written at %s of %j gives %j', (path, target, expected) => {
  expect(writePath(target, parseReferencePath(path), 6)).toEqual(expected);
});

test('what is written at a path is read there, and nothing else changes', () => {
  const name = fc.string({ minLength: 1 });
  const members = fc.dictionary(name, fc.jsonValue()) as fc.Arbitrary<{ [key: string]: Json }>;
  fc.assert(
    fc.property(members, name, fc.jsonValue() as fc.Arbitrary<Json>, (target, key, value) => {
      const path = parseReferencePath(`$['${key.replaceAll(/['\\]/g, '\\$&')}']`);
      const before = JSON.stringify(target);
      const written = writePath(target, path, value);
      expect(JSON.stringify(target)).toBe(before);
      expect(readPath(path, { input: written ?? null, context: {}, random: () => 0 })).toEqual(value);
      const others = Object.keys(target).filter((other) => other !== key);
      for (const other of others) expect((written as { [key: string]: Json })[other]).toEqual(target[other]);
    }),
  );
});
