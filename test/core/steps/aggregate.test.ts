import { beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import type { AggregateRequest } from '../../../core/contracts/requests.ts';
import { ModelCard } from '../../../core/contracts/study.ts';
import { aggregate } from '../../../core/steps/aggregate.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { evaluate } from '../../../core/steps/evaluate.ts';
import { finishStudy } from '../../../core/steps/finish-study.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { listPending } from '../../../core/steps/pending.ts';
import type { Ports } from '../../../core/steps/ports.ts';
import { encodeJson, type ObjectStore } from '../../../core/store.ts';
import { copyOf } from '../../support/crashing-store.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  execution,
  fileOf,
  flights,
  noon,
  predictAll,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';

/** A pipeline that came to its end without MLflow. */
let done: ObjectStore;
let ids: { spec: string; study: string; prediction: string; evaluation: string; model: string };
const ports = (store: ObjectStore, tracker?: Ports['tracker']) => stepPorts(store, {}, { tracker });

beforeAll(async () => {
  done = memoryStore();
  const given = stepPorts(done, { flights: [fileOf('csv', flights(1500))] });
  const spec = await putSpec(done, specOf());
  const { dataset } = await splitAll(spec, given);
  const study = await prepare(spec, dataset, given);
  await runLane(study, given);
  await finishStudy({ study, execution, error: null }, given);
  const { best } = (await concludeStudy({ study, execution }, given)) as { best: { model: string } };
  const { prediction } = await predictAll(spec, best.model, dataset, given);
  const judged = await evaluate({ spec, candidate: prediction, champion: null, championKnown: true }, given);
  ids = { spec, study, prediction, ...(judged as { evaluation: string }), model: best.model };
});

const requests: readonly (readonly [string, () => AggregateRequest])[] = [
  ['model', () => ({ kind: 'model', study: ids.study })],
  ['prediction', () => ({ kind: 'prediction', prediction: ids.prediction })],
  ['evaluation', () => ({ kind: 'evaluation', evaluation: ids.evaluation })],
];

const kindsOf = async (store: ObjectStore) => (await listPending(store)).map(({ kind }) => kind);

test('what was done without MLflow is owed to it: models first', async () => {
  expect(await kindsOf(done)).toEqual(['model', 'prediction', 'evaluation']);
});

describe.each(requests)('a %s', (kind, request) => {
  test('stays pending where no server is named', async () => {
    const store = await copyOf(done);
    expect(await aggregate(request(), ports(store))).toEqual({
      recorded: false,
      reason: 'no MLflow server is named',
    });
    expect(await kindsOf(store)).toContain(kind);
  });

  test('stays pending where MLflow fails, at whichever write', async () => {
    const sizes = await written(kind);
    for (let write = 1; write <= sizes; write++) {
      const store = await copyOf(done);
      const tracker = await trackerBefore(kind, store);
      tracker.crash = { write: tracker.writes.length + write, when: 'before' };
      expect(await aggregate(request(), ports(store, tracker))).toMatchObject({
        recorded: false,
        reason: expect.stringContaining('no connection'),
      });
      expect(await kindsOf(store)).toContain(kind);
      expect(await aggregate(request(), ports(store, tracker))).toMatchObject({ recorded: true });
      expect(await kindsOf(store)).not.toContain(kind);
    }
  });

  test('is pending no more once it is recorded, and recorded twice is there once', async () => {
    const store = await copyOf(done);
    const tracker = await trackerBefore(kind, store);
    expect(await aggregate(request(), ports(store, tracker))).toMatchObject({ recorded: true });
    expect(await kindsOf(store)).not.toContain(kind);
    const runs = tracker.runs.length;
    expect(await aggregate(request(), ports(store, tracker))).toMatchObject({ recorded: true });
    expect([tracker.runs.length, tracker.versions.length]).toEqual([runs, 1]);
  });
});

/** An MLflow that has what comes before. */
async function trackerBefore(kind: string, store: ObjectStore): Promise<FakeTracker> {
  const tracker = new FakeTracker();
  for (const [earlier, request] of requests) {
    if (earlier === kind) break;
    await aggregate(request(), ports(store, tracker));
  }
  return tracker;
}

/** How many writes to MLflow a record takes. */
async function written(kind: string): Promise<number> {
  const store = await copyOf(done);
  const tracker = await trackerBefore(kind, store);
  const before = tracker.writes.length;
  const [, request] = requests.find(([each]) => each === kind)!;
  await aggregate(request(), ports(store, tracker));
  return tracker.writes.length - before;
}

const away = () => {
  const tracker = new FakeTracker();
  tracker.crash = { write: 1, when: 'before' };
  return tracker;
};

test('a report that was made of a study or a prediction lies beside its run, once it is sent', async () => {
  const store = await copyOf(done);
  const tracker = new FakeTracker();
  const page = new TextEncoder().encode('<!doctype html><p>report');
  await aggregate({ kind: 'model', study: ids.study }, ports(store, tracker));
  const uploads = () => tracker.writes.filter((write) => write === 'uploadArtifact report.html').length;
  expect(uploads()).toBe(0);
  await store.put(keys.reportPage(keys.study(ids.study)), page);
  await store.put(keys.reportPage(keys.prediction(ids.prediction)), page);
  for (const _ of [1, 2]) {
    await aggregate({ kind: 'model', study: ids.study }, ports(store, tracker));
    await aggregate({ kind: 'prediction', prediction: ids.prediction }, ports(store, tracker));
  }
  expect(uploads()).toBe(2);
  const runs = [ids.study, ids.prediction].map((name) => tracker.runs.find((run) => run.name === name)?.id);
  for (const run of runs) expect(tracker.artifacts.get(`${run}/report.html`)).toEqual(page);
});

describe('the recorder', () => {
  const look = async (store: ObjectStore, waitSeconds: number, tracker?: FakeTracker, run = execution) =>
    aggregate({ kind: 'study', study: ids.study, execution: run, waitSeconds }, ports(store, tracker));
  test('is done where no server is named: nobody waits for nothing', async () => {
    expect(await look(done, 5, undefined, 'run-2')).toMatchObject({ recorded: false, done: true });
  });

  test('goes on until its own execution is finished', async () => {
    expect(await look(await copyOf(done), 5, new FakeTracker(), 'run-2')).toEqual({
      ...{ recorded: true, done: false, waitSeconds: 5 },
    });
    expect(await look(await copyOf(done), 5, new FakeTracker())).toMatchObject({
      recorded: true,
      done: true,
    });
  });

  test.each([
    [5, 10],
    [10, 20],
    [40, 60],
    [60, 61],
    [0, 5],
  ])('waits after %i seconds another %i while MLflow is away', async (before, after) => {
    const answer = await look(await copyOf(done), before, away(), 'run-2');
    expect(answer).toMatchObject({ recorded: false, done: false, waitSeconds: after });
  });

  test('waits 5 seconds again once MLflow answers', async () => {
    expect(await look(await copyOf(done), 60, new FakeTracker())).toMatchObject({ waitSeconds: 5 });
  });

  test.each([
    ['a year ahead', 365 * 86_400_000, 1800],
    ['a year back', -365 * 86_400_000, 5],
  ])('waits neither for ever nor not at all when the clock jumps %s', async (_, jump, waitSeconds) => {
    const jumped = { ...ports(await copyOf(done), new FakeTracker()), now: () => noon + jump };
    const request = { kind: 'study', study: ids.study, execution, waitSeconds: 5 } as const;
    expect(await aggregate(request, jumped)).toMatchObject({ recorded: true, waitSeconds });
  });

  test('leaves the marker of the model: registering clears it', async () => {
    const store = await copyOf(done);
    await look(store, 5, new FakeTracker());
    expect(await kindsOf(store)).toContain('model');
  });
});

describe('all that is pending', () => {
  const retry = (store: ObjectStore, tracker?: Ports['tracker'], now?: () => number) =>
    aggregate({ kind: 'pending' }, stepPorts(store, {}, { tracker, ...(now && { now }) }));

  test('is sent at once, models before what names them', async () => {
    const store = await copyOf(done);
    const tracker = new FakeTracker();
    expect(await retry(store, tracker)).toEqual({ sent: 3, left: 0 });
    expect(await kindsOf(store)).toEqual([]);
    expect(tracker.versions).toHaveLength(1);
  });

  test('stays where MLflow is away, and the reason is told', async () => {
    const store = await copyOf(done);
    expect(await retry(store, away())).toMatchObject({
      left: expect.any(Number),
      reason: expect.stringContaining('no connection'),
    });
  });

  test('stays where no server is named, and is no alarm', async () => {
    const store = await copyOf(done);
    expect(await retry(store)).toEqual({ sent: 0, reason: 'no MLflow server is named' });
    expect(await kindsOf(store)).toHaveLength(3);
  });

  test('is left for the next time when a minute has passed', async () => {
    const store = await copyOf(done);
    let minutes = 0;
    const tracker = new FakeTracker();
    expect(await retry(store, tracker, () => noon + 40_000 * minutes++)).toMatchObject({ sent: 1, left: 2 });
  });
});

describe('the champion', () => {
  const ask = (store: ObjectStore, model: string, tracker?: Ports['tracker']) =>
    aggregate({ kind: 'champion', spec: ids.spec, model }, ports(store, tracker));

  test('is not known where no server is named, or it fails', async () => {
    const failing = Object.assign(new FakeTracker(), {
      aliases: () => Promise.reject(new Error('no connection')),
    });
    const unknown = { known: false, other: false, model: null };
    expect(await ask(done, `sha256:${ids.model}`)).toMatchObject(unknown);
    expect(await ask(done, `sha256:${ids.model}`, failing)).toMatchObject(unknown);
  });

  test('is nobody in a new registry', async () => {
    expect(await ask(done, `sha256:${ids.model}`, new FakeTracker())).toEqual({
      ...{ known: true, recorded: true, other: false, model: null },
    });
  });

  test('is ours, or another, by the digest; its bytes are brought where they are not', async () => {
    const store = await copyOf(done);
    const tracker = await trackerBefore('none', store);
    const ours = `sha256:${ids.model}`;
    expect(await ask(store, ours, tracker)).toMatchObject({ known: true, other: false, model: ours });
    const bytes = (await store.get(keys.model(ids.model)))!.body;
    await store.delete(keys.model(ids.model));
    const theirs = `sha256:${'0'.repeat(64)}`;
    expect(await ask(store, theirs, tracker)).toMatchObject({ known: true, other: true, model: ours });
    expect((await store.get(keys.model(ids.model)))?.body).toEqual(bytes);
  });
});

describe('resolving a model', () => {
  const resolve = (model: string | null, tracker?: FakeTracker, store = done) =>
    aggregate({ kind: 'resolve', spec: ids.spec, model }, ports(store, tracker));

  test('takes a digest as it is, without MLflow', async () => {
    expect(await resolve(`sha256:${ids.model}`)).toEqual({
      digest: ids.model,
      name: 'late',
      features: null,
    });
  });

  test('needs MLflow for an alias', async () => {
    await expect(resolve(null)).rejects.toMatchObject({
      name: 'TrackerUnavailable',
      message: 'models:/late@champion is to be looked up in MLflow, but no server is named',
    });
  });

  test('finds the version by the alias or its number', async () => {
    const store = await copyOf(done);
    const tracker = await trackerBefore('none', store);
    const found = { digest: ids.model, name: 'late', features: null };
    expect(await resolve(null, tracker, store)).toEqual(found);
    expect(await resolve('models:/late/1', tracker, store)).toEqual(found);
    await expect(resolve('models:/late/2', tracker, store)).rejects.toMatchObject({ name: 'MissingInput' });
  });

  test('says what makes its columns: by its card or, where it was trained elsewhere, by its version', async () => {
    const store = await copyOf(done);
    const card = await readObject(store, keys.modelCard(ids.model), ModelCard);
    const features = `code:${'f'.repeat(64)}`;
    await store.put(keys.modelCard(ids.model), encodeJson({ ...card, features }));
    const tracker = await trackerBefore('none', store);
    expect(await resolve(`sha256:${ids.model}`, undefined, store)).toMatchObject({ features });
    await store.delete(keys.modelCard(ids.model));
    expect(await resolve('models:/late/1', tracker, store)).toMatchObject({ features });
  });
});
