import { describe, expect, test } from 'vitest';
import type { FanfareError } from '../../../core/errors.ts';
import type { Json } from '../../../core/json.ts';
import { loadFlow } from '../../../local/interpreter/load.ts';
import { task } from './fake-engine.ts';

type Members = Readonly<Record<string, Json>>;

/** Everything that is wrong with a flow of these states. */
function problems(
  states: Members,
  more: Members = {},
  substitutions: Readonly<Record<string, string>> = {},
): string[] {
  const text = JSON.stringify({ StartAt: Object.keys(states)[0] ?? '', States: states, ...more });
  try {
    loadFlow('test', text, substitutions);
    return [];
  } catch (error) {
    expect((error as FanfareError).name).toBe('InvalidSpec');
    return (error as Error).message.split('\n  ').slice(1);
  }
}

const done = { Type: 'Succeed' };
const pass = (more: Members): Json => ({ Type: 'Pass', End: true, ...more });
const inner: Members = { StartAt: 'One', States: { One: done } };
const distributed: Members = {
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
  ...inner,
};
const map = (more: Members, processor: Members = inner): Json => ({
  ...{ Type: 'Map', End: true, ItemProcessor: processor },
  ...more,
});
const choice = (rule: Members): Members => ({
  A: { Type: 'Choice', Choices: [{ ...rule, Next: 'B' }] },
  B: done,
});
const retry = (...retriers: Members[]): Members => ({ A: task('f', { End: true, Retry: retriers }) });
const parameters = (given: Members): Members => ({ A: pass({ Parameters: given }) });

test('a state with every field that it may have is accepted', () => {
  const retrier = {
    ErrorEquals: ['E', 'States.Timeout'],
    IntervalSeconds: 1,
    MaxAttempts: 0,
    BackoffRate: 1.5,
  };
  const full = task('f', {
    ...{
      Comment: 'c',
      InputPath: '$.a',
      OutputPath: null,
      ResultPath: '$.r',
      TimeoutSeconds: 900,
      End: true,
    },
    ResultSelector: { 'p.$': '$.Payload', list: [{ 'deep.$': '$$.State.RetryCount' }] },
    Retry: [{ ...retrier, MaxDelaySeconds: 30, JitterStrategy: 'FULL' }, { ErrorEquals: ['States.ALL'] }],
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'B' }],
  });
  expect(problems({ A: full, B: done })).toEqual([]);
});

test('all problems are listed at once, each with its path', () => {
  const states = {
    A: task('f', { End: true, Retry: [{ ErrorEquals: ['E'], MaxAttemps: 3 }] }),
    B: { Type: 'Psas' },
  };
  expect(problems(states)).toEqual([
    'States.A.Retry[0].MaxAttemps: unknown field; did you mean MaxAttempts?',
    'States.B.Type: unknown state type "Psas"; did you mean Pass?',
  ]);
});

test('text that is no JSON is refused', () => {
  expect(() => loadFlow('test', '{', {})).toThrow(/flow test is not JSON/);
});

test('substitutions reach every text, and one that is missing is refused where it stands', () => {
  const states = { A: task(`\${Fn}`, { End: true }) };
  expect(problems(states, {}, { Fn: 'f' })).toEqual([]);
  expect(problems(states, {}, { Gn: 'g' })).toEqual([
    `States.A.Parameters.FunctionName: no substitution for \${Fn}; there are Gn`,
  ]);
});

