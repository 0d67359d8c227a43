import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../../core/json.ts';
import { TaskError } from '../../../local/interpreter/errors.ts';
import { execute } from '../../../local/interpreter/execute.ts';
import { type FakeFunction, failureOf, fakeEngine, flowOf, run, task, type World } from './fake-engine.ts';

type Members = Readonly<Record<string, Json>>;

const inline = (state: Json, more: Members = {}): Json => ({
  ...{ Type: 'Map', End: true },
  ItemProcessor: { StartAt: 'Item', States: { Item: state } },
  ...more,
});

const distributed = (state: Json, more: Members = {}): Json => ({
  ...{ Type: 'Map', End: true },
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    ...{ StartAt: 'Item', States: { Item: state } },
  },
  ...more,
});

const working = task('work', { OutputPath: '$.Payload', End: true });

/** An engine whose one function takes as many seconds as its payload says, or fails after them where it is negative. */
function timed(world: World = {}) {
  const running = { now: 0, most: 0, aborted: 0 };
  const work: FakeFunction = async (payload, engine, signal) => {
    running.now += 1;
    running.most = Math.max(running.most, running.now);
    await engine.sleep(Math.abs(Number(payload)) * 1000, signal);
    running.now -= 1;
    if (signal.aborted) running.aborted += 1;
    if (Number(payload) < 0) throw new TaskError('Negative', String(payload));
    return Number(payload) * 10;
  };
  return { engine: fakeEngine({ ...world, functions: { work } }), running };
}

// The Map of the specification.
test('a Map gives each item the selected input, and collects the outputs in order', async () => {
  const input = {
    'ship-date': '2016-03-14T01:59:00Z',
    detail: {
      'delivery-partner': 'UQS',
      shipped: [
        { prod: 'R31', quantity: 1 },
        { prod: 'S39', quantity: 2 },
      ],
    },
  };
  const state = inline(
    { Type: 'Pass', End: true },
    {
      ...{ InputPath: '$.detail', ItemsPath: '$.shipped', ResultPath: '$.detail.shipped' },
      ItemSelector: {
        'parcel.$': '$$.Map.Item.Value',
        'index.$': '$$.Map.Item.Index',
        'courier.$': '$.delivery-partner',
      },
    },
  );
  expect(await run({ Ship: state }, input)).toMatchObject({
    'ship-date': '2016-03-14T01:59:00Z',
    detail: {
      shipped: [
        { parcel: { prod: 'R31', quantity: 1 }, index: 0, courier: 'UQS' },
        { parcel: { prod: 'S39', quantity: 2 }, index: 1, courier: 'UQS' },
      ],
    },
  });
});

test.each([
  ['inline', inline],
  ['distributed', distributed],
])('a Map (%s) over no items succeeds with no outputs', async (_, map) => {
  expect(await run({ A: map(working) }, [])).toEqual([]);
});

test('the outputs stand in the order of the items, whichever ends first', async () => {
  const { engine } = timed();
  expect(await run({ A: inline(working) }, [3, 1, 2], engine)).toEqual([30, 10, 20]);
  expect(engine.seconds()).toBe(3);
});

test.each<[Members, number]>([
  [{ MaxConcurrency: 1 }, 9],
  [{ MaxConcurrency: 2 }, 5],
  [{ MaxConcurrency: 0 }, 2],
  [{}, 2],
])('with %j five items of 1 or 2 seconds take %d', async (limit, seconds) => {
  const { engine } = timed();
  // At 2: 2 and 1 → the third begins at 1, the fourth at 2, the fifth at 3; the last ends at 5.
  const items = [2, 1, 2, 2, 2];
  await run({ A: distributed(working, { ItemsPath: '$', ...limit }) }, items, engine);
  expect(engine.seconds()).toBe(seconds);
});

test('MaxConcurrencyPath limits as well', async () => {
  const { engine, running } = timed();
  const state = distributed(working, { ItemsPath: '$.items', MaxConcurrencyPath: '$.lanes' });
  await run({ A: state }, { lanes: 3, items: Array.from({ length: 20 }, () => 1) }, engine);
  expect(running.most).toBe(3);
  expect(engine.seconds()).toBe(7);
});

