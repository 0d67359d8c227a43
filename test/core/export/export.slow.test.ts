import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Study, Trial } from '../../../core/contracts/study.ts';
import { optunaJournal } from '../../../core/export/optuna-journal.ts';
import { rungTable, trialTable } from '../../../core/export/trial-table.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { study as example } from '../../support/tracking-examples.ts';

const start = Date.UTC(2026, 0, 1, 12, 0, 0, 250);

const study: Study = {
  ...example,
  space: {
    rate: { kind: 'float', low: 0.01, high: 1, log: true },
    share: { kind: 'float', low: 0.5, high: 1, log: false, step: 0.1 },
    leaves: { kind: 'int', low: 8, high: 256, log: true },
    depth: { kind: 'int', low: 2, high: 10, log: false, step: 2 },
    booster: { kind: 'choice', options: ['plain', 'dart', 3, true] },
    drop: { kind: 'float', low: 0, high: 1, log: false, when: { booster: ['dart'] } },
  },
};

const rung = (at: number, value: number, error: number): Trial['rungs'][number] => ({
  rung: at,
  outcome: {
    ...{
      value,
      metrics: { auc: value, error, accuracy: 0.75 },
      resource: [9, 27][at]!,
      model: null,
      seconds: 1.5,
    },
    reports: [{ step: [3, 18][at]!, value: value - 0.1 }],
  },
  startedAt: start + 1000 * at,
  at: start + 1000 * at + 500,
});

const params = { rate: 0.1, share: 0.8, leaves: 31, depth: 4, booster: 'plain' };
const trials: Trial[] = [
  { number: 0, params, state: 'complete', rungs: [rung(0, 0.75, 3), rung(1, 0.875, 2)], startedAt: start },
  {
    ...{ number: 1, params: { ...params, rate: 0.2, booster: 'dart', drop: 0.25 }, state: 'pruned' },
    ...{ rungs: [rung(0, 0.625, 4)], startedAt: start, reason: 'not among the best third' },
  },
  {
    ...{ number: 2, params: { ...params, booster: 3 }, state: 'failed', rungs: [], startedAt: start },
    failure: { error: 'TrainableFailed', cause: 'the loss became NaN', at: start + 300 },
  },
  { number: 3, params: { ...params, booster: true }, state: 'running', rungs: [], startedAt: start },
  {
    ...{ number: 4, params: { ...params, rate: 0.5, leaves: 256 }, state: 'complete', startedAt: start },
    rungs: [rung(0, 0.5, 1), rung(1, 0.8125, 1)],
  },
];

interface Read {
  readonly directions: readonly string[];
  readonly metrics: readonly string[];
  readonly attributes: object;
  readonly trials: readonly Record<string, unknown>[];
  readonly best: unknown;
  readonly importances: Readonly<Record<string, number>>;
  readonly continued: unknown;
  readonly study: Frame;
  readonly rungs: Frame;
}
interface Frame {
  readonly columns: readonly string[];
  readonly types: Readonly<Record<string, string>>;
  readonly same: boolean;
  readonly rows: readonly Record<string, unknown>[];
  readonly frame: readonly string[];
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function readBack(of: Study): Promise<Read> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-export-'));
  folders.push(folder);
  await writeFile(join(folder, 'study.journal'), optunaJournal(of, trials));
  for (const format of ['csv', 'parquet'] as const) {
    await writeFile(join(folder, `study.${format}`), encodeTable(format, [trialTable(of, trials)]));
    await writeFile(join(folder, `rungs.${format}`), encodeTable(format, [rungTable(of, trials)]));
  }
  const script = ['test/core/export/read_study.py', folder, of.study];
  const { stdout } = await promisify(execFile)(join(resolve('.venv'), 'bin/python'), script);
  return JSON.parse(stdout);
}

let read: Read;
beforeAll(async () => {
  read = await readBack(study);
}, 120_000);

