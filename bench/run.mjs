// npm run bench [-- SUITE … --runs N --rows N --trials N --rounds N --only CASE --no-peers --no-mlflow --python PATH --results FOLDER]: this
// project and its peers on the same work, in turn, in one run. Prints a table a suite and keeps it in bench/results.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installPython, setup } from '../scripts/setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const log = (line) => void process.stderr.write(`${line}\n`);

const suites = [
  'flights',
  'fixed',
  'search',
  'search-lanes',
  'search-asks',
  'search-objectives',
  'schedulers',
  'flights-search',
  'machinery',
  'ask',
  'record',
  'read',
  'report',
  'predict',
  'predict-cold',
  'predict-memory',
  'predict-flights',
  'memory',
  'gbdt',
  'training',
];
/** They make a table of their own, by Python. */
const scoring = ['read', 'predict', 'predict-cold', 'predict-memory', 'training'];
/** Nobody else takes part in them. */
const alone = ['memory', 'predict-memory', 'read', 'record', 'report', 'schedulers'];
/** They have MLflow record. */
const recording = ['flights', 'predict-cold', 'record'];
const whole = { type: /** @type {const} */ ('string') };
const flag = { type: /** @type {const} */ ('boolean'), default: true };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    runs: whole,
    rows: whole,
    trials: whole,
    rounds: whole,
    only: whole,
    python: whole,
    results: whole,
    peers: flag,
    mlflow: flag,
  },
});

const chosen = positionals.length > 0 ? positionals : suites;
const unknown = chosen.filter((name) => !suites.includes(name));
if (unknown.length > 0) fail(`no suite ${unknown.join(', ')}; there are ${suites.join(', ')}`);
const numbers = Object.fromEntries(
  ['runs', 'rows', 'trials', 'rounds'].map((name) => [name, numberOf(name, values[name])]),
);

const any = (names) => chosen.some((name) => names.includes(name));
const compared = values.peers && !chosen.every((name) => alone.includes(name));
const recorded = values.mlflow && any(recording);
const { python: ownPython } = await setup({
  python: recorded || (!compared && any(scoring) && !values.python) ? 'required' : 'none',
  ...{ tests: false, log },
});
const python = compared ? (values.python ?? (await peersPython())) : undefined;
// What they import is there only now.
const { buildDrivers } = await import('./build.mjs');
const { openBench } = await import('./bench.mjs');
const { machine, markdown } = await import('./report.mjs');
await buildDrivers();

const folder = await mkdtemp(join(tmpdir(), 'fanfare-bench-'));
// The program that runs gets the signal as well and fails: what is below still tidies up.
process.on('SIGINT', () => log('interrupted'));
try {
  for (const name of chosen) await runSuite(name);
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

async function runSuite(name) {
  const { run } = await import(`./suites/${name}.mjs`);
  const own = join(folder, name);
  await mkdir(own);
  const { mlflow, only } = values;
  const tools = values.python ?? python ?? ownPython;
  const results = values.results ?? join(root, 'bench/results');
  const given = { ...numbers, folder: own, shared: folder, results, mlflow, only, python, tools, log };
  const reports = [await run(openBench(given))].flat();
  for (const report of reports) process.stdout.write(`${markdown(report)}\n`);
  await mkdir(results, { recursive: true });
  const kept = { suite: name, at: new Date().toISOString(), machine: machine(), options: values, reports };
  await writeFile(join(results, `${name}.json`), `${JSON.stringify(kept, undefined, 2)}\n`);
  await rm(own, { recursive: true, force: true });
}

function peersPython() {
  const files = ['bench/peers/requirements.txt'];
  return installPython({
    folder: '.venv-bench',
    files,
    label: 'Installing the peers (Ray, Dask, polars, LightGBM, ONNX Runtime)',
    log,
  });
}

function numberOf(name, text) {
  const number = text === undefined ? undefined : Number(text);
  if (number === undefined || (Number.isSafeInteger(number) && number > 0)) return number;
  return fail(`--${name} takes a whole number above 0; given: ${text}`);
}

function fail(message) {
  log(`bench: ${message}`);
  process.exit(1);
}