test('no more than 40 items of an inline Map run at once', async () => {
  const { engine, running } = timed();
  await run(
    { A: inline(working) },
    Array.from({ length: 50 }, () => 1),
    engine,
  );
  expect(running.most).toBe(40);
});

test('for any items and limit: never more at once, every item once, in order', async () => {
  const seconds = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(seconds, fc.integer({ min: 1, max: 5 }), async (items, limit) => {
      const { engine, running } = timed();
      const outputs = await run({ A: distributed(working, { MaxConcurrency: limit }) }, items, engine);
      expect(outputs).toEqual(items.map((item) => item * 10));
      expect(running.most).toBe(Math.min(limit, items.length));
    }),
    { numRuns: 30 },
  );
});

test('one failed item fails an inline Map with its error, and aborts the rest', async () => {
  const { engine, running } = timed();
  const failure = await failureOf(run({ A: inline(working, { MaxConcurrency: 2 }) }, [9, -2, 5], engine));
  expect(failure).toEqual({ error: 'Negative', cause: '-2' });
  expect(engine.seconds()).toBe(2);
  expect(running.aborted).toBe(1);
  expect(engine.calls).toHaveLength(2);
});

test.each<[Members, readonly number[], boolean]>([
  [{}, [1, -1, 1, 1], false],
  [{ ToleratedFailureCount: 1 }, [1, -1, 1, 1], true],
  [{ ToleratedFailureCount: 1 }, [1, -1, -1, 1], false],
  [{ ToleratedFailurePercentage: 50 }, [1, -1, -1, 1], true],
  [{ ToleratedFailurePercentage: 49.9 }, [1, -1, -1, 1], false],
  [{ ToleratedFailurePercentage: 99.9 }, [-1, -1, -1, 1], true],
  [{ ToleratedFailurePercentage: 99.9 }, [-1, -1, -1, -1], false],
  [{ ToleratedFailurePercentage: 100 }, [-1, -1], true],
  [{ ToleratedFailurePercentage: 100, ToleratedFailureCount: 1 }, [-1, -1], false],
])('a distributed Map with %j over %j succeeds: %s', async (tolerance, items, succeeds) => {
  const { engine } = timed();
  const running = run({ A: distributed(working, tolerance) }, items, engine);
  if (succeeds) expect(await running).toEqual(items.filter((item) => item > 0).map((item) => item * 10));
  else expect((await failureOf(running)).error).toBe('States.ExceedToleratedFailureThreshold');
});

test('tolerances by path are read from the input', async () => {
  const { engine } = timed();
  const state = distributed(working, { ItemsPath: '$.items', ToleratedFailureCountPath: '$.most' });
  expect(await run({ A: state }, { items: [-1, 1], most: 1 }, engine)).toEqual([10]);
});

test('beyond its tolerance a Map aborts what runs and starts nothing more', async () => {
  const { engine, running } = timed();
  const state = distributed(working, { MaxConcurrency: 2, ToleratedFailureCount: 0 });
  await failureOf(run({ A: state }, [60, -1, 1, 1], engine));
  expect(engine.seconds()).toBe(1);
  expect(running.aborted).toBe(1);
  expect(engine.calls).toHaveLength(2);
});

const reading = (more: Members = {}): Json =>
  distributed(working, {
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSON', ...more },
      Parameters: { 'Bucket.$': '$.bucket', 'Key.$': '$.key' },
    },
  });

test('ItemReader takes the items from a JSON array in the store', async () => {
  const { engine } = timed({ objects: { 'b/k.json': '[1, 2, 3]' } });
  expect(await run({ A: reading() }, { bucket: 'b', key: 'k.json' }, engine)).toEqual([10, 20, 30]);
  expect(await run({ A: reading({ MaxItems: 2 }) }, { bucket: 'b', key: 'k.json' }, engine)).toEqual([
    10, 20,
  ]);
});

