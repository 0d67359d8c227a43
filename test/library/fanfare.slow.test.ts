import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type Fanfare,
  openDataset,
  openFanfare,
  type Progress,
  type SpecInput,
} from '../../library/index.ts';

/** Whoever stays less than a year leaves in three cases of four, and others in one of four. */
const rows = Array.from({ length: 1200 }, (_, row) => {
  const months = (row * 7) % 24;
  // Knuth's multiplicative hash: one in four is another.
  const other = Math.imul(row, 2_654_435_761) >>> 30 === 0;
  const left = other ? months >= 12 : months < 12;
  return { months, age: 20 + ((row * 13) % 50), status: left ? 'left' : 'stays' };
});
const csv = ['months,age,status', ...rows.map((row) => Object.values(row).join()), ''].join('\n');

let folder: string;
let fanfare: Fanfare | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-program-'));
  await writeFile(join(folder, 'customers.csv'), csv);
});
afterEach(() => fanfare?.close());
afterAll(() => rm(folder, { recursive: true, maxRetries: 5, retryDelay: 200 }));

const spec = (changes: Partial<SpecInput> = {}): SpecInput => ({
  name: 'churn',
  table: join(folder, 'customers.csv'),
  target: { column: 'status', equals: 'left' },
  tune: {
    trials: 3,
    scheduler: { kind: 'none', max: 20 },
    space: { learning_rate: { low: 0.05, high: 0.5, log: true }, l2: [0, 1, 10] },
  },
  ...changes,
});

test('a pipeline of an object gives its typed document, tells its progress, and is read back', async () => {
  const told: Progress[] = [];
  const home = join(folder, 'pipeline');
  fanfare = await openFanfare({ home, mlflow: false, onProgress: (progress) => told.push(progress) });
  const document = await fanfare.pipeline(spec());
  expect(document).toMatchObject({
    command: 'pipeline',
    tune: { trials: 3, complete: 3, failed: 0, metric: 'auc', resource: 'rounds' },
    registered: { name: null, version: null, pending: expect.any(String) },
    promotion: { recorded: false },
    mlflow: { uri: null, waiting: 3 },
    store: join(home, 'store'),
  });
  const { split, predict, evaluation, files } = document;
  expect(split.train + split.validation + split.test).toBe(rows.length);
  expect(predict).toMatchObject({ rows: split.test, predicted: split.test, rejected: 0 });
  // Months alone order the rows 3 to 1: an area of .75.
  expect(evaluation.auc).toBeGreaterThan(0.65);

  const dataset = await openDataset(`${document.store}/${files.dataset}`);
  let months = 0;
  for await (const { rows } of dataset.partitions()) {
    months += rows.numbers('months').reduce((sum, value) => sum + value, 0);
  }
  expect(months).toBe(rows.reduce((sum, row) => sum + row.months, 0));

  expect(told[0]).toEqual({ kind: 'job', command: 'pipeline', name: 'churn' });
  const stages = told.flatMap((one) => (one.kind === 'stage-done' ? [one.stage] : []));
  expect(stages).toEqual(['split', 'tune', 'predict']);
  const counted = told.filter((one) => one.kind === 'shards');
  expect(counted.findLast(({ stage }) => stage === 'split')?.rows).toBe(rows.length);
  expect(counted.findLast(({ stage }) => stage === 'predict')?.rows).toBe(split.test);
  expect(told.findLast((one) => one.kind === 'trials')).toMatchObject({ total: 3, tried: 3, rungs: 3 });

  const status = await fanfare.status('churn');
  expect(status).toMatchObject({ runs: [], studies: [], predictions: [] });
  expect(status.pending).toHaveLength(3);
  expect(await fanfare.list('churn')).toMatchObject({
    studies: [{ study: document.tune.study, state: 'concluded', metric: 'auc', trials: { complete: 3 } }],
    predictions: [{ prediction: predict.prediction, state: 'committed', rows: split.test }],
    datasets: [{ rows: split }],
  });
  const shown = await fanfare.show(document.tune.study);
  if (shown.kind !== 'study') throw new Error(`it is a ${shown.kind}`);
  expect(shown.trials[0]).toMatchObject({
    number: document.tune.best.trial,
    value: document.tune.best.value,
  });
  expect(shown.model).toBe(document.tune.best.model);
  expect(await fanfare.show(predict.prediction)).toMatchObject({ prediction: { rows: split.test } });
});

