import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { runProgram } from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist/cli/fanfare.mjs');

/** Nobody's server but the one that the bench names. */
const plainEnv = { NO_COLOR: '1', MLFLOW_TRACKING_URI: '', FANFARE_HOME: '', FANFARE_ENGINE: 'local' };

/** A command as it is shipped: its one JSON document, and what it took. */
export async function fanfare(home, args, besides = []) {
  const given = [cli, ...args, '--json', '--home', home];
  const { stdout, ...took } = await runProgram(process.execPath, given, { env: plainEnv, besides });
  return { document: JSON.parse(stdout), ...took };
}

/** The study of examples/flights over another table, with keys of `tune` and of the whole changed; a file in `folder`. */
export async function writeFlightsSpec(folder, table, { tune = {}, ...whole } = {}) {
  const example = parse(await readFile(join(root, 'examples/flights/flights.yaml'), 'utf8'));
  return writeSpec(folder, { ...example, table, ...whole, tune: { ...example.tune, ...tune } });
}

export async function writeSpec(folder, spec) {
  const file = join(folder, `${spec.name}.yaml`);
  await writeFile(file, JSON.stringify(spec));
  return file;
}

/** Of trials that do nothing, by a trainable of the bench, sampled at random on two lanes. A table has to be there, so there is a small one. */
export async function writeTrivialSpec(folder, { name, trainable, trials, max, space }) {
  const table = join(folder, 'coins.csv');
  const lines = Array.from({ length: 100 }, (_, row) => `${row},${row % 2}`);
  await writeFile(table, `number,odd\n${lines.join('\n')}\n`);
  return writeSpec(folder, {
    name,
    table,
    target: 'odd',
    inputs: ['number'],
    tune: {
      trainable: fileURLToPath(new URL(trainable, import.meta.url)),
      metric: { name: 'value', mode: 'max' },
      trials,
      lanes: 2,
      sampler: 'random',
      scheduler: { kind: 'none', max },
      space,
    },
  });
}

/** From the first claim of trials of one rung to the last outcome. */
export function spanOf(trials) {
  const first = Math.min(...trials.map(({ startedAt }) => startedAt));
  const to = Math.max(...trials.map(({ rungs }) => rungs[0].at));
  return { to, seconds: (to - first) / 1000 };
}

/** One trial with these parameters, trained to the end: a study to make a model with. */
export const oneTrial = (params, rounds) => ({
  trials: 1,
  scheduler: { kind: 'none', max: rounds },
  space: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]])),
});

/**
 * A study's trials as its folder tells them, the times in milliseconds since 1970.
 *
 * @returns {Promise<{ number: number, startedAt: number, rungs: { at: number, outcome: { value: number, resource: number } }[] }[]>}
 */
export async function readTrials(home, study) {
  const reader = join(root, 'dist/bench/read-study.mjs');
  const { stdout } = await runProgram(process.execPath, [reader, join(home, 'store'), study]);
  return JSON.parse(stdout);
}

/** What a study trained in all, in units of its resource: a promoted trial goes on from its checkpoint. */
export const trained = (trials) =>
  trials.reduce((sum, { rungs }) => sum + (rungs.at(-1)?.outcome.resource ?? 0), 0);

/** The server of this home, which records what its commands do, and how long it took to answer. */
export async function startMlflow(home) {
  const began = performance.now();
  const server = spawn(process.execPath, [cli, 'mlflow', '--home', home], {
    env: { ...process.env, ...plainEnv },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  const [answer] = await Promise.race([once(server.stdout, 'data'), ended]);
  if (!String(answer).startsWith('http')) throw new Error(`fanfare mlflow ended with ${answer}`);
  return {
    uri: String(answer).trim().split(/\s/)[0],
    pid: server.pid,
    seconds: (performance.now() - began) / 1000,
    stop: async () => {
      server.kill('SIGTERM');
      await ended;
    },
  };
}
