import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pythonCalls } from '../../../adapters/node/python-calls.ts';
import { keys } from '../../../core/contracts/keys.ts';

let folder: string;
const env = {
  FANFARE_PYTHON: resolve('.venv/bin/python'),
  FANFARE_PYTHON_LIBRARY: resolve('python/fanfare_trainable.py'),
};
const digests = { good: '1'.repeat(64), bad: '2'.repeat(64), none: '3'.repeat(64) };
const python = (which: keyof typeof digests) => `python:${digests[which]}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-python-'));
  await mkdir(join(folder, 'code'));
  const write = (which: keyof typeof digests, lines: readonly string[]) =>
    writeFile(join(folder, keys.python(digests[which])), lines.join('\n'));
  await write('good', [
    'from fanfare_trainable import Report, trainable',
    'print("what it prints is a log")',
    'calls = 0',
    '@trainable(resource="trees")',
    'def handler(*, params, start, until, **_):',
    '    global calls',
    '    calls += 1',
    '    if params["do"] == "raise": raise ValueError("too few rows")',
    '    if params["do"] == "die": __import__("os")._exit(9)',
    '    if params["do"] == "nothing": return',
    '    for step in range(start.resource + 1, until + 1):',
    '        yield Report(step, calls, checkpoint=lambda: b"%d" % step)',
    '# fanfare-file: mine.py',
  ]);
  await write('bad', ['import no_such_package']);
  await write('none', ['x = 1']);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const request = (calls: ReturnType<typeof pythonCalls>, does: string) => ({
  ...{ ask: 'train', params: { do: does }, seed: 1, trial: 0, until: 3, remaining: 60_000 },
  from: { resource: 0, checkpoint: null },
  data: {
    fields: [],
    inputs: [],
    task: { kind: 'regression' },
    target: {},
    weight: null,
    train: [],
    validation: [],
  },
  write: { checkpoint: calls.uri('calls/a/0-3.checkpoint'), model: calls.uri('calls/a/0-3.onnx') },
});

test('a Python file is asked as a Lambda function is, in one process that is kept', async () => {
  const calls = pythonCalls(folder, env);
  expect(await calls.call(python('good'), { ask: 'describe' })).toEqual({
    ...{ version: 1, resource: 'trees' },
    tasks: ['binary', 'multiclass', 'regression'],
  });
  const answer = { resource: 3, ended: false, metrics: {}, model: null };
  // sha256 of "3"
  const checkpoint = { sha256: '4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce', bytes: 1 };
  expect(await calls.call(python('good'), request(calls, 'train'))).toEqual({
    ...answer,
    value: 1,
    checkpoint,
  });
  expect(await calls.call(python('good'), request(calls, 'train'))).toEqual({
    ...answer,
    value: 2,
    checkpoint,
  });
});

test.each([
  ['raise', 'ValueError: too few rows (mine.py:8)'],
  ['nothing', 'ValueError: train ended without a report (it was to go from 0 to 3)'],
  ['die', 'its process ended by exit code 9'],
])('one that does "%s" costs its trial, and the next call is answered', async (does, told) => {
  const calls = pythonCalls(folder, env);
  const failed = calls.call(python('good'), request(calls, does));
  await expect(failed).rejects.toMatchObject({
    name: 'TrainableFailed',
    message: expect.stringContaining(told),
  });
  expect(await calls.call(python('good'), request(calls, 'train'))).toMatchObject({ resource: 3 });
});

test.each([
  ['bad', "ModuleNotFoundError: No module named 'no_such_package'"],
  ['none', 'TypeError: it defines no handler: write @trainable(...) def handler(...)'],
] as const)('one that is %s says why', async (which, told) => {
  await expect(pythonCalls(folder, env).call(python(which), { ask: 'describe' })).rejects.toThrow(told);
});

test('an interpreter that is not there, and a Lambda function here, are mistakes of the specification', async () => {
  const away = pythonCalls(folder, { ...env, FANFARE_PYTHON: '/no/such/python' });
  await expect(away.call(python('good'), { ask: 'describe' })).rejects.toMatchObject({
    name: 'InvalidSpec',
    message: expect.stringContaining('FANFARE_PYTHON names an interpreter'),
  });
  const arn = 'arn:aws:lambda:eu-central-1:111122223333:function:forest';
  await expect(pythonCalls(folder, env).call(arn, {})).rejects.toThrow('run it with --engine aws');
});
