import { expect, test } from 'vitest';
import type { FlowName } from '../../core/contracts/functions.ts';
import { retriesIn, writtenRetries } from '../support/flow-states.ts';
import {
  failingFirst,
  preparedByPass,
  type Ran,
  runScripted,
  type Script,
  surveyed,
  throwing,
  trainedByPasses,
} from '../support/scripted-flows.ts';

type Given = Script | ((usual: Script) => Script);

const givenBy = (given: Given, usual: Script): Script => (typeof given === 'function' ? given(usual) : given);

/** Each task that calls a function, and the call that it makes. */
const tasks: readonly (readonly [flow: FlowName, state: string, call: string, given?: Given])[] = [
  ['split', 'Plan', 'plan-split'],
  ['split', 'Shard', 'split-shard'],
  ['split', 'Lost', 'lose-shard', { 'split-shard': throwing('BadTable', 'broken') }],
  ['split', 'SurveyShard', 'survey-shard', surveyed],
  ['split', 'SurveyLost', 'lose-shard', { ...surveyed, 'survey-shard': throwing('BadTable', 'broken') }],
  ['split', 'Settle', 'settle-split', surveyed],
  ['split', 'Commit', 'commit-split'],
  ['map', 'Plan', 'plan-map'],
  ['map', 'Shard', 'map-shard'],
  ['map', 'Lost', 'lose-shard', { 'map-shard': throwing('BadTable', 'broken') }],
  ['map', 'Commit', 'commit-split'],
  ['tune', 'Prepare', 'prepare-study'],
  ['tune', 'GatherPart', 'gather', preparedByPass],
  [
    'tune',
    'PartLost',
    'lose-shard',
    (usual) => ({ ...preparedByPass(usual), gather: throwing('BadTable', 'broken') }),
  ],
  ['tune', 'TrainPart', 'gather', trainedByPasses],
  [
    'tune',
    'TrainPartLost',
    'lose-shard',
    (usual) => ({ ...trainedByPasses(usual), gather: throwing('BadTable', 'broken') }),
  ],
  ['tune', 'Ask', 'ask'],
  ['tune', 'Train', 'train'],
  ['tune', 'Tell', 'tell reported'],
  ['tune', 'TellFailed', 'tell failed', { train: throwing('TrainableFailed', 'diverged') }],
  ['tune', 'Finish', 'finish-study'],
  ['tune', 'FinishEarly', 'finish-study', { ask: throwing('BadTable', 'broken') }],
  ['tune', 'Record', 'aggregate study'],
  ['tune', 'Conclude', 'conclude-study'],
  ['tune', 'Refit', 'train refit'],
  ['tune', 'Register', 'aggregate model'],
  ['predict', 'Resolve', 'aggregate resolve'],
  ['predict', 'Plan', 'plan-prediction'],
  ['predict', 'Shard', 'predict-shard'],
  ['predict', 'Lost', 'lose-shard', { 'predict-shard': throwing('BadTable', 'broken') }],
  ['predict', 'Commit', 'commit-prediction'],
  ['predict', 'Record', 'aggregate prediction'],
  ['pipeline', 'Champion', 'aggregate champion'],
  ['pipeline', 'Evaluate', 'evaluate'],
  ['pipeline', 'Promote', 'aggregate evaluation'],
];

/** Lambda's names. The waits in seconds: doubled each time, at most 30, and of those for Lambda's own troubles a random half here. */
const ofLambda = {
  errors: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
  ],
  waits: [0.5, 1, 2, 4, 8, 15],
};
const retriers = [
  ofLambda,
  { errors: ['Runtime.ExitError', 'Runtime.OutOfMemory', 'Sandbox.Timedout'], waits: [1, 2] },
];

/** A shard that its function dies of is done with fewer rows at a time; only what may be an accident is repeated as it was. */
const retriersOf = (flow: FlowName, state: string) =>
  flow === 'predict' && state === 'Shard'
    ? [ofLambda, { errors: ['Runtime.ExitError'], waits: [1] }]
    : retriers;

/** A lane that gave up could leave a claim that the others wait for: these are repeated after any error, after 1, 2 and 4 s. */
const stubborn = ['Ask', 'Tell', 'TellFailed', 'Finish', 'FinishEarly'];

const waitsOf = (ran: Ran, state: string): number[] =>
  ran.engine.events.flatMap((event) =>
    event.kind === 'state-retried' && event.state === state ? [event.delayMs / 1000] : [],
  );

/** How often one visit of the state was repeated, at most. */
const repeatsOf = (ran: Ran, state: string): number =>
  Math.max(
    0,
    ...ran.engine.events.flatMap((event) =>
      event.kind === 'state-retried' && event.state === state ? [event.retry] : [],
    ),
  );

const rows = tasks.flatMap(([flow, state, call, given = {}]) =>
  retriersOf(flow, state).flatMap(({ errors, waits }) =>
    errors.map((error) => ({ flow, state, call, given, error, waits, name: `${flow} ${state}` })),
  ),
);

test.each(rows)('$name goes on after $error, as often as it may happen', async (row) => {
  const { flow, state, call, given, error, waits } = row;
  // Two shards or lanes at once would share the failures among them: the first call alone is to have them.
  const ran = await runScripted(flow, (usual) => {
    const failing = failingFirst(waits.length, error, usual[call]!);
    const spared = usual[call]!;
    let first: string | undefined;
    return {
      ...givenBy(given, usual),
      [call]: (payload, world, signal) => {
        first ??= JSON.stringify(payload);
        return (JSON.stringify(payload) === first ? failing : spared)(payload, world, signal);
      },
    };
  });
  expect(ran.failure).toBeUndefined();
  expect(waitsOf(ran, state)).toEqual(waits);
});

test.each(rows)(
  '$name gives up when $error happens once more',
  async ({ flow, state, call, given, ...row }) => {
    const ran = await runScripted(flow, (usual) => ({
      ...givenBy(given, usual),
      [call]: throwing(row.error, 'for ever'),
    }));
    expect(ran.calls(call).length).toBeGreaterThan(row.waits.length);
    expect(repeatsOf(ran, state)).toBe(row.waits.length);
  },
);

const named = tasks.map(([flow, state, call, given = {}]) => ({ flow, state, call, given }));

test.each(named)(
  '$flow $state is repeated after an error of its own only where a lane depends on it',
  async ({ flow, state, call, given }) => {
    const ran = await runScripted(flow, (usual) => ({
      ...givenBy(given, usual),
      [call]: throwing('BadTable', 'broken'),
    }));
    expect(ran.calls(call).length).toBeGreaterThan(0);
    expect(repeatsOf(ran, state)).toBe(stubborn.includes(state) ? 3 : 0);
  },
);

test('every Retry of the flows has its test here, and no test is without one', () => {
  const tested = tasks.flatMap(([flow, state]) =>
    [
      ...retriersOf(flow, state).map(({ errors }) => errors.join(', ')),
      ...(stubborn.includes(state) ? ['States.ALL'] : []),
    ].map((errors) => `${flow} ${state}: ${errors}`),
  );
  expect(tested.toSorted()).toEqual(writtenRetries().toSorted());
  expect(tested).toHaveLength(75);
});

test('a Retry without a test would be seen', () => {
  const flow = { States: { Hidden: { Type: 'Task', Retry: [{ ErrorEquals: ['A', 'B'] }] } } };
  expect(retriesIn(JSON.stringify(flow))).toEqual(['Hidden: A, B']);
});