describe('refused', () => {
  test.each<[string, Members, string]>([
    [
      'an unknown field of a state',
      { A: pass({ Resutl: 1 }) },
      'States.A.Resutl: unknown field; did you mean Result?',
    ],
    [
      'a field of another kind of state',
      { A: pass({ Seconds: 1 }) },
      'States.A.Seconds: unknown field; known are',
    ],
    ['what only JSONata has', { A: pass({ Assign: {} }) }, 'States.A.Assign: is not supported: variables'],
    ['JSONata', { A: pass({ QueryLanguage: 'JSONata' }) }, 'States.A.QueryLanguage: must be JSONPath'],
    [
      'an old name',
      { A: map({ Iterator: inner }) },
      'States.A.Iterator: is not supported: it is the old name',
    ],
    [
      'ItemBatcher',
      { A: map({ ItemBatcher: {} }) },
      'States.A.ItemBatcher: is not supported: emulators ignore it',
    ],
    ['Next and End', { A: pass({ Next: 'A' }) }, 'States.A: Next and End exclude each other'],
    ['neither Next nor End', { A: { Type: 'Pass' } }, 'States.A: one of Next, End is needed'],
    [
      'a Next that is not there',
      { A: { Type: 'Pass', Next: 'Bb' }, B: done },
      "States.A.Next: no state 'Bb' here; did you mean B?",
    ],
    ['a state that nothing leads to', { A: done, B: done }, 'States.B: no state leads here'],
    [
      'two states of one name',
      { One: map({}) },
      'States.One.ItemProcessor.States.One: another state of the flow',
    ],
    ['a long name', { ['x'.repeat(81)]: done }, 'at most 80 characters'],
    ['no states', {}, 'States: must be an object of states'],
    [
      'an unknown resource',
      { A: { ...(task('f') as Members), Resource: 'arn:aws:states:::sns:publish' } },
      "States.A.Resource: unknown resource 'arn:aws:states:::sns:publish'; known are",
    ],
    [
      'an unknown parameter',
      { A: task('f', { End: true, Parameters: { FunctionName: 'f', Paylod: 1 } }) },
      'States.A.Parameters.Paylod: unknown field; did you mean Payload?',
    ],
    [
      'a Task without parameters',
      { A: { Type: 'Task', End: true, Resource: 'arn:aws:states:::lambda:invoke' } },
      'States.A.Parameters: is missing',
    ],
    [
      'an unknown intrinsic',
      parameters({ 'a.$': 'States.Now()' }),
      'States.A.Parameters.a.$: unknown intrinsic function States.Now',
    ],
    [
      'a path without $',
      parameters({ 'a.$': 'x' }),
      "States.A.Parameters.a.$: a path ($.…) or an intrinsic function (States.…) is needed, given 'x'",
    ],
    [
      'a number as path',
      parameters({ list: [{ 'a.$': 1 }] }),
      'States.A.Parameters.list[0].a.$: a field named *.$ must hold',
    ],
    ['a field given twice', parameters({ a: 1, 'a.$': '$' }), 'States.A.Parameters: a is given twice'],
    [
      'an unknown field of the context',
      parameters({ 'a.$': '$$.Execution.Arn' }),
      "no 'Arn' in $$.Execution; it has Id, Name",
    ],
    ['a filter', { A: pass({ InputPath: '$.a[?(@.x)]' }) }, 'States.A.InputPath: cannot read'],
    [
      'a ResultPath of many nodes',
      { A: pass({ ResultPath: '$.a[*]' }) },
      'States.A.ResultPath: must name one node',
    ],
    [
      'an unknown error of the language',
      retry({ ErrorEquals: ['States.Timedout'] }),
      'States.A.Retry[0].ErrorEquals: unknown error name States.Timedout',
    ],
    ['States.ALL beside others', retry({ ErrorEquals: ['States.ALL', 'E'] }), 'States.ALL must stand alone'],
    [
      'States.ALL before others',
      retry({ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }),
      'States.A.Retry[0].ErrorEquals: States.ALL must stand alone, and in the last',
    ],
    [
      'no errors',
      retry({ ErrorEquals: [] }),
      'States.A.Retry[0].ErrorEquals: must be an array of error names',
    ],
    [
      'a rate below 1',
      retry({ ErrorEquals: ['E'], BackoffRate: 0.5 }),
      'States.A.Retry[0].BackoffRate: must be a number from 1',
    ],
    ['half an attempt', retry({ ErrorEquals: ['E'], MaxAttempts: 1.5 }), 'must be a whole number from 0'],
    [
      'a short MaxDelaySeconds',
      retry({ ErrorEquals: ['E'], IntervalSeconds: 5, MaxDelaySeconds: 5 }),
      'must be greater than IntervalSeconds',
    ],
    [
      'an unknown jitter',
      retry({ ErrorEquals: ['E'], JitterStrategy: 'HALF' }),
      'must be NONE or FULL, given "HALF"',
    ],
    [
      'a Catch to nowhere',
      { A: task('f', { End: true, Catch: [{ ErrorEquals: ['E'], Next: 'C' }] }) },
      "States.A.Catch[0].Next: no state 'C' here",
    ],
    [
      'a fractional wait',
      { A: { Type: 'Wait', Seconds: 0.5, End: true } },
      'States.A.Seconds: must be a whole number',
    ],
    [
      'two waits',
      { A: { Type: 'Wait', Seconds: 1, SecondsPath: '$.s', End: true } },
      'Seconds and SecondsPath exclude each other',
    ],
    [
      'a date as timestamp',
      { A: { Type: 'Wait', Timestamp: '2026-01-01', End: true } },
      "such as 2016-03-14T01:59:00Z, given '2026-01-01'",
    ],
    [
      'a timeout of 0',
      { A: task('f', { End: true, TimeoutSeconds: 0 }) },
      'States.A.TimeoutSeconds: must be a whole number from 1',
    ],
    [
      'an unknown comparison',
      choice({ Variable: '$.a', StringEqual: 'x' }),
      'States.A.Choices[0].StringEqual: unknown field; did you mean StringEquals?',
    ],
    [
      'two comparisons',
      choice({ Variable: '$.a', IsNull: true, IsString: true }),
      'States.A.Choices[0]: IsNull and IsString exclude',
    ],
    [
      'an operand of another type',
      choice({ Variable: '$.a', NumericEquals: '1' }),
      'NumericEquals: must be a numeric, given "1"',
    ],
    ['a rule without Variable', choice({ StringEquals: 'x' }), 'States.A.Choices[0].Variable: is missing'],
    [
      'a Next within And',
      choice({ And: [{ Variable: '$', IsNull: true, Next: 'B' }] }),
      'States.A.Choices[0].And[0].Next: unknown field',
    ],
    [
      'a cause that is no string',
      { A: { Type: 'Fail', CausePath: 'States.Array(1)' } },
      'States.A.CausePath: needs a function that gives a string',
    ],
    [
      'Cause twice',
      { A: { Type: 'Fail', Cause: 'c', CausePath: '$.c' } },
      'Cause and CausePath exclude each other',
    ],
    ['a Map without processor', { A: { Type: 'Map', End: true } }, 'States.A.ItemProcessor: is missing'],
    [
      'tolerance in an inline Map',
      { A: map({ ToleratedFailureCount: 1 }) },
      'States.A.ToleratedFailureCount: is for Maps of mode DISTRIBUTED only',
    ],
    [
      'a distributed Map without type',
      { A: map({}, { ...inner, ProcessorConfig: { Mode: 'DISTRIBUTED' } }) },
      'ExecutionType: is needed in this Mode',
    ],
    [
      '101 percent',
      { A: map({ ToleratedFailurePercentage: 101 }, distributed) },
      'must be a number from 0 to 100',
    ],
    [
      'a manifest of CSV',
      {
        A: map(
          {
            ItemReader: {
              Resource: 'arn:aws:states:::s3:getObject',
              ReaderConfig: { InputType: 'CSV' },
              Parameters: { Bucket: 'b', Key: 'k' },
            },
          },
          distributed,
        ),
      },
      'InputType: must be JSON, given "CSV"',
    ],
    [
      'a reader without key',
      {
        A: map(
          {
            ItemReader: {
              Resource: 'arn:aws:states:::s3:getObject',
              ReaderConfig: { InputType: 'JSON' },
              Parameters: { Bucket: 'b' },
            },
          },
          distributed,
        ),
      },
      'States.A.ItemReader.Parameters: one of Key, Key.$ is needed',
    ],
    [
      'a result of files that are not written',
      {
        A: map(
          {
            ResultWriter: {
              Resource: 'arn:aws:states:::s3:putObject',
              Parameters: { Bucket: 'b', Prefix: 'p' },
            },
          },
          distributed,
        ),
      },
      'States.A.ResultPath: must be null beside a ResultWriter',
    ],
    [
      'a Parallel without branches',
      { A: { Type: 'Parallel', End: true, Branches: [] } },
      'States.A.Branches: must be an array of branches',
    ],
    [
      'a branch without StartAt',
      { A: { Type: 'Parallel', End: true, Branches: [{ States: { B: done } }] } },
      'States.A.Branches[0].StartAt: is missing',
    ],
  ])('%s', (_, states, expected) => {
    const found = problems(states);
    expect(found.join('\n')).toContain(expected);
  });

  test.each<[Members, string]>([
    [{ Timeout: 1 }, 'Timeout: unknown field; known are'],
    [{ Version: '2.0' }, 'Version: must be 1.0, given "2.0"'],
    [{ StartAt: 'B' }, "StartAt: no state 'B' here; did you mean A?"],
    [{ TimeoutSeconds: 1.5 }, 'TimeoutSeconds: must be a whole number'],
  ])('%j at the top', (more, expected) => {
    expect(problems({ A: done }, more).join('\n')).toContain(expected);
  });
});
