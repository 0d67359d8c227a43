import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fanfare, readTrials, spanOf, writeTrivialSpec } from '../fanfare.mjs';
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
  const spec = await writeTrivialSpec(bench.folder, {
    ...{ name: 'trivial', trainable: './trivial.ts', trials, max: 1 },
    space: { x: { low: 0, high: 1 } },
  });
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
    return { trials, rate: trials / spanOf(found).seconds, seconds, cpuSeconds, again: repeated.seconds };
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