test.each([
  ['none', 'does not exist'],
  ['object', 'holds no JSON array'],
  ['torn', 'cannot be read'],
])('a manifest (%s) that is no array of JSON is States.ItemReaderFailed', async (key, why) => {
  const { engine } = timed({ objects: { 'b/object': '{}', 'b/torn': '[1,' } });
  const failure = await failureOf(run({ A: reading() }, { bucket: 'b', key }, engine));
  expect(failure.error).toBe('States.ItemReaderFailed');
  expect(failure.cause).toContain(why);
});

test('items that are no array fail', async () => {
  expect((await failureOf(run({ A: inline(working) }, { a: 1 }))).error).toBe('States.Runtime');
});

test('a Map with a ResultWriter leaves its input as it was', async () => {
  const { engine } = timed();
  const writer = {
    Resource: 'arn:aws:states:::s3:putObject',
    Parameters: { Bucket: 'b', 'Prefix.$': '$$.Execution.Name' },
  };
  const state = distributed(working, { ItemsPath: '$.items', ResultWriter: writer, ResultPath: null });
  expect(await run({ A: state }, { items: [1] }, engine)).toEqual({ items: [1] });
});

test('an item of a distributed Map is an execution of its own, which does not see the Map', async () => {
  const name = {
    Type: 'Pass',
    Parameters: { 'n.$': '$$.Execution.Name', 'i.$': '$$.Execution.Input' },
    End: true,
  };
  const expected = [
    { n: 'run-1:0', i: 'x' },
    { n: 'run-1:1', i: 'y' },
  ];
  expect(await run({ A: distributed(name) }, ['x', 'y'])).toEqual(expected);
  const seeing = { Type: 'Pass', Parameters: { 'i.$': '$$.Map.Item.Index' }, End: true };
  expect(await run({ A: inline(seeing) }, ['x'])).toEqual([{ i: 0 }]);
  const failure = await failureOf(run({ A: distributed(seeing) }, ['x']));
  expect(failure.error).toBe('States.ExceedToleratedFailureThreshold');
  expect(failure.cause).toContain('States.Runtime');
});

test('an ItemSelector that finds nothing fails the Map itself, which no tolerance covers', async () => {
  const selector = { ItemSelector: { 'x.$': '$$.Map.Item.Value.x' }, ToleratedFailurePercentage: 100 };
  const failure = await failureOf(run({ A: distributed(working, selector) }, [{ x: 1 }, {}]));
  expect(failure.error).toBe('States.Runtime');
});

test('an Express child ends after five minutes', async () => {
  const { engine } = timed();
  const state = {
    ...{ Type: 'Map', End: true },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
      ...{ StartAt: 'Item', States: { Item: working } },
    },
  };
  expect((await failureOf(run({ A: state }, [301], engine))).cause).toContain('States.Timeout');
  expect(engine.seconds()).toBe(300);
});

const branches = (...states: readonly Json[]): Json => ({
  ...{ Type: 'Parallel', End: true },
  Branches: states.map((state, index) => ({ StartAt: `B${index}`, States: { [`B${index}`]: state } })),
});

test('Parallel gives every branch the input and collects their outputs', async () => {
  const { engine } = timed();
  const doubled = { Type: 'Pass', Parameters: { 'twice.$': 'States.Array($, $)' }, End: true };
  expect(await run({ A: branches(working, doubled) }, 4, engine)).toEqual([40, { twice: [4, 4] }]);
});

test('a failed branch fails the Parallel with its error and aborts the others at once', async () => {
  const { engine, running } = timed();
  const failing = task('work', { Parameters: { FunctionName: 'work', Payload: -2 }, End: true });
  const waiting = { Type: 'Wait', Seconds: 100, End: true };
  expect((await failureOf(run({ A: branches(working, failing, waiting) }, 60, engine))).error).toBe(
    'Negative',
  );
  expect(engine.seconds()).toBe(2);
  expect(running.aborted).toBe(1);
});

