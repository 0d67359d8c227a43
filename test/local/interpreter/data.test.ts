import { expect, test } from 'vitest';
import type { Json } from '../../../core/json.ts';
import { execute } from '../../../local/interpreter/execute.ts';
import { failureOf, fakeEngine, flowOf, run, startOfTime, task } from './fake-engine.ts';

type Members = Readonly<Record<string, Json>>;

const sum = fakeEngine({
  functions: { sum: (payload) => (payload as { n: number[] }).n.reduce((a, b) => a + b, 0) },
});

// The specification, "Input and Output Processing".
const numbers: Json = {
  title: 'Numbers to add',
  numbers: { val1: 3, val2: 4 },
};

const adding = (more: Members): Members => ({
  Add: task('sum', {
    ...{ InputPath: '$.numbers', End: true },
    Parameters: { FunctionName: 'sum', Payload: { 'n.$': 'States.Array($.val1, $.val2)' } },
    ResultSelector: { 'total.$': '$.Payload' },
    ...more,
  }),
});

test('ResultPath puts the result beside the raw input, not beside what InputPath chose', async () => {
  expect(await run(adding({ ResultPath: '$.sum' }), numbers, sum)).toEqual({
    ...{ title: 'Numbers to add', numbers: { val1: 3, val2: 4 } },
    sum: { total: 7 },
  });
});

test('without ResultPath the result takes the place of the input', async () => {
  expect(await run(adding({}), numbers, sum)).toEqual({ total: 7 });
});

test('a ResultPath of null discards the result', async () => {
  expect(await run(adding({ ResultPath: null }), numbers, sum)).toEqual(numbers);
});

test('OutputPath chooses from input and result together', async () => {
  expect(await run(adding({ ResultPath: '$.sum', OutputPath: '$.sum.total' }), numbers, sum)).toBe(7);
  expect(await run(adding({ OutputPath: null }), numbers, sum)).toEqual({});
});

test('a payload template computes fields at any depth, as the specification shows', async () => {
  const states = {
    X: {
      ...{ Type: 'Pass', End: true },
      Parameters: {
        flagged: true,
        parts: { 'first.$': '$.vals[0]', 'last3.$': '$.vals[-3:]' },
        'weekday.$': '$$.Execution.Input.day',
        'formattedOutput.$': "States.Format('Today is {}', $$.Execution.Input.day)",
        list: [{ 'x.$': '$.vals[1]' }, 'fixed'],
      },
    },
  };
  expect(await run(states, { flagged: 7, vals: [0, 10, 20, 30, 40, 50], day: 'TUESDAY' })).toEqual({
    flagged: true,
    parts: { first: 0, last3: [30, 40, 50] },
    ...{ weekday: 'TUESDAY', formattedOutput: 'Today is TUESDAY', list: [{ x: 10 }, 'fixed'] },
  });
});

test('Pass puts its Result where ResultPath says, as the specification shows', async () => {
  const states = {
    'No-op': {
      Type: 'Pass',
      Result: { 'x-datum': 0.381018, 'y-datum': 622.2269926397355 },
      ResultPath: '$.coords',
      End: true,
    },
  };
  expect(await run(states, { georefOf: 'Home' })).toEqual({
    georefOf: 'Home',
    coords: { 'x-datum': 0.381018, 'y-datum': 622.2269926397355 },
  });
});

test('a function of Lambda answers with payload, status and version', async () => {
  const engine = fakeEngine({ functions: { f: () => ({ a: 1 }) } });
  const expected = { ExecutedVersion: '$LATEST', Payload: { a: 1 }, StatusCode: 200 };
  expect(await run({ A: task('f') }, {}, engine)).toEqual(expected);
});

test('the context object tells about the execution, the state and the flow', async () => {
  const states = { A: { Type: 'Pass', Parameters: { 'c.$': '$$' }, End: true } };
  expect(await run(states, { x: 1 })).toEqual({
    c: {
      Execution: {
        ...{ Id: 'arn:aws:states:local:000000000000:execution:test:run-1', Name: 'run-1' },
        ...{ StartTime: '2026-01-01T00:00:00.000Z', Input: { x: 1 } },
      },
      State: { Name: 'A', EnteredTime: '2026-01-01T00:00:00.000Z', RetryCount: 0 },
      StateMachine: { Id: 'arn:aws:states:local:000000000000:stateMachine:test', Name: 'test' },
    },
  });
});

