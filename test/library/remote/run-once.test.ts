import { beforeEach, describe, expect, test } from 'vitest';
import { readSpec } from '../../../core/spec/read.ts';
import type { ObjectStore } from '../../../core/store.ts';
import { keepJob } from '../../../library/last-job.ts';
import type { Described } from '../../../library/remote/executions.ts';
import { lastJobOn, stopAll } from '../../../library/remote/jobs.ts';
import { executionsOf, type Run, runOnce } from '../../../library/remote/run-once.ts';
import { type FakeExecutions, fakeExecutions } from '../../support/fake-executions.ts';
import { memoryStore } from '../../support/memory-store.ts';

const specOf = (name: string) =>
  readSpec(
    `{ name: ${name}, table: s3://b/t.csv, target: late, tune: { space: { learning_rate: 0.1 } } }`,
    'late.yaml',
  );

let executions: FakeExecutions;
let store: ObjectStore;
let run: Run;
let followed: string[];

beforeEach(async () => {
  executions = fakeExecutions();
  store = memoryStore();
  followed = [];
  const spec = await keepJob(store, { command: 'split', spec: specOf('late'), model: null });
  run = { flow: 'split', name: 'late', input: { spec }, versions: [['t.csv', 5, 'e1']], settled: () => true };
});

/** Follows it to an end of our choice. */
const once = (end: Partial<Described> = { state: 'succeeded', output: 'done' }, asked = run) =>
  runOnce(asked, {
    executions,
    store,
    follow: async ({ flow, name }) => {
      followed.push(name);
      executions.set(flow, name, end);
      return (await executions.describe(flow, name))!;
    },
  });

const nameOf = (call: string | undefined) => call?.split(' ')[2] ?? '';

