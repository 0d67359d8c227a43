import { beforeAll, describe, expect, test, vi } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Dataset } from '../../../core/contracts/records.ts';
import { Claim } from '../../../core/contracts/study.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { keepWarm } from '../../../core/steps/ports.ts';
import { unseal } from '../../../core/steps/seal.ts';
import { tell } from '../../../core/steps/tell.ts';
import { encodeJson, type ObjectStore } from '../../../core/store.ts';
import { gbdt } from '../../../core/training/gbdt/gbdt.ts';
import { copyOf } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  askAs,
  fileOf,
  flights,
  noon,
  prepare,
  putSpec,
  specOf,
  splitAll,
  stepPorts,
  trainOnce,
} from '../../support/step-world.ts';

/** One trial on rungs of 10 and 30 rounds, whose first rung is claimed. */
const scheduler = { kind: 'asha', min: 10, max: 30, eta: 3 };
const space = { leaves: 7, bagging_fraction: 0.8, feature_fraction: 0.7 };
const spec = specOf({ tune: { trials: 1, scheduler, space } });
let claimed: ObjectStore;
let study: string;
let dataset: string;
let claim: string;

beforeAll(async () => {
  claimed = memoryStore();
  const ports = stepPorts(claimed, { flights: [fileOf('csv', flights(2000))] });
  const digest = await putSpec(claimed, spec);
  ({ dataset } = await splitAll(digest, ports));
  study = await prepare(digest, dataset, ports);
  ({ claim } = await askAs(study, 0, ports));
});

const noTime = { remaining: () => 0 };

async function reported(store: ObjectStore, ports = stepPorts(store, {})) {
  const { outcome } = await trainOnce(study, claim, ports);
  if (outcome?.kind !== 'reported') throw new Error('the trial was to report a value');
  return outcome;
}

describe('a rung that outlasts its invocation', () => {
  test('goes on from checkpoints, and gives the very model and reports of one go', async () => {
    const whole = await reported(await copyOf(claimed));
    const store = await copyOf(claimed);
    let invocations = 1;
    // Each invocation is a process of its own, with time for one round; the last has the model to score.
    while ((await trainOnce(study, claim, stepPorts(store, {}, noTime))).next === 'continue') invocations++;
    expect(invocations).toBe(11);
    expect(await reported(store)).toEqual(whole);
    // The last rung's tenth is 3 rounds.
    expect(whole.reports.map(({ step }) => step)).toEqual([3, 6, 9, 10]);
    expect(whole.resource).toBe(10);
  });

  test('is told with the seconds of all its invocations', async () => {
    const store = await copyOf(claimed);
    // Each look at the clock finds it a second on, and an invocation has ten: five rounds leave less than a quarter and a round.
    let now = noon;
    const ports = () => {
      const ends = now + 10_000;
      return stepPorts(store, {}, { remaining: () => ends - now, now: () => (now += 1000) });
    };
    const answers = [await trainOnce(study, claim, ports())];
    while (answers.at(-1)?.next === 'continue') answers.push(await trainOnce(study, claim, ports()));
    expect(answers).toHaveLength(3);
    // From the first look to the last: 7 seconds, 7, and 2 for the model.
    expect(answers.at(-1)?.outcome).toMatchObject({ resource: 10, seconds: 16 });
  });

  test('goes on in the same process, after another trial was trained there', async () => {
    const whole = await reported(await copyOf(claimed));
    const store = await copyOf(claimed);
    const warm = keepWarm();
    const first = await readObject(store, claim, Claim);
    const other = { ...first, number: 1, trial: 1, lane: 1, params: { leaves: 3 } };
    const otherKey = keys.claim(study, 1);
    await store.put(otherKey, encodeJson(other));
    const hurried = stepPorts(store, {}, { ...noTime, warm });
    for (let round = 0; round < 5; round++) {
      await trainOnce(study, claim, hurried);
      await trainOnce(study, otherKey, hurried);
    }
    expect((await reported(store, stepPorts(store, {}, { warm }))).model).toEqual(whole.model);
  });

  /** How an invocation of 15 minutes answers, and how many rounds it trained, that finds so many milliseconds left at every look but the first. */
  async function invocation(left: number) {
    const times = [900_000];
    const ports = stepPorts(await copyOf(claimed), {}, { remaining: () => times.pop() ?? left });
    const start = vi.spyOn(gbdt, 'start');
    const { next } = await trainOnce(study, claim, ports);
    const rounds = start.mock.results[0]?.value.resource;
    start.mockRestore();
    return [rounds, next];
  }

  test('stops between rounds when no more than 20 seconds are left of minutes', async () => {
    expect(await invocation(20_001)).toEqual([10, 'continue']);
    expect(await invocation(20_000)).toEqual([1, 'continue']);
  });

  test('leaves the model to the next invocation when less than half of the time is left for it', async () => {
    expect(await invocation(450_000)).toEqual([10, 'tell']);
    expect(await invocation(449_999)).toEqual([10, 'continue']);
  });
});

