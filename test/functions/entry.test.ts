import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { measures } from '../../core/contracts/measures.ts';
import { shell } from '../../functions/shared/entry.ts';
import { measured, subjectOf } from '../../functions/shared/noted.ts';
import { observers } from '../../functions/shared/observe.ts';
import { threadsOf } from '../../functions/shared/ports.ts';
import { bindingsOf } from '../../functions/shared/upload-ports.ts';

const context = { functionName: 'train', awsRequestId: 'r-1', getRemainingTimeInMillis: () => 1000 };
const Anything = z.record(z.string(), z.unknown());

let lines: Record<string, unknown>[] = [];
const note = (text: string) => void lines.push(JSON.parse(text));

beforeEach(() => {
  lines = [];
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'train');
  for (const name of ['log', 'info', 'error'] as const) vi.spyOn(console, name).mockImplementation(note);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const deployed = async (step: (request: object) => Promise<object>, contract: z.ZodType<object> = Anything) =>
  shell(contract, step, async () => ({}), await observers({}));

test('a function that is at its time limit is left to be ended by Lambda: it throws nothing of its own', async () => {
  const handler = shell(
    Anything,
    () => new Promise(() => {}),
    async () => ({}),
    [],
  );
  const running = handler({}, { ...context, getRemainingTimeInMillis: () => 20 });
  const later = new Promise((resolve) => setTimeout(resolve, 100, 'still running'));
  expect(await Promise.race([running, later])).toBe('still running');
});

describe('a deployed function', () => {
  test('says in one line what it was asked about and what it answered', async () => {
    const handler = await deployed(async () => ({ next: 'tell' }));
    await handler({ study: 's-1', claim: 'studies/s-1/claims/00012.json' }, context);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      ...{ level: 'INFO', message: 'answered', service: 'train', function: 'train', request: 'r-1' },
      ...{ study: 's-1', claim: 12, answer: { next: 'tell' } },
    });
  });

  test('forgets the one call before the next', async () => {
    const handler = await deployed(async () => ({}));
    await handler({ job: 'datasets/d/', shard: 7, execution: 'e' }, context);
    await handler({ study: 's-1' }, context);
    expect(lines[0]).toMatchObject({ job: 'datasets/d/', shard: 7, execution: 'e' });
    expect(lines[1]).not.toHaveProperty('shard');
    expect(lines[1]).toMatchObject({ study: 's-1' });
  });

  test('says why it failed, with what it was about, and fails by that error', async () => {
    const handler = await deployed(() => Promise.reject(new TypeError('x is not a function')));
    await expect(handler({ job: 'predictions/p/', shard: 3 }, context)).rejects.toThrow(TypeError);
    expect(lines).toMatchObject([
      { level: 'ERROR', shard: 3, error: { name: 'TypeError', message: 'x is not a function' } },
    ]);
  });

  test('refuses what its contract does not allow, and says what', async () => {
    const handler = await deployed(async () => ({}), z.strictObject({ shard: z.int() }));
    await expect(handler({ shard: 'two', study: 's-1' }, context)).rejects.toMatchObject({
      name: 'InvalidSpec',
      message: expect.stringMatching(/^train: .*shard: .*expected/),
    });
    expect(lines).toMatchObject([{ level: 'ERROR', study: 's-1', error: { name: 'InvalidSpec' } }]);
  });

  test('gives its measures to CloudWatch, under its own name', async () => {
    const handler = await deployed(async () => ({ predicted: 90, rejected: 10 }));
    await handler({}, context);
    const found = lines.find((line) => '_aws' in line);
    expect(found).toMatchObject({ service: 'train', RowsPredicted: 90, RowsRejected: 10 });
    expect(found?._aws).toMatchObject({
      CloudWatchMetrics: [{ Namespace: 'Fanfare', Dimensions: [['service']] }],
    });
  });

  test('that answers at length is cut short in its line', async () => {
    const handler = await deployed(async () => ({ text: 'x'.repeat(100_000) }));
    await handler({}, context);
    expect(JSON.stringify(lines[0]).length).toBeLessThan(3000);
  });
});

test('a function on this machine writes no line', async () => {
  await shell(
    Anything,
    async () => ({ predicted: 1 }),
    async () => ({}),
    [],
  )({ study: 's' }, context);
  expect(lines).toEqual([]);
});

test('an upload is what its function is about', () => {
  expect(subjectOf({ detail: { object: { key: 'uploads/a.csv' } } })).toEqual({ upload: 'uploads/a.csv' });
});

test.each([
  [
    {},
    { next: 'tell', outcome: { kind: 'reported', seconds: 12 } },
    { RungsTrained: 1, TrainingSeconds: 12 },
  ],
  [{}, { next: 'continue' }, {}],
  [{ outcome: { kind: 'failed' } }, {}, { TrialsFailed: 1 }],
  [{}, { recorded: false, reason: 'x' }, { RecordsDeferred: 1 }],
  [{}, { sent: 1, left: 3 }, { PendingRecords: 3 }],
  [{}, { refused: 'uploads/a.yaml' }, { UploadsRefused: 1 }],
  [{}, { started: true }, { UploadsStarted: 1 }],
  [{}, { started: false }, {}],
])('the request %j and the answer %j measure %j', (request, answer, expected) => {
  const found = measured(request, answer).map(({ name, value }) => [name, value]);
  expect(Object.fromEntries(found)).toEqual(expected);
  for (const name of Object.keys(expected)) expect(Object.values(measures)).toContain(name);
});

test.each([
  [undefined, 1],
  ['512', 1],
  ['1769', 1],
  ['3537', 1],
  ['3538', 2],
  ['10240', 5],
])('with %s MiB a model runs on %i threads', (memory, threads) => {
  expect(threadsOf(memory)).toBe(threads);
});

describe('the bindings', () => {
  test('are none where nothing is said', () => expect(bindingsOf(undefined)).toEqual([]));

  test('have parquet for a format where they say none', () => {
    const binding = { prefix: 'uploads/churn/', model: 'models:/churn@champion' };
    expect(bindingsOf(JSON.stringify([binding]))).toEqual([{ ...binding, format: 'parquet' }]);
  });

  test.each([
    ['[{"prefix":"uploads/","model":"models:/a/1"}]', '0.prefix: a folder below uploads/'],
    ['[{"prefix":"uploads/a/","model":"a"}]', '0.model: models:/name@alias'],
    ['{', 'expected array'],
  ])('%s are refused: %s', (text, reason) => {
    expect(() => bindingsOf(text)).toThrow(reason);
  });
});
