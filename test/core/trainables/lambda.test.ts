import { beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Outcome } from '../../../core/contracts/study.ts';
import type { TrainableCall } from '../../../core/contracts/trainable-call.ts';
import { sha256 } from '../../../core/digest.ts';
import { FanfareError } from '../../../core/errors.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../../../core/store.ts';
import { copyOf } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  askAs,
  fileOf,
  flights,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
  trainOnce,
} from '../../support/step-world.ts';

const arn = 'arn:aws:lambda:eu-central-1:111122223333:function:forest';

let split: ObjectStore;
let dataset: string;

beforeAll(async () => {
  split = memoryStore();
  const ports = stepPorts(split, { flights: [fileOf('csv', flights(300))] });
  ({ dataset } = await splitAll(await putSpec(split, specOf()), ports));
});

type Answer = (call: TrainableCall, store: ObjectStore) => unknown;

/** Adds one to what it reads at `from` for each unit, and says that this is the value; a checkpoint is that number. */
const counting: Answer = async ({ from, until, write }, store) => {
  const before = from.checkpoint && decodeJson((await store.get(keyAt(from.checkpoint)))!.body);
  const value = Number(before ?? 0) + until - from.resource;
  const checkpoint = encodeJson(value);
  await store.put(keyAt(write.checkpoint), checkpoint);
  return { resource: until, value, checkpoint: { sha256: await sha256(checkpoint) }, model: null };
};

const keyAt = (uri: string): string => uri.replace(/^memory:/, '');

/** A study whose trainable is a function that answers so. */
async function studyOf(answer: Answer, tune: object = {}) {
  const store = await copyOf(split);
  const asked: TrainableCall[] = [];
  const ports = stepPorts(
    store,
    {},
    {
      calls: {
        uri: (key) => `memory:${key}`,
        call: async (reference, request) => {
          expect(reference).toBe(arn);
          if ('ask' in request && request.ask === 'describe') return { version: 1, resource: 'trees' };
          asked.push(request as TrainableCall);
          return await answer(request as TrainableCall, store);
        },
      },
    },
  );
  const spec = specOf({
    tune: {
      trainable: arn,
      metric: { name: 'count', mode: 'max' },
      trials: 1,
      scheduler: { kind: 'asha', min: 2, max: 6, eta: 3 },
      space: { rate: 0.5 },
      ...tune,
    },
  });
  const study = await prepare(await putSpec(store, spec), dataset, ports);
  return { store, ports, study, asked };
}

const outcomeOf = (study: string, rung: number, store: ObjectStore) =>
  readObject(store, keys.result(study, { trial: 0, rung }), Outcome);

/** What was written for trials, and not tidied away. */
async function callsIn(store: ObjectStore): Promise<string[]> {
  const left: string[] = [];
  for await (const { key } of store.list('calls/')) left.push(key);
  return left;
}

/** A study's first rung, which fails, and the store that it leaves. */
async function firstFailure(answer: Answer) {
  const { store, study, ports } = await studyOf(answer);
  const { claim } = await askAs(study, 0, ports);
  return { store, failed: trainOnce(study, claim, ports) };
}

describe('a trainable behind a Lambda function', () => {
  test('is told the trial, where it stands and where the table lies', async () => {
    const { store, ports, study, asked } = await studyOf(counting);
    await runLane(study, ports);
    const [first, second] = asked;
    const { partitions, fields } = decodeJson((await store.get(keys.datasetManifest(dataset)))!.body) as {
      partitions: { train: { key: string; rows: number; sha256: string }[] };
      fields: object[];
    };
    expect(first).toMatchObject({
      ...{ ask: 'train', params: { rate: 0.5 }, trial: 0, until: 1, from: { resource: 0, checkpoint: null } },
      data: {
        ...{
          fields,
          inputs: ['distance', 'seats', 'city'],
          task: { kind: 'binary', classes: [0, 1] },
          weight: null,
        },
        train: partitions.train.map(({ key, rows, sha256: digest }) => ({
          uri: `memory:${key}`,
          rows,
          sha256: digest,
        })),
      },
      remaining: 900_000,
    });
    expect(second).toMatchObject({
      until: 2,
      from: { resource: 1, checkpoint: expect.stringContaining('calls/') },
    });
    expect(second!.seed).toBe(first!.seed);
  });

  test('goes on from its own checkpoint, from rung to rung; what it wrote is taken and tidied away', async () => {
    const { store, ports, study } = await studyOf(counting);
    await runLane(study, ports);
    expect(await outcomeOf(study, 0, store)).toMatchObject({ value: 2, resource: 2 });
    expect(await outcomeOf(study, 1, store)).toMatchObject({ value: 6, resource: 6 });
    expect(await callsIn(store)).toEqual([]);
  });

  test('that stops short as its own time ends is called again', async () => {
    const { store, ports, study, asked } = await studyOf(
      async (call, store) =>
        counting({ ...call, until: Math.min(call.until, call.from.resource + 1) }, store),
      { scheduler: { kind: 'none', max: 30 } },
    );
    await runLane(study, ports);
    expect(await outcomeOf(study, 0, store)).toMatchObject({ value: 30, resource: 30 });
    expect(asked).toHaveLength(30);
  });

  test.each<[string, Answer, string]>([
    ['answers something else', () => ({ value: 1 }), 'it answered {"value":1}: resource: Invalid input'],
    [
      'gives no number',
      () => ({ resource: 1, value: 'good', checkpoint: { sha256: '0'.repeat(64) } }),
      'value: Invalid input',
    ],
    [
      'does not advance',
      () => ({ resource: 0, value: 1, checkpoint: { sha256: '0'.repeat(64) } }),
      'resource: Too small',
    ],
    [
      'goes too far',
      () => ({ resource: 9, value: 1, checkpoint: { sha256: '0'.repeat(64) } }),
      'it reported resource 9, beyond the 1 that it was to train until',
    ],
    [
      'writes nothing',
      () => ({ resource: 1, value: 1, checkpoint: { sha256: '0'.repeat(64) } }),
      'checkpoint is not there, though it answered for it',
    ],
    [
      'is overtaken by another attempt',
      async (call, store) => {
        const answer = await counting(call, store);
        await store.put(keyAt(call.write.checkpoint), encodeJson('of another'));
        return answer;
      },
      'checkpoint has other bytes than it answered for',
    ],
    [
      'throws',
      () => {
        throw new FanfareError('TrainableFailed', `${arn}: ValueError: too few rows (forest.py:7)`);
      },
      'ValueError: too few rows (forest.py:7)',
    ],
  ])('that %s costs its trial, by its name, and leaves nothing behind', async (_, answer, message) => {
    const { store, failed } = await firstFailure(answer);
    await expect(failed).rejects.toMatchObject({ name: 'TrainableFailed' });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow(arn);
    expect(await callsIn(store)).toEqual([]);
  });

  test('that does not speak the contract is refused before any trial', async () => {
    const store = await copyOf(split);
    const ports = stepPorts(
      store,
      {},
      { calls: { uri: (key) => key, call: async () => 'Hello from Lambda!' } },
    );
    const spec = await putSpec(store, specOf({ tune: { trainable: arn, space: { rate: 0.5 } } }));
    await expect(prepare(spec, dataset, ports)).rejects.toThrow(
      `tune.trainable ${arn}: asked to describe itself it did not answer as a trainable of version 1 does`,
    );
  });
});
