import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fanfare, readTrials, writeSpec } from '../fanfare.mjs';
import { figure, ours, reportOf } from '../report.mjs';

/** A trial of Ray's takes about a second. */
const rayTrials = 100;

/**
 * The machinery alone: trials that do nothing, sampled at random on two lanes. Then the same command again, which must
 * answer from what is there.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const trials = bench.trials(500);
  const peers = [false, true].map((reuse) => ({
    name: reuse ? 'Ray Tune, actors reused' : 'Ray Tune',
    run: async () => {
      const count = Math.min(trials, rayTrials);
      const peer = await bench.peer('ray_trivial.py', [count, ...(reuse ? ['--reuse'] : [])]);
      const { trials_per_s: rate, seconds, cpuSeconds } = peer;
      return { trials: peer.trials, rate, seconds, cpuSeconds };
    },
  }));
  const fanfares = { name: ours, run: () => runStudy(bench, trials) };
  const records = await bench.interleave([fanfares, ...(bench.peers ? peers : [])], bench.runs(3));
  const again = records.flatMap(({ again: seconds }) => (seconds === undefined ? [] : [seconds]));
  return reportOf(
    'machinery: a trivial trainable, random, two at a time',
    records,
    [
      ['trials', 'trials', 0],
      ['trials a second', 'rate', 1],
      ['(command s)', 'seconds', 1],
      ['CPU s', 'cpuSeconds', 1],
    ],
    [`${ours}: the same command again trains nothing and takes ${figure(again, 1)} s`],
  );
}

async function runStudy(bench, trials) {
  const home = join(bench.folder, 'home');
  const spec = await writeTrivialSpec(bench.folder, trials);
  const command = ['tune', spec, '--no-mlflow'];
  try {
    const { document, seconds, cpuSeconds } = await fanfare(home, command);
    const found = await readTrials(home, document.tune.study);
    if (found.length !== trials || found.some(({ rungs }) => rungs.length !== 1)) {
      throw new Error(
        `${found.length} trials are in the study's folder, ${trials} with one rung each were asked for`,
      );
    }
    const repeated = await fanfare(home, command);
    const same = await readTrials(home, document.tune.study);
    if (JSON.stringify(same) !== JSON.stringify(found))
      throw new Error('the same command again changed the study');
    return { trials, rate: trials / secondsOf(found), seconds, cpuSeconds, again: repeated.seconds };
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** From the first claim to the last outcome. */
function secondsOf(trials) {
  const first = Math.min(...trials.map(({ startedAt }) => startedAt));
  return (Math.max(...trials.map(({ rungs }) => rungs[0].at)) - first) / 1000;
}

/** A table has to be there, so there is a small one. */
async function writeTrivialSpec(folder, trials) {
  const table = join(folder, 'coins.csv');
  const lines = Array.from({ length: 100 }, (_, row) => `${row},${row % 2}`);
  await writeFile(table, `number,odd\n${lines.join('\n')}\n`);
  return writeSpec(folder, {
    name: 'trivial',
    table,
    target: 'odd',
    inputs: ['number'],
    tune: {
      trainable: fileURLToPath(new URL('../trivial.ts', import.meta.url)),
      metric: { name: 'value', mode: 'max' },
      trials,
      lanes: 2,
      sampler: 'random',
      scheduler: { kind: 'none', max: 1 },
      space: { x: { low: 0, high: 1 } },
    },
  });
}
