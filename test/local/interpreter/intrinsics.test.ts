import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../core/json.ts';
import { evaluate, parseExpression } from '../../../local/interpreter/expression.ts';

const call = (text: string, input: Json = {}, random: () => number = () => 0.5): Json =>
  evaluate(parseExpression(text), { input, context: { Execution: { Name: 'run-1' } }, random });

const error = (text: string, input: Json = {}): string => {
  try {
    return `no error, but ${JSON.stringify(call(text, input))}`;
  } catch (thrown) {
    return (thrown as Error).message;
  }
};

describe('the examples of the specification and of the Step Functions guide', () => {
  test.each<[string, Json, Json]>([
    [
      "States.Format('Your name is {}, we are in the year {}', $.name, 2020)",
      { name: 'Foo' },
      'Your name is Foo, we are in the year 2020',
    ],
    [
      'States.Format($.template, $.name)',
      { name: 'Arnav', template: 'Hello, my name is {}.' },
      'Hello, my name is Arnav.',
    ],
    ['States.StringToJson($.someString)', { someString: '{"hello": "world"}' }, { hello: 'world' }],
    [
      'States.JsonToString($.someJson)',
      { someJson: { name: 'Foo', year: 2020 } },
      '{"name":"Foo","year":2020}',
    ],
    [
      "States.Array('Foo', 2020, $.someJson, null)",
      { someJson: { random: 'abcdefg' } },
      ['Foo', 2020, { random: 'abcdefg' }, null],
    ],
    ['States.Array()', {}, []],
    [
      'States.ArrayPartition($.inputArray, 4)',
      { inputArray: [1, 2, 3, 4, 5, 6, 7, 8, 9] },
      [[1, 2, 3, 4], [5, 6, 7, 8], [9]],
    ],
    [
      'States.ArrayContains($.inputArray, $.lookingFor)',
      { inputArray: [1, 2, 3, 4, 5, 6, 7, 8, 9], lookingFor: 5 },
      true,
    ],
    ['States.ArrayContains($.a, $.b)', { a: [{ x: 1, y: 2 }], b: { y: 2, x: 1 } }, true],
    ['States.ArrayRange(1, 9, 2)', {}, [1, 3, 5, 7, 9]],
    ['States.ArrayRange(3, 1, -1)', {}, [3, 2, 1]],
    ['States.ArrayGetItem($.inputArray, $.index)', { inputArray: [1, 2, 3, 4, 5], index: 3 }, 4],
    ['States.ArrayLength($.inputArray)', { inputArray: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, 9],
    ['States.ArrayUnique($.inputArray)', { inputArray: [1, 2, 3, 3, 3, 3, 3, 3, 4] }, [1, 2, 3, 4]],
    ['States.ArrayUnique($.a)', { a: [1, 2, 1, '1'] }, [1, 2, '1']],
    ['States.Base64Encode($.input)', { input: 'Data to encode' }, 'RGF0YSB0byBlbmNvZGU='],
    ['States.Base64Decode($.base64)', { base64: 'RGF0YSB0byBlbmNvZGU=' }, 'Data to encode'],
    [
      'States.Hash($.Data, $.Algorithm)',
      { Data: 'input data', Algorithm: 'SHA-1' },
      'aaff4a450a104cd177d28d18d74485e8cae074b7',
    ],
    [
      'States.JsonMerge($.json1, $.json2, false)',
      { json1: { a: { a1: 1, a2: 2 }, b: 2 }, json2: { a: { a3: 1, a4: 2 }, c: 3 } },
      { a: { a3: 1, a4: 2 }, b: 2, c: 3 },
    ],
    ['States.MathAdd($.value1, $.value2)', { value1: 111, value2: -1 }, 110],
    ['States.MathAdd(1.5, -1.5)', {}, 1],
    [
      'States.StringSplit($.inputString, $.splitter)',
      { inputString: '1,2,3,4,5', splitter: ',' },
      ['1', '2', '3', '4', '5'],
    ],
    [
      'States.StringSplit($.inputString, $.splitter)',
      { inputString: 'This.is+a,test=string', splitter: '.+,=' },
      ['This', 'is', 'a', 'test', 'string'],
    ],
    ["States.Format('{}', States.ArrayGetItem(States.StringSplit('a,b', ','), 1))", {}, 'b'],
    ["States.Format('it\\'s {} at {}', true, $$.Execution.Name)", {}, "it's true at run-1"],
  ])('%s', (text, input, expected) => {
    expect(call(text, input)).toEqual(expected);
  });
});

test('hashes are those that coreutils print', () => {
  expect(call("States.Hash('abc', 'MD5')")).toBe('900150983cd24fb0d6963f7d28e17f72');
  expect(call("States.Hash('abc', 'SHA-1')")).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(call("States.Hash('abc', 'SHA-256')")).toBe(sha256);
});

test('chance is the one that was passed in', () => {
  expect(call('States.MathRandom(1, 999)', {}, () => 0)).toBe(1);
  expect(call('States.MathRandom(1, 999)', {}, () => 0.999999)).toBe(998);
  expect(call('States.UUID()', {}, () => 0)).toBe('00000000-0000-4000-8000-000000000000');
  expect(call('States.UUID()', {}, () => 0.999999)).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
});

test('a seed gives the same number whatever the chance', () => {
  const numbers = [0.1, 0.9].map((chance) => call('States.MathRandom(1, 999, 7)', {}, () => chance));
  expect(numbers[0]).toBe(numbers[1]);
});

test.each([
  ["States.Format('{} {}', 1)", '2 places {} for 1 values'],
  ["States.Format('{}', $.a)", 'takes strings, numbers, booleans and null'],
  ["States.StringToJson('{')", 'cannot read'],
  ['States.ArrayPartition($.a.b, 0)', 'must be at least 1'],
  ['States.ArrayRange(0, 1000, 1)', 'at most 1,000 items'],
  ['States.ArrayRange(0, 1, 0)', 'must not be 0'],
  ['States.ArrayGetItem($.a.b, 2)', 'no item 2 in an array of 2'],
  ["States.ArrayLength('x')", 'an array is needed, given "x"'],
  ["States.Base64Decode('?')", 'cannot read'],
  ["States.Hash('abc', 'CRC')", "SHA-512, given 'CRC'"],
  ['States.JsonMerge($.a, $.a, true)', 'shallow mode only'],
  ['States.MathRandom(5, 5)', 'is empty'],
])('%s fails with States.IntrinsicFailure', (text, cause) => {
  const message = error(text, { a: { b: [1, 2] } });
  expect(message).toMatch(/^States\.IntrinsicFailure: /);
  expect(message).toContain(cause);
});

test.each([
  ["States.Fromat('x')", 'unknown intrinsic function States.Fromat; did you mean States.Format?'],
  ['States.UUID(1)', 'States.UUID takes 0 arguments, given 1'],
  ['States.MathRandom(1)', 'States.MathRandom takes 2 to 3 arguments, given 1'],
  ["States.Array('a' 'b')", "',' or ')' is missing"],
  ["States.Array('a', )", "cannot read ')'"],
  ["States.Array('a", "cannot read ''a'"],
  ['States.Array(1) ', 'at the end of'],
  ['$.a..b', "cannot read '..b'"],
  ['$.a[?(@.b > 1)]', 'cannot read'],
  ['$.a.length()', "cannot read '()'"],
  ['$$.Execution.RoleArn', "no 'RoleArn' in $$.Execution"],
  ['$$.Task.Token', "no 'Task' in the context object"],
  ['name', 'a path ($.…) or an intrinsic function'],
])('%s is refused when it is read', (text, why) => {
  expect(() => parseExpression(text)).toThrow(why);
});

const json = fc.jsonValue() as fc.Arbitrary<Json>;

test('what JsonToString writes, StringToJson reads', () => {
  fc.assert(
    fc.property(json, (value) => {
      const back = call('States.StringToJson(States.JsonToString($))', value);
      expect(back).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the parts of an array, put together, are the array', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (items, size) => {
      const parts = call('States.ArrayPartition($.items, $.size)', { items, size }) as number[][];
      expect(parts.flat()).toEqual(items);
      expect(parts.every((part) => part.length > 0 && part.length <= size)).toBe(true);
    }),
  );
});