test('a finished study goes on with more trials, of which the first ones are those that it had', async () => {
  const home = join(folder, 'grown');
  const trialsOf = async (told: Fanfare) => {
    const shown = await told.show('churn');
    if (shown.kind !== 'study') throw new Error(`it is a ${shown.kind}`);
    return shown.trials.toSorted((a, b) => a.number - b.number);
  };
  fanfare = await openFanfare({ home, mlflow: false });
  const first = await fanfare.tune(spec());
  const before = await trialsOf(fanfare);
  const grown = await fanfare.tune(spec(), { trials: 5 });
  expect(grown.files.study).toBe(first.files.study);
  expect(grown.tune).toMatchObject({ trials: 5, complete: 5 });
  expect((await trialsOf(fanfare)).slice(0, 3)).toEqual(before);

  const out = join(folder, 'churn.csv');
  const exported = await fanfare.export('churn', { format: 'csv', out, rungs: true });
  expect(exported).toMatchObject({ study: expect.stringMatching(/^churn-/), file: out, trials: 5 });
  const lines = (await readFile(out, 'utf8')).trim().split('\n');
  expect(lines[0]).toMatch(/^number,rung,resource,value,datetime_start,/);
  expect(lines).toHaveLength(1 + 5);
  expect(await fanfare.replay('churn')).toMatchObject({ claims: 5, suggestions: 5, difference: null });

  const told: Progress[] = [];
  await fanfare.close();
  fanfare = await openFanfare({ home, mlflow: false, onProgress: (progress) => told.push(progress) });
  expect((await fanfare.tune(spec())).tune).toEqual(grown.tune);
  expect(told.filter(({ kind }) => kind === 'rung')).toEqual([]);
  await expect(fanfare.tune(spec(), { trials: 2.5 })).rejects.toMatchObject({
    ...{ name: 'InvalidSpec', message: 'trials: use a whole number from 1 to 100,000 (given: 2.5)' },
  });
});

test('a failure is told by the name and message that the command prints', async () => {
  fanfare = await openFanfare({ home: join(folder, 'failing'), mlflow: false });
  await expect(fanfare.split(spec({ target: 'nowhere' }))).rejects.toMatchObject({
    name: 'MissingInput',
    message: expect.stringMatching(/^target: [^{]*nowhere/),
  });
  await expect(fanfare.tune(spec({ name: 'No Name' }))).rejects.toMatchObject({
    name: 'InvalidSpec',
    message: expect.stringMatching(/^specification: name: use 1 to 40 of a-z/),
  });
  await expect(fanfare.resume('nobody')).rejects.toMatchObject({ name: 'MissingInput' });
  await expect(fanfare.sync()).rejects.toMatchObject({ name: 'TrackerUnavailable' });
});

test('a signal ends a study with its reason, and it is resumed by its name', async () => {
  const home = join(folder, 'ended');
  const giveUp = new AbortController();
  const reason = new Error('enough');
  const first = await openFanfare({
    ...{ home, mlflow: false, signal: giveUp.signal },
    onProgress: (progress) => {
      if (progress.kind === 'rung') giveUp.abort(reason);
    },
  });
  await expect(first.tune(spec())).rejects.toBe(reason);
  await first.close();

  fanfare = await openFanfare({ home, mlflow: false });
  const document = await fanfare.resume('churn');
  expect(document).toMatchObject({ command: 'tune', tune: { trials: 3, failed: 0 } });
});

test('the program in docs/library.md runs with the package as it is built', async () => {
  const [, program] = /```ts\n([^`]*(?:`[^`]+`[^`]*)*)```/.exec(await readFile('docs/library.md', 'utf8'))!;
  const { code } = await transform(program!, { loader: 'ts', format: 'esm' });
  await mkdir(join(folder, 'node_modules'));
  await symlink(resolve('.'), join(folder, 'node_modules/fanfare'));
  await writeFile(join(folder, 'program.mjs'), code);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: folder });
  expect(stdout).toMatch(/^test auc 0\.[6-9]\d*\n(months \d+\n)+$/);
  expect(stderr).toContain('4 of 4 trials');
});
