import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { CommitRequest, LoseShardRequest, PredictShardRequest } from '../../core/contracts/requests.ts';
import { allReceipts, loseShard } from '../../core/steps/job.ts';
import { batchRows, predictShard } from '../../core/steps/predict-shard.ts';
import type { FakeFunction } from '../local/interpreter/fake-engine.ts';
import { memoryStore } from '../support/memory-store.ts';
import { field, type Ran, runScripted, thrown } from '../support/scripted-flows.ts';
import { stepPorts } from '../support/step-world.ts';
import { toldOf } from '../support/told.ts';

/** Each call for the second shard answers as the next of these does; the first shard is done at once. */
function answering(...answers: readonly FakeFunction[]): FakeFunction {
  let call = 0;
  return (payload, world, signal) => {
    if (field(payload, 'shard') === 0) return { next: 'done' };
    return answers[Math.min(call++, answers.length - 1)]!(payload, world, signal);
  };
}

const goesOn: FakeFunction = () => ({ next: 'continue' });
const done: FakeFunction = () => ({ next: 'done' });
const dies =
  (name: string): FakeFunction =>
  () => {
    throw thrown(name, 'signal: killed');
  };

const shrinksOf = (ran: Ran) =>
  ran
    .calls('predict-shard')
    .filter((payload) => field(payload, 'shard') === 1)
    .map((payload) => field(payload, 'shrinks'));

test('a shard that its function has no time for is given to it again, until it is done', async () => {
  const ran = await runScripted('predict', () => ({
    'predict-shard': answering(goesOn, goesOn, goesOn, done),
  }));
  expect(ran.failure).toBeUndefined();
  expect(shrinksOf(ran)).toEqual([0, 0, 0, 0]);
  expect(ran.calls('lose-shard')).toEqual([]);
});

describe.each(['Runtime.OutOfMemory', 'Sandbox.Timedout', 'States.Timeout', 'Lambda.Unknown'])(
  'a function that dies by %s',
  (error) => {
    test('is given the shard with fewer rows at a time, and told of what it died', async () => {
      const ran = await runScripted('predict', () => ({
        'predict-shard': answering(dies(error), goesOn, dies(error), goesOn, done),
      }));
      expect(ran.failure).toBeUndefined();
      expect(shrinksOf(ran)).toEqual([0, 1, 1, 2, 2]);
      const last = ran.calls('predict-shard').at(-1);
      expect(field(field(last, 'died'), 'Error')).toBe(error);
      expect(ran.calls('lose-shard')).toEqual([]);
    });
  },
);

test('a function that exits is tried once as it was: that may have been an accident', async () => {
  const ran = await runScripted('predict', () => ({
    'predict-shard': answering(dies('Runtime.ExitError'), dies('Runtime.ExitError'), done),
  }));
  expect(ran.failure).toBeUndefined();
  expect(shrinksOf(ran)).toEqual([0, 0, 1]);
});

test('an error of its own loses the shard at once, whatever was tried before', async () => {
  const ran = await runScripted('predict', () => ({
    'predict-shard': answering(dies('Sandbox.Timedout'), dies('UserCodeFailed')),
  }));
  expect(shrinksOf(ran)).toEqual([0, 1]);
  expect(ran.calls('lose-shard')).toMatchObject([{ shard: 1, error: { Error: 'UserCodeFailed' } }]);
});

const receipt = z.object({ shard: z.number() });

test('a shard that cannot be made small enough fails the job, which says what was tried', async () => {
  const store = memoryStore();
  const dying = dies('Runtime.OutOfMemory');
  const ran = await runScripted('predict', () => ({
    async 'predict-shard'(payload, world, signal) {
      if (field(payload, 'shard') === 0) {
        await store.put('predictions/p/receipts/00000.json', new TextEncoder().encode('{"shard":0}'));
        return { next: 'done' };
      }
      const request = PredictShardRequest.parse(payload);
      if ((request.shrinks ?? 0) < batchRows.length) return dying(payload, world, signal);
      return predictShard(request, stepPorts(store, {})).then(
        () => ({}),
        (error: Error) => {
          throw thrown(error.name, error.message);
        },
      );
    },
    async 'lose-shard'(payload) {
      await loseShard(LoseShardRequest.parse(payload), { store });
      return {};
    },
    async 'commit-prediction'(payload) {
      await allReceipts(store, CommitRequest.parse(payload), 2, receipt).catch((error: Error) => {
        throw thrown(error.name, error.message);
      });
      return {};
    },
  }));
  expect(shrinksOf(ran)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(toldOf(ran.failure)).toBe(
    'fanfare: ShardTooLarge: predict-shard died of it 5 times, the last time with 256 rows at a time: Runtime.OutOfMemory: signal: killed. Give predict-shard more memory, or do less with a row in preprocess and postprocess; the same command goes on where it was (shard 1; 1 of 2 shards failed)',
  );
});

test('a function that dies before it can refuse the shard ends the loop all the same', async () => {
  const ran = await runScripted('predict', () => ({ 'predict-shard': answering(dies('Sandbox.Timedout')) }));
  expect(shrinksOf(ran)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(ran.calls('lose-shard')).toMatchObject([{ shard: 1, error: { Error: 'Sandbox.Timedout' } }]);
});

test('the flow lets a shard shrink once more than there are sizes: then the function refuses it', () => {
  const flow = readFileSync(new URL('../../flows/predict.asl.json', import.meta.url), 'utf8');
  expect(/"NumericLessThan": (\d+)/.exec(flow)?.[1]).toBe(String(batchRows.length));
});