test.each<[string, Members]>([
  ['InputPath', { Type: 'Pass', InputPath: '$.none', End: true }],
  ['OutputPath', { Type: 'Pass', OutputPath: '$.none', End: true }],
  ['Parameters', { Type: 'Pass', Parameters: { 'a.$': '$.none' }, End: true }],
  ['an argument', { Type: 'Pass', Parameters: { 'a.$': 'States.ArrayLength($.none)' }, End: true }],
  ['SecondsPath', { Type: 'Wait', SecondsPath: '$.none', End: true }],
  ['TimestampPath', { Type: 'Wait', TimestampPath: '$.none', End: true }],
  ['ResultSelector', task('f', { ResultSelector: { 'a.$': '$.none' }, End: true }) as Members],
  ['CausePath', { Type: 'Fail', CausePath: '$.none' }],
])('a path of %s that finds nothing fails with States.Runtime', async (_, state) => {
  const failure = await failureOf(run({ A: state }));
  expect(failure.error).toBe('States.Runtime');
  expect(failure.cause).toContain('$.none');
});

test('States.Runtime is caught by nothing, not even by States.ALL', async () => {
  const caught = task('f', {
    ...{ ResultSelector: { 'a.$': '$.none' }, End: true },
    Retry: [{ ErrorEquals: ['States.ALL'] }],
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
  });
  const engine = fakeEngine();
  expect((await failureOf(run({ A: caught, B: { Type: 'Succeed' } }, {}, engine))).error).toBe(
    'States.Runtime',
  );
  expect(engine.calls).toHaveLength(1);
});

test('a result that cannot be placed is States.ResultPathMatchFailure', async () => {
  const failure = await failureOf(run({ A: task('f', { ResultPath: '$.a.b', End: true }) }, { a: 'text' }));
  expect(failure.error).toBe('States.ResultPathMatchFailure');
});

test.each<[Members, number]>([
  [{ Seconds: 10 }, 10],
  [{ SecondsPath: '$.seconds' }, 7],
  [{ Timestamp: '2026-01-01T00:00:05Z' }, 5],
  [{ TimestampPath: '$.until' }, 3600],
  [{ Timestamp: '2016-03-14T01:59:00Z' }, 0],
])('Wait with %j takes %d seconds', async (until, seconds) => {
  const engine = fakeEngine();
  const input = { seconds: 7, until: '2026-01-01T02:00:00+01:00' };
  expect(await run({ A: { Type: 'Wait', ...until, End: true } }, input, engine)).toEqual(input);
  expect(engine.now() - startOfTime).toBe(seconds * 1000);
});

test.each([0.5, -1, '1', null])('a wait of %j seconds fails', async (seconds) => {
  const failure = await failureOf(
    run({ A: { Type: 'Wait', SecondsPath: '$.s', End: true } }, { s: seconds }),
  );
  expect(failure).toMatchObject({ error: 'States.Runtime', cause: expect.stringContaining('whole number') });
});

test('Fail names its error and cause, fixed or from the input', async () => {
  const fixed = { Type: 'Fail', Error: 'ErrorA', Cause: 'Kaiju attack' };
  expect(await failureOf(run({ A: fixed }))).toEqual({ error: 'ErrorA', cause: 'Kaiju attack' });
  const computed = { Type: 'Fail', ErrorPath: '$.e', CausePath: 'States.JsonToString($.error)' };
  const failure = await failureOf(run({ A: computed }, { e: 'E', error: { Error: 'X', Cause: 'y' } }));
  expect(failure).toEqual({ error: 'E', cause: '{"Error":"X","Cause":"y"}' });
});

test('more than 256 KiB between two states is States.DataLimitExceeded', async () => {
  const engine = fakeEngine({ functions: { f: (size) => 'x'.repeat(Number(size)) } });
  const states = { A: task('f', { OutputPath: '$.Payload', End: true }) };
  const envelope = JSON.stringify({ ExecutedVersion: '$LATEST', Payload: '', StatusCode: 200 }).length;
  expect(await run(states, 256 * 1024 - envelope, engine)).toHaveLength(256 * 1024 - envelope);
  const failure = await failureOf(run(states, 256 * 1024 - envelope + 1, engine));
  expect(failure.error).toBe('States.DataLimitExceeded');
});

test('an execution whose signal aborts ends as Aborted and calls nothing more', async () => {
  const engine = fakeEngine({
    functions: { f: (_, world, signal) => world.sleep(1000, signal).then(() => null) },
  });
  const flow = flowOf({ A: task('f', { Next: 'B' }), B: task('g') });
  const abort = new AbortController();
  const running = execute(engine, flow, {}, { name: 'run-1', signal: abort.signal });
  abort.abort(new Error('enough'));
  expect(await failureOf(running)).toEqual({ error: 'Aborted', cause: 'Error: enough' });
  expect(engine.calls.map(({ name }) => name)).toEqual(['f']);
});
