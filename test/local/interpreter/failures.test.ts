import { expect, test } from 'vitest';
import type { Json } from '../../../core/json.ts';
import { TaskError } from '../../../local/interpreter/errors.ts';
import { execute } from '../../../local/interpreter/execute.ts';
import { type FakeFunction, failureOf, fakeEngine, flowOf, run, task } from './fake-engine.ts';

type Members = Readonly<Record<string, Json>>;

/** Fails with each of these in turn, then succeeds. */
function failing(...errors: string[]): FakeFunction {
  const left = [...errors];
  return () => {
    const error = left.shift();
    if (error !== undefined) throw new TaskError(error, `cause of ${error}`);
    return 'fine';
  };
}

const fails = (count: number, error = 'ErrorA') => failing(...Array.from({ length: count }, () => error));

/** The seconds at which the function was called, and how it ended. */
async function attempts(retry: readonly Members[], work: FakeFunction, random = () => 0.5) {
  const engine = fakeEngine({ functions: { f: work }, random });
  const state = task('f', { Retry: retry, OutputPath: '$.Payload', End: true });
  const end = await run({ A: state }, {}, engine).catch((error: { error: string }) => error.error);
  return { at: engine.calls.map(({ at }) => at), end };
}

test('the retrier of the specification waits 3 seconds, then 4.5', async () => {
  const retrier = { ErrorEquals: ['States.Timeout'], IntervalSeconds: 3, MaxAttempts: 2, BackoffRate: 1.5 };
  const expected = { at: [0, 3, 7.5], end: 'States.Timeout' };
  expect(await attempts([retrier], fails(9, 'States.Timeout'))).toEqual(expected);
});

test('without more it retries three times, after 1, 2 and 4 seconds', async () => {
  expect(await attempts([{ ErrorEquals: ['ErrorA'] }], fails(9))).toEqual({
    at: [0, 1, 3, 7],
    end: 'ErrorA',
  });
});

test('MaxDelaySeconds bounds the wait', async () => {
  const retrier = { ErrorEquals: ['States.ALL'], IntervalSeconds: 3, MaxDelaySeconds: 5, MaxAttempts: 4 };
  expect((await attempts([retrier], fails(9))).at).toEqual([0, 3, 8, 13, 18]);
});

test('FULL jitter waits a random part of that', async () => {
  const retrier = { ErrorEquals: ['States.ALL'], IntervalSeconds: 8, MaxAttempts: 2, JitterStrategy: 'FULL' };
  expect((await attempts([retrier], fails(9), () => 0.25)).at).toEqual([0, 2, 6]);
});