describe('a run', () => {
  test('is named by its specification, what it is made from, and a number', async () => {
    expect(await once()).toBe('done');
    expect(executions.calls).toEqual([expect.stringMatching(/^start split late-[0-9a-f]{12}-1$/)]);
    expect(followed).toEqual([nameOf(executions.calls[0])]);
  });

  test('that succeeded is not done again', async () => {
    await once();
    expect(await once()).toBe('done');
    expect(executions.calls).toHaveLength(1);
    expect(followed).toHaveLength(1);
  });

  test('that succeeded is done again where its outcome does not stand for good', async () => {
    await once();
    await once({ state: 'succeeded', output: 'newer' }, { ...run, settled: (output) => output !== 'done' });
    expect(executions.calls.map(nameOf).map((name) => name.at(-1))).toEqual(['1', '2']);
    expect(await once(undefined, { ...run, settled: (output) => output !== 'done' })).toBe('newer');
  });

  test('that is under way is followed, not started again', async () => {
    await once({ state: 'running' }).catch(() => undefined);
    expect(await once()).toBe('done');
    expect(executions.calls).toHaveLength(1);
    expect(followed).toHaveLength(2);
  });

  test.each(['failed', 'stopped', 'timed-out'] as const)('that %s has a successor', async (state) => {
    await expect(once({ state, error: 'E', cause: 'why' })).rejects.toMatchObject({ name: 'FlowFailed' });
    expect(await once()).toBe('done');
    expect(executions.calls.map(nameOf).map((name) => name.at(-1))).toEqual(['1', '2']);
  });

  test('over a table that was written anew is another', async () => {
    await once();
    await once(undefined, { ...run, versions: [['t.csv', 5, 'e2']] });
    const names = executions.calls.map(nameOf);
    expect(names).toHaveLength(2);
    expect(names[0]).not.toBe(names[1]);
    expect(names.every((name) => name.endsWith('-1'))).toBe(true);
  });

  test('that another command started a moment before is followed', async () => {
    const start = executions.start;
    const raced = {
      ...executions,
      start: async (...args: Parameters<typeof start>) => {
        await start(...args);
        return 'exists' as const;
      },
    };
    const answer = await runOnce(run, {
      executions: raced,
      store,
      follow: async ({ flow, name }) => ({
        ...(await raced.describe(flow, name))!,
        state: 'succeeded',
        output: 1,
      }),
    });
    expect(answer).toBe(1);
  });

  test('waits for nobody: what does the same by an upload is followed, what does something else refuses it', async () => {
    executions.set('split', 'late-0123456789abcdef0123', { input: run.input });
    expect(await once()).toBe('done');
    expect(followed).toEqual(['late-0123456789abcdef0123']);
    executions.set('pipeline', 'late-fedcba9876543210fedc', {
      input: { ...(run.input as object), lanes: 3 },
    });
    await expect(once(undefined, { ...run, flow: 'tune' })).rejects.toMatchObject({
      name: 'AlreadyRunning',
      message: expect.stringContaining('late-fedcba9876543210fedc of flow pipeline'),
    });
  });

  test('is not refused by what a flow nests or what has a longer name', async () => {
    const parent = { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn' };
    executions.set('tune', 'late-nested', { input: { ...(run.input as object), ...parent } });
    const spec = await keepJob(store, { command: 'split', spec: specOf('late-eu'), model: null });
    executions.set('tune', 'late-eu-0123456789ab-1', { input: { spec } });
    expect(await once()).toBe('done');
    expect(await executionsOf(executions, store, 'late-eu', 'running')).toHaveLength(1);
  });
});

describe('stop', () => {
  test('ends the executions of that name and what they nest, and no others', async () => {
    const name = 'late-0123456789ab-1';
    executions.set('pipeline', name, { input: run.input });
    executions.set('tune', `tune-${name}`, {});
    executions.set('split', `split-${name}`, { state: 'succeeded' });
    executions.set('predict', 'early-0123456789ab-1', { input: run.input });
    expect(await stopAll(executions, store, 'late')).toEqual([`execution ${name} of flow pipeline`]);
    expect(executions.calls).toEqual([`stop pipeline ${name}`, `stop tune tune-${name}`]);
  });

  test('ends nothing where nothing runs', async () => {
    executions.set('pipeline', 'late-0123456789ab-1', { input: run.input, state: 'failed' });
    expect(await stopAll(executions, store, 'late')).toEqual([]);
  });
});

describe('resume', () => {
  test('finds the command that was last given, with its specification', async () => {
    await keepJob(store, { command: 'tune', spec: specOf('late'), model: null });
    executions.set('split', 'late-0123456789ab-1', { input: run.input, state: 'succeeded' });
    expect(await lastJobOn(executions, store, 'late')).toEqual({
      command: 'tune',
      spec: specOf('late'),
      model: null,
    });
  });

  test('takes the flow of the latest execution where an upload started it', async () => {
    executions.set('split', 'late-0123456789ab-1', { input: run.input, state: 'succeeded', startedAt: 1 });
    const other = { ...specOf('late'), experiment: 'other' };
    const spec = await keepJob(memoryStore(), { command: 'pipeline', spec: other, model: null });
    await store.put(`specs/${spec}.json`, new TextEncoder().encode(JSON.stringify(other)));
    executions.set('pipeline', 'late-0123456789abcdef0123', { input: { spec, lanes: 2 }, startedAt: 2 });
    expect(await lastJobOn(executions, store, 'late')).toMatchObject({
      command: 'pipeline',
      spec: { experiment: 'other' },
    });
  });

  test('says that a table which was uploaded is to be uploaded again', async () => {
    const partial = { name: 'late', table: { path: 's3://b/u' }, predict: {} };
    await store.put(`specs/${'a'.repeat(64)}.json`, new TextEncoder().encode(JSON.stringify(partial)));
    executions.set('predict', 'late-x', { input: { spec: 'a'.repeat(64), model: null } });
    await expect(lastJobOn(executions, store, 'late')).rejects.toThrow('upload the table again');
  });

  test('finds nothing where nothing was done', async () => {
    expect(await lastJobOn(executions, store, 'early')).toBeUndefined();
  });
});
