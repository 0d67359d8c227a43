import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface Kept {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const small = [
  '--rows',
  '20000',
  '--trials',
  '3',
  '--rounds',
  '3',
  '--runs',
  '1',
  '--only',
  'csv/mlp,gbdt/numeric,branin,1000,mixed',
  '--no-peers',
  '--no-mlflow',
  // Which makes a table; nobody takes part.
  '--python',
  resolve('.venv/bin/python'),
];
let results = '';
let printed = '';

beforeAll(async () => {
  results = await mkdtemp(join(tmpdir(), 'fanfare-bench-test-'));
  const bench = ['bench/run.mjs', ...small, '--results', results];
  printed = (await promisify(execFile)(process.execPath, bench)).stdout;
});
afterAll(async () => await rm(results, { recursive: true }));

/** What the rows of each suite begin with where its peers are left out, and which of its columns hold a number then. */
test.each([
  [
    'flights',
    /^Fanfare$/,
    1,
    ['split s', 'tune s', 'predict s', 'total s', 'trees', 'validation AUC', 'test AUC'],
  ],
  ['fixed', /^learning_rate .+ feature_fraction/, 10, ['Fanfare', 'Fanfare CPU s']],
  ['search', /^branin$/, 1, ['random', 'sobol', 'tpe', 'cmaes', 'gp', 'auto']],
  ['search-asks', /trials$/, 4, ['ours: median']],
  ['search-lanes', /^geometric mean$/, 1, ['tpe', 'cmaes', 'gp']],
  ['search-objectives', /^mixed$/, 1, ['random', 'nsga2', 'tpe', 'gp']],
  [
    'schedulers',
    /^(none|successive_halving|asha|hyperband|median|percentile|patience)$/,
    7,
    ['time in all', 'trained in all'],
  ],
  ['flights-search', /^Fanfare$/, 1, ['test AUC', 'validation AUC', 'tune s']],
  ['machinery', /^Fanfare$/, 1, ['trials', 'trials a second', '(command s)']],
  ['ask', /ask, cold/, 1, ['reads', 'CPU s']],
  ['record', /^not recorded$/, 1, ['study s', "lanes' CPU s"]],
  ['predict', /^(Fanfare|ONNX Runtime alone)$/, 2, ['rows a CPU second']],
  ['report', /^Fanfare$/, 1, ['MB', 'made in s', 'CPU s']],
  ['read', /^csv$/, 1, ['CPU s', 'MB a CPU second']],
  ['predict-cold', /^Fanfare$/, 1, ['command s', 'of it predict s']],
  ['predict-memory', /^csv\/mlp$/, 1, ['2,000 rows', '20,000 rows', 'times']],
  ['predict-flights', /^Fanfare$/, 1, ['predict s', 'rows a second', '(command s)']],
  // Short work may end before its memory is looked at; these work on rows.
  [
    'memory',
    /^(split-shard|prepare-study|train|predict-shard)$/,
    4,
    ['20,000 rows', '200,000 rows', 'times'],
  ],
  ['gbdt', /^(7|31|255)$/, 3, ['Fanfare CPU s', 'Fanfare AUC']],
  ['training', /^numeric /, 1, ['Fanfare CPU s', 'Fanfare score']],
])('the bench measures %s', async (suite, named, count, measured) => {
  const kept = JSON.parse(await readFile(join(results, `${suite}.json`), 'utf8'));
  const [{ title, columns, rows }, ...others]: [Kept, ...Kept[]] = kept.reports;
  expect(others).toEqual([]);
  expect(rows.filter(([name]) => named.test(name!))).toHaveLength(count);
  for (const row of rows) {
    expect(row).toHaveLength(columns.length);
    for (const name of measured) expect(row[columns.indexOf(name)], name).toMatch(/^[\d,]+(\.\d+)?$/);
  }
  expect(printed).toContain(`### ${title}\n`);
  for (const row of rows) expect(printed).toContain(`| ${row.join(' | ')} |\n`);
});