test('MaxAttempts 0 is never', async () => {
  const retriers = [{ ErrorEquals: ['ErrorA'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];
  expect(await attempts(retriers, fails(9))).toEqual({ at: [0], end: 'ErrorA' });
});

// The specification, "Complex retry scenarios": errors ErrorA, ErrorB, ErrorC, ErrorB, ErrorB.
test('each retrier counts for itself', async () => {
  const retriers = [
    { ErrorEquals: ['ErrorA', 'ErrorB'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 },
    { ErrorEquals: ['ErrorC'], IntervalSeconds: 5 },
  ];
  const work = failing('ErrorA', 'ErrorB', 'ErrorC', 'ErrorB', 'ErrorB');
  // After 1 s and 2 s by the first, 5 s by the second; then the first is used up.
  expect(await attempts(retriers, work)).toEqual({ at: [0, 1, 3, 8], end: 'ErrorB' });
});

test.each<[string, string, boolean]>([
  ['States.ALL', 'ErrorA', true],
  ['States.ALL', 'States.Timeout', true],
  ['States.ALL', 'States.DataLimitExceeded', false],
  ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
  ['States.TaskFailed', 'ErrorA', true],
  ['States.TaskFailed', 'Lambda.Unknown', true],
  ['States.TaskFailed', 'States.Timeout', false],
  ['ErrorA', 'ErrorAB', false],
])('%s and the error %s: %s', async (pattern, error, matched) => {
  const { end } = await attempts([{ ErrorEquals: [pattern] }], fails(1, error));
  expect(end).toBe(matched ? 'fine' : error);
});

test('an exception that is no TaskError has its own name', async () => {
  const throwing = () => {
    throw new TypeError('x is not a function');
  };
  const engine = fakeEngine({ functions: { f: throwing } });
  const failure = await failureOf(run({ A: task('f') }, {}, engine));
  expect(failure).toEqual({ error: 'TypeError', cause: 'x is not a function' });
});

test('$$.State.RetryCount counts the attempts', async () => {
  const engine = fakeEngine({ functions: { f: fails(2) } });
  const state = task('f', {
    ...{ Parameters: { FunctionName: 'f', 'Payload.$': '$$.State.RetryCount' }, End: true },
    Retry: [{ ErrorEquals: ['States.ALL'] }],
  });
  await run({ A: state }, {}, engine);
  expect(engine.calls.map(({ payload }) => payload)).toEqual([0, 1, 2]);
});

test('Catch takes the first that matches, after all retries, and puts Error and Cause into the raw input', async () => {
  const state = task('f', {
    ...{ InputPath: '$.inner', OutputPath: '$.Payload', End: true },
    Retry: [{ ErrorEquals: ['ErrorA'], MaxAttempts: 1 }],
    Catch: [
      { ErrorEquals: ['ErrorB'], Next: 'B' },
      { ErrorEquals: ['States.TaskFailed'], ResultPath: '$.error', Next: 'C' },
      { ErrorEquals: ['States.ALL'], Next: 'B' },
    ],
  });
  const engine = fakeEngine({ functions: { f: fails(9) } });
  const states = { A: state, B: { Type: 'Fail', Error: 'Wrong' }, C: { Type: 'Succeed' } };
  expect(await run(states, { inner: { x: 1 } }, engine)).toEqual({
    inner: { x: 1 },
    error: { Error: 'ErrorA', Cause: 'cause of ErrorA' },
  });
  expect(engine.calls).toHaveLength(2);
});

test.each<[Json, Json]>([
  [{}, { Error: 'ErrorA', Cause: 'cause of ErrorA' }],
  [{ ResultPath: null }, { x: 1 }],
])('a catcher with %j goes on with %j', async (more, expected) => {
  const state = task('f', {
    ...{ End: true },
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B', ...(more as Members) }],
  });
  const engine = fakeEngine({ functions: { f: fails(1) } });
  expect(await run({ A: state, B: { Type: 'Succeed' } }, { x: 1 }, engine)).toEqual(expected);
});

test('a Task beyond its TimeoutSeconds fails with States.Timeout', async () => {
  const slow: FakeFunction = (_, world, signal) => world.sleep(9000, signal).then(() => null);
  const states = (limit: Members) => ({ A: task('f', { ...limit, End: true }) });
  const engine = fakeEngine({ functions: { f: slow } });
  expect((await failureOf(run(states({ TimeoutSeconds: 8 }), {}, engine))).error).toBe('States.Timeout');
  expect(engine.seconds()).toBe(8);
  const limited = run(
    states({ TimeoutSecondsPath: '$.most' }),
    { most: 2 },
    fakeEngine({ functions: { f: slow } }),
  );
  expect((await failureOf(limited)).error).toBe('States.Timeout');
  await run(states({ TimeoutSeconds: 10 }), {}, fakeEngine({ functions: { f: slow } }));
});

test('a machine beyond its TimeoutSeconds fails, whatever its states would catch', async () => {
  const flow = flowOf(
    {
      A: {
        ...{ Type: 'Parallel', End: true },
        Branches: [{ StartAt: 'B', States: { B: { Type: 'Wait', Seconds: 60, End: true } } }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }],
      },
      C: { Type: 'Succeed' },
    },
    { TimeoutSeconds: 5 },
  );
  const engine = fakeEngine();
  expect((await failureOf(execute(engine, flow, {}, { name: 'run-1' }))).error).toBe('States.Timeout');
  expect(engine.seconds()).toBe(5);
});

test('what happens is told in order', async () => {
  const engine = fakeEngine({ functions: { f: fails(2) } });
  const state = task('f', {
    ...{ Retry: [{ ErrorEquals: ['ErrorA'], MaxAttempts: 1 }], End: true },
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
  });
  await run({ A: state, B: { Type: 'Succeed' } }, {}, engine);
  expect(engine.events.map(({ kind, at }) => [kind, at / 1000 - Date.UTC(2026, 0, 1) / 1000])).toEqual([
    ...[
      ['started', 0],
      ['state-entered', 0],
      ['state-failed', 0],
      ['state-retried', 0],
    ],
    ...[
      ['state-failed', 1],
      ['state-caught', 1],
      ['state-exited', 1],
      ['state-entered', 1],
    ],
    ...[
      ['state-exited', 1],
      ['succeeded', 1],
    ],
  ]);
});