describe('Optuna', () => {
  test('loads the study: its direction, its trials, their states, values, parameters and times', () => {
    expect(read).toMatchObject({ directions: ['MAXIMIZE'], metrics: ['auc'], best: 0 });
    expect(read.attributes).toMatchObject({ fanfare: study.study });
    const [first, pruned, failed, running] = read.trials;
    expect(first).toMatchObject({ number: 0, state: 'COMPLETE', values: [0.875], params });
    expect(pruned).toMatchObject({
      state: 'PRUNED',
      values: [0.625],
      params: { booster: 'dart', drop: 0.25 },
    });
    expect(failed).toMatchObject({ state: 'FAIL', values: null, params: { booster: 3 } });
    expect(running).toMatchObject({
      state: 'RUNNING',
      values: null,
      params: { booster: true },
      complete: null,
    });
    // Optuna tells the local time of where it runs.
    expect(new Date(String(first?.start)).getTime()).toBe(start);
    expect(new Date(String(first?.complete)).getTime()).toBe(start + 1500);
    expect(failed?.attributes).toMatchObject({ error: 'TrainableFailed: the loss became NaN', rungs: 0 });
    expect(pruned?.attributes).toMatchObject({
      reason: 'not among the best third',
      resource: 9,
      accuracy: 0.75,
    });
  });

  test('knows the axes, and of a conditional one only where it was there', () => {
    expect(read.trials[0]?.distributions).toEqual({
      rate: 'FloatDistribution(high=1.0, log=True, low=0.01, step=None)',
      share: 'FloatDistribution(high=1.0, log=False, low=0.5, step=0.1)',
      leaves: 'IntDistribution(high=256, log=True, low=8, step=1)',
      depth: 'IntDistribution(high=10, log=False, low=2, step=2)',
      booster: "CategoricalDistribution(choices=('plain', 'dart', 3, True))",
    });
    expect(read.trials[1]?.distributions).toHaveProperty('drop');
  });

  test('has the values on the way, and at each rung the one that counts', () => {
    const { intermediate } = read.trials[0]!;
    expect(intermediate).toEqual({ 3: 0.65, 9: 0.75, 18: 0.775, 27: 0.875 });
  });

  test('tells importances, and goes on with a trial of its own', () => {
    const { importances } = read;
    expect(Object.keys(importances).toSorted()).toEqual(['booster', 'depth', 'leaves', 'rate', 'share']);
    expect(read.continued).toEqual([1, 'COMPLETE', ['booster', 'depth', 'drop', 'leaves', 'rate', 'share']]);
  });

  test('loads several objectives, of which the trials of the front are the best', async () => {
    const several = await readBack({ ...study, also: [{ metric: 'error', direction: 'minimize' }] });
    expect(several).toMatchObject({
      directions: ['MAXIMIZE', 'MINIMIZE'],
      metrics: ['auc', 'error'],
      best: [0, 4],
    });
    expect(several.trials.map(({ values }) => values)).toEqual([
      [0.875, 2],
      [0.625, 4],
      null,
      null,
      [0.8125, 1],
    ]);
    expect(several.study.rows[4]).toMatchObject({ values_auc: 0.8125, values_error: 1 });
  });
});

describe('pandas', () => {
  test('reads a row a trial, with the columns of trials_dataframe', () => {
    const { columns, rows, types, same, frame } = read.study;
    expect(columns.slice(0, 5)).toEqual([
      'number',
      'value',
      'datetime_start',
      'datetime_complete',
      'duration',
    ]);
    expect(columns.at(-1)).toBe('state');
    // Where the only metric has a name, Optuna's column has it too.
    expect(frame).toEqual(['value_auc']);
    expect(same).toBe(true);
    expect(types).toMatchObject({
      ...{ number: 'int64', value: 'float64', params_leaves: 'int64', params_rate: 'float64' },
      datetime_start: expect.stringMatching(/^datetime64\[ms, UTC\]$/),
    });
    expect(rows.map(({ value }) => value)).toEqual([0.875, 0.625, null, null, 0.8125]);
    expect(rows.map(({ params_booster: booster }) => booster)).toEqual([
      'plain',
      'dart',
      '3',
      'true',
      'plain',
    ]);
    expect(rows[1]).toMatchObject({ params_drop: 0.25, duration: 0.5, state: 'PRUNED' });
    expect(rows[0]?.params_drop).toBeNull();
  });

  test('reads a row a rung', () => {
    const { rows, same } = read.rungs;
    expect(same).toBe(true);
    expect(rows.map(({ number, rung: at, resource, value }) => [number, at, resource, value])).toEqual([
      [0, 0, 9, 0.75],
      [0, 1, 27, 0.875],
      [1, 0, 9, 0.625],
      [4, 0, 9, 0.5],
      [4, 1, 27, 0.8125],
    ]);
  });
});
