import { expect, test } from 'vitest';
import type { Json } from '../../../core/json.ts';
import { failureOf, fakeEngine, flowOf, run } from './fake-engine.ts';

type Members = Readonly<Record<string, Json>>;

const nested = (more: Members = {}): Json => ({
  ...{ Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', End: true },
  Parameters: {
    StateMachineArn: 'child',
    'Name.$': "States.Format('child-{}', $$.Execution.Name)",
    'Input.$': '$',
  },
  ...more,
});

const child = (state: Members, more: Members = {}) => ({
  ...flowOf({ Inner: state }, more),
  name: 'child',
});

test('a nested flow answers with its output as JSON', async () => {
  const flows = [child({ Type: 'Pass', Parameters: { 'sum.$': 'States.MathAdd($.a, 1)' }, End: true })];
  expect(await run({ A: nested() }, { a: 1 }, fakeEngine({ flows }))).toEqual({
    ExecutionArn: 'arn:aws:states:local:000000000000:execution:child:child-run-1',
    ...{ Input: { a: 1 }, InputDetails: { Included: true }, Name: 'child-run-1' },
    ...{ Output: { sum: 2 }, OutputDetails: { Included: true }, Status: 'SUCCEEDED' },
    ...{ StartDate: '2026-01-01T00:00:00.000Z', StopDate: '2026-01-01T00:00:00.000Z' },
    StateMachineArn: 'child',
  });
});

test('a nested flow that fails is States.TaskFailed, with its own error and cause in the cause', async () => {
  const flows = [child({ Type: 'Fail', Error: 'FlowFailed', Cause: 'no rows' })];
  const failure = await failureOf(run({ A: nested() }, {}, fakeEngine({ flows })));
  expect(failure.error).toBe('States.TaskFailed');
  expect(JSON.parse(failure.cause)).toMatchObject({
    Error: 'FlowFailed',
    Cause: 'no rows',
    Status: 'FAILED',
  });
});

test('the time-outs of a nested flow and of the Task that waits for it differ', async () => {
  const waiting = { Type: 'Wait', Seconds: 60, End: true };
  const own = await failureOf(
    run({ A: nested() }, {}, fakeEngine({ flows: [child(waiting, { TimeoutSeconds: 5 })] })),
  );
  expect(own.error).toBe('States.TaskFailed');
  expect(JSON.parse(own.cause)).toMatchObject({ Error: 'States.Timeout', Status: 'TIMED_OUT' });
  const engine = fakeEngine({ flows: [child(waiting)] });
  expect((await failureOf(run({ A: nested({ TimeoutSeconds: 3 }) }, {}, engine))).error).toBe(
    'States.Timeout',
  );
  expect(engine.seconds()).toBe(3);
});

test('a flow that is not there, and a name that is none, fail', async () => {
  expect((await failureOf(run({ A: nested() }))).error).toBe(
    'StepFunctions.StateMachineDoesNotExistException',
  );
  const named = nested({ Parameters: { StateMachineArn: 'child', Name: 'a b' } });
  const engine = fakeEngine({ flows: [child({ Type: 'Succeed' })] });
  expect((await failureOf(run({ A: named }, {}, engine))).error).toBe('StepFunctions.InvalidNameException');
});
