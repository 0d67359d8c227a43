import { expect, test } from 'vitest';
import type { Json } from '../../../core/json.ts';
import { TaskError } from '../../../local/interpreter/errors.ts';
import { execute } from '../../../local/interpreter/execute.ts';
import { failureOf, fakeEngine, flowOf, run, task } from './fake-engine.ts';
import { reading, timed, working } from './fake-maps.ts';

type Members = Readonly<Record<string, Json>>;

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