describe('a rung that was finished', () => {
  test('is not trained again, and is answered as it was', async () => {
    const store = await copyOf(claimed);
    const start = vi.spyOn(gbdt, 'start');
    const first = await trainOnce(study, claim, stepPorts(store, {}));
    const again = await trainOnce(study, claim, stepPorts(store, {}, { now: () => noon + 5000 }));
    expect(start).toHaveBeenCalledTimes(1);
    expect(again).toEqual(first);
    start.mockRestore();
  });

  test('is gone on from by the next one: 30 rounds in two rungs are 30 rounds in one', async () => {
    const store = await copyOf(claimed);
    const ports = stepPorts(store, {});
    await tell({ study, claim, outcome: await reported(store) }, ports);
    const promoted = (await askAs(study, 0, ports)).claim;
    const start = vi.spyOn(gbdt, 'start');
    const { outcome } = await trainOnce(study, promoted, stepPorts(store, {}));
    expect(start.mock.results[0]?.value).toMatchObject({ resource: 30 });
    expect(start.mock.calls[0]?.[3]).toEqual(
      await unseal((await store.get(keys.checkpoint(study, { trial: 0, rung: 0 })))!.body),
    );
    start.mockRestore();

    // A second store where the one rung is of 30 rounds.
    const single = memoryStore();
    const given = stepPorts(single, { flights: [fileOf('csv', flights(2000))] });
    const digest = await putSpec(
      single,
      specOf({ tune: { trials: 1, scheduler: { kind: 'none', max: 30 }, space } }),
    );
    const id = await prepare(digest, (await splitAll(digest, given)).dataset, given);
    const whole = await trainOnce(id, (await askAs(id, 0, given)).claim, given);
    if (whole.outcome.kind !== 'reported' || outcome.kind !== 'reported') throw new Error('both report');
    expect(outcome.model).toMatchObject({ digest: whole.outcome.model?.digest });
    expect(outcome.value).toBe(whole.outcome.value);
  });

  test('but whose checkpoint is gone cannot be gone on from', async () => {
    const store = await copyOf(claimed);
    const ports = stepPorts(store, {});
    await tell({ study, claim, outcome: await reported(store) }, ports);
    const promoted = (await askAs(study, 0, ports)).claim;
    await store.delete(keys.checkpoint(study, { trial: 0, rung: 0 }));
    await expect(trainOnce(study, promoted, ports)).rejects.toMatchObject({
      name: 'MissingInput',
      message: `the checkpoint of trial 0 at rung 0 is gone (${keys.checkpoint(study, { trial: 0, rung: 0 })})`,
    });
  });
});

/** The object cut off, and with one bit turned. */
const spoiled = (bytes: Uint8Array): Uint8Array[] => {
  const turned = bytes.slice();
  turned[bytes.length >> 1]! ^= 1;
  return [bytes.slice(0, -1), turned, new Uint8Array(0)];
};

describe('a checkpoint that was cut off or altered', () => {
  test('of the rung before fails the trial by its name: there is nothing else to go on from', async () => {
    const store = await copyOf(claimed);
    const ports = stepPorts(store, {});
    await tell({ study, claim, outcome: await reported(store) }, ports);
    const promoted = (await askAs(study, 0, ports)).claim;
    const key = keys.checkpoint(study, { trial: 0, rung: 0 });
    for (const bytes of spoiled((await store.get(key))!.body)) {
      await store.put(key, bytes);
      await expect(trainOnce(study, promoted, ports)).rejects.toMatchObject({
        name: 'BadTable',
        message: expect.stringContaining(`trial 0 at rung 0 was cut off or altered (${key})`),
      });
    }
  });

  test('within the rung costs only the time that it would have saved', async () => {
    const whole = await reported(await copyOf(claimed));
    const store = await copyOf(claimed);
    await trainOnce(study, claim, stepPorts(store, {}, noTime));
    const key = keys.partial(study, { trial: 0, rung: 0 });
    for (const bytes of spoiled((await store.get(key))!.body)) {
      const again = await copyOf(store);
      await again.put(key, bytes);
      expect(await reported(again)).toEqual(whole);
    }
  });
});

test('parameters that the trainable does not take fail the trial alone', async () => {
  const store = await copyOf(claimed);
  const wrong = { ...(await readObject(store, claim, Claim)), params: { leafs: 7 } };
  await store.put(claim, encodeJson(wrong));
  await expect(trainOnce(study, claim, stepPorts(store, {}))).rejects.toMatchObject({
    name: 'TrainableFailed',
    message: expect.stringContaining('{"leafs":7}'),
  });
});

test('a partition whose bytes changed is refused by training, with its key', async () => {
  const store = await copyOf(claimed);
  const { partitions } = await readObject(store, keys.datasetManifest(dataset), Dataset);
  const { key } = partitions.validation[1]!;
  const bytes = (await store.get(key))!.body;
  bytes[bytes.length - 100]! ^= 1;
  await store.put(key, bytes);
  await expect(trainOnce(study, claim, stepPorts(store, {}))).rejects.toMatchObject({
    name: 'StoreFailed',
    message: expect.stringMatching(`^object ${key} is changed`),
  });
});
