import { expect, test } from 'vitest';
import type { Json } from '../../../core/json.ts';
import { failureOf, run } from './fake-engine.ts';

/** Whether the rule holds over the input. */
const holds = async (rule: { readonly [key: string]: Json }, input: Json): Promise<Json> =>
  run(
    {
      Choose: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Pass', Result: true, End: true },
      No: { Type: 'Pass', Result: false, End: true },
    },
    input,
  );

// The Choice state of the specification, "Choice State".
const specification: Json = {
  Type: 'Choice',
  Choices: [
    { Not: { Variable: '$.type', StringEquals: 'Private' }, Next: 'Public' },
    {
      And: [
        { Variable: '$.value', IsPresent: true },
        { Variable: '$.value', IsNumeric: true },
        { Variable: '$.value', NumericGreaterThanEquals: 20 },
        { Variable: '$.value', NumericLessThan: 30 },
      ],
      Next: 'ValueInTwenties',
    },
  ],
  Default: 'RecordEvent',
};

test.each<[Json, string]>([
  [{ type: 'Public' }, 'Public'],
  [{ type: 'Private', value: 22 }, 'ValueInTwenties'],
  [{ type: 'Private', value: 30 }, 'RecordEvent'],
  [{ type: 'Private', value: '22' }, 'RecordEvent'],
  [{ type: 'Private' }, 'RecordEvent'],
])('%j takes the branch that the specification names', async (input, expected) => {
  const ends = ['Public', 'ValueInTwenties', 'RecordEvent'].map((name) => [
    name,
    { Type: 'Pass', Result: name, End: true },
  ]);
  expect(await run({ Start: specification, ...Object.fromEntries(ends) }, input)).toBe(expected);
});

test.each<[string, Json, Json, boolean]>([
  ['StringEquals', 'a', 'a', true],
  ['StringEquals', '1', 1, false],
  ['StringLessThan', 'b', 'a', true],
  ['StringGreaterThan', 'a', 'b', true],
  ['StringLessThanEquals', 'a', 'a', true],
  ['StringGreaterThanEquals', 'b', 'a', false],
  ['StringMatches', 'log-*.txt', 'log-2026.txt', true],
  ['StringMatches', 'log-*.txt', 'log-2026xtxt', false],
  ['StringMatches', 'a\\*b', 'a*b', true],
  ['StringMatches', 'a\\*b', 'axb', false],
  ['StringMatches', '*', '', true],
  ['NumericEquals', 1, 1.0, true],
  ['NumericEquals', 1, '1', false],
  ['NumericLessThan', 2, 1, true],
  ['NumericGreaterThan', 2, 2, false],
  ['NumericLessThanEquals', 2, 2, true],
  ['NumericGreaterThanEquals', 2, 1, false],
  ['BooleanEquals', true, true, true],
  ['BooleanEquals', false, null, false],
  ['TimestampEquals', '2016-08-18T17:33:00Z', '2016-08-18T19:33:00+02:00', true],
  ['TimestampLessThan', '2016-08-18T17:33:00Z', '2016-08-18T17:32:59.999Z', true],
  ['TimestampGreaterThan', '2016-08-18T17:33:00Z', 'yesterday', false],
  ['TimestampLessThanEquals', '2016-08-18T17:33:00Z', '2016-08-18T17:33:00Z', true],
  ['TimestampGreaterThanEquals', '2016-08-18T17:33:00Z', '2016-08-18T17:33:00Z', true],
  ['IsNull', true, null, true],
  ['IsNull', false, 0, true],
  ['IsNumeric', true, '0', false],
  ['IsString', true, '0', true],
  ['IsBoolean', true, false, true],
  ['IsTimestamp', true, '2016-03-14T01:59:00Z', true],
  ['IsTimestamp', true, '2016-03-14t01:59:00z', false],
  ['IsTimestamp', true, '2016-03-14', false],
  ['IsPresent', true, null, true],
  ['IsPresent', false, 1, false],
])('%s %j over %j is not guessed: %s', async (test, operand, value, expected) => {
  expect(await holds({ Variable: '$.value', [test]: operand }, { value })).toBe(expected);
});

test.each<[string, Json, Json, boolean]>([
  ['StringEqualsPath', 'x', 'x', true],
  ['NumericLessThanPath', 3, 2, true],
  ['TimestampGreaterThanEqualsPath', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', true],
  ['BooleanEqualsPath', true, false, false],
])('%s compares with another place of the input', async (test, limit, value, expected) => {
  expect(await holds({ Variable: '$.value', [test]: '$.limit' }, { limit, value })).toBe(expected);
});

test('Or, And and Not nest', async () => {
  const is = (name: string) => ({ Variable: `$.${name}`, BooleanEquals: true });
  const rule = { Or: [{ And: [is('a'), { Not: is('b') }] }, is('c')] };
  expect(await holds(rule, { a: true, b: false, c: false })).toBe(true);
  expect(await holds(rule, { a: true, b: true, c: false })).toBe(false);
  expect(await holds(rule, { a: false, b: true, c: true })).toBe(true);
});

test('a variable that is missing fails the execution, but not the question whether it is present', async () => {
  const failure = await failureOf(holds({ Variable: '$.value', NumericEquals: 1 }, {}));
  expect(failure).toMatchObject({ error: 'States.Runtime', cause: expect.stringContaining('$.value') });
  expect(await holds({ Variable: '$.value', IsPresent: false }, {})).toBe(true);
});

test('no rule that holds and no Default is States.NoChoiceMatched', async () => {
  const states = {
    Choose: { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'End' }] },
    End: { Type: 'Succeed' },
  };
  expect((await failureOf(run(states))).error).toBe('States.NoChoiceMatched');
});