test('an aborted branch neither retries nor catches', async () => {
  const { engine } = timed();
  const stubborn = task('work', {
    ...{ Retry: [{ ErrorEquals: ['States.ALL'] }], Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] },
    End: true,
  });
  const state = {
    ...{ Type: 'Parallel', End: true },
    Branches: [
      { StartAt: 'Long', States: { Long: stubborn, Caught: task('work') } },
      { StartAt: 'Fails', States: { Fails: { Type: 'Fail', Error: 'Now', Cause: '' } } },
    ],
  };
  expect((await failureOf(run({ A: state }, 60, engine))).error).toBe('Now');
  expect(engine.calls.length).toBeLessThanOrEqual(1);
});

test('a retried Parallel runs all of its branches again', async () => {
  let failures = 1;
  const engine = fakeEngine({
    functions: {
      work: () => {
        if (failures-- > 0) throw new TaskError('Once', '');
        return 1;
      },
    },
  });
  const state = { ...(branches(working, { Type: 'Wait', Seconds: 3, End: true }) as Members) };
  const retried = { ...state, Retry: [{ ErrorEquals: ['Once'], IntervalSeconds: 2 }] };
  expect(await run({ A: retried }, {}, engine)).toEqual([1, {}]);
  expect(engine.seconds()).toBe(5);
});

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

// The shape of the flow `tune`: lanes that ask and train until they are done, beside a recorder.
test('lanes beside a recorder end together, although a lane fails', async () => {
  let trials = 0;
  let finished = false;
  const ask = (lane: Json) =>
    lane === 'bad' ? Promise.reject(new TaskError('Lost', '')) : { next: trials++ < 6 ? 'train' : 'end' };
  const engine = fakeEngine({
    objects: { 'b/lanes': JSON.stringify([{ lane: 'a' }, { lane: 'bad' }, { lane: 'c' }]) },
    functions: {
      ask: (payload) => ask((payload as { lane: Json }).lane),
      train: async (_, world, signal) =>
        world.sleep(10_000, signal).then(() => Promise.reject(new TaskError('Diverged', ''))),
      finish: () => {
        finished = true;
        return {};
      },
      record: () => ({ done: finished }),
    },
  });
  const lane: Members = {
    Ask: task('ask', { ResultSelector: { 'p.$': '$.Payload' }, ResultPath: '$.ask', Next: 'Next' }),
    Next: {
      Type: 'Choice',
      Choices: [{ Variable: '$.ask.p.next', StringEquals: 'train', Next: 'Train' }],
      Default: 'LaneDone',
    },
    Train: task('train', {
      ResultPath: null,
      Next: 'Ask',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.lost', Next: 'Ask' }],
    }),
    LaneDone: { Type: 'Succeed' },
  };
  const caught = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Finish' }];
  const lanes = {
    ...(reading() as Members),
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Ask',
      States: lane,
    },
    ...{ MaxConcurrencyPath: '$.lanes', ToleratedFailurePercentage: 99.9, ResultPath: null, Catch: caught },
  };
  const { End: _, ...lanesOn } = lanes as Members;
  const flow = flowOf({
    Run: {
      ...{ Type: 'Parallel', ResultPath: null, End: true },
      Branches: [
        {
          StartAt: 'Lanes',
          States: {
            Lanes: { ...lanesOn, Next: 'Finish' },
            Finish: task('finish', { ResultPath: null, End: true }),
          },
        },
        {
          StartAt: 'RecordWait',
          States: {
            RecordWait: { Type: 'Wait', SecondsPath: '$.recordSeconds', Next: 'Record' },
            Record: task('record', { ResultPath: '$.record', Next: 'Recorded' }),
            Recorded: {
              Type: 'Choice',
              Choices: [{ Variable: '$.record.Payload.done', BooleanEquals: true, Next: 'Done' }],
              Default: 'RecordWait',
            },
            Done: { Type: 'Succeed' },
          },
        },
      ],
    },
  });
  const input = { bucket: 'b', key: 'lanes', lanes: 3, recordSeconds: 4 };
  expect(await execute(engine, flow, input, { name: 'run-1' })).toEqual(input);
  // Six trainings of 10 s on two lanes end at 30 s; the recorder looks again at 32 s.
  expect(engine.seconds()).toBe(32);
  expect(engine.calls.filter(({ name }) => name === 'train')).toHaveLength(6);
});
