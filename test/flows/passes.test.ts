import { expect, test } from 'vitest';
import {
  field,
  preparedByPass,
  type Ran,
  refittedByPass,
  runScripted,
  throwing,
  trainedByPasses,
} from '../support/scripted-flows.ts';

/** The calls by name, those at the same time in any order. */
const called = (ran: Ran, names: readonly string[]): string[] =>
  ran.engine.calls.flatMap(({ name }) => (names.includes(name) ? [name] : []));

const parts = [
  { job: 'pass/', shard: 0, execution: 'run-1' },
  { job: 'pass/', shard: 1, execution: 'run-1' },
];

test('a search that wants a pass is prepared again, as it was asked, when all parts are gathered', async () => {
  const ran = await runScripted('tune', preparedByPass);
  expect(ran.calls('gather')).toEqual(parts);
  expect(called(ran, ['prepare-study', 'gather'])).toEqual([
    'prepare-study',
    'gather',
    'gather',
    'prepare-study',
  ]);
  const [first, again] = ran.calls('prepare-study');
  expect(again).toEqual(first);
  expect(ran.output).toMatchObject({ model: 'sha256:m1' });
});

test('a trial that wants passes is trained on after each, and the other trials go on', async () => {
  const ran = await runScripted('tune', trainedByPasses);
  expect(ran.calls('gather')).toHaveLength(4);
  expect(ran.calls('gather')).toEqual(expect.arrayContaining(parts));
  expect(ran.calls('train').filter((payload) => field(payload, 'claim') === 'claim-0')).toHaveLength(3);
  expect(ran.calls('tell reported')).toHaveLength(3);
});

test('a refit that wants a pass goes on when that is gathered', async () => {
  const ran = await runScripted('tune', refittedByPass);
  expect(called(ran, ['gather', 'train']).slice(-5)).toEqual(['train', 'gather', 'gather', 'train', 'train']);
  const refit = { trial: 1, rung: 0 };
  expect(ran.calls('train refit')).toEqual(Array(3).fill({ study: 's', refit, execution: 'run-1' }));
  expect(ran.output).toMatchObject({ model: 'sha256:m1' });
});

test('a part that fails is told, with its reason, to who asked for the pass', async () => {
  const ran = await runScripted('tune', (usual) => ({
    ...trainedByPasses(usual),
    gather: throwing('BadTable', 'row at 17: no number'),
  }));
  const cause = '{"errorType":"BadTable","errorMessage":"row at 17: no number","trace":[]}';
  expect(ran.calls('lose-shard')).toHaveLength(4);
  expect(ran.calls('lose-shard')).toContainEqual({ ...parts[1], error: { Error: 'BadTable', Cause: cause } });
  expect(ran.calls('tell reported')).toHaveLength(3);
});
