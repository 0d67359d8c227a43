import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTrainer } from './bench.mjs';
import { fanfare, oneTrial, writeFlightsSpec } from './fanfare.mjs';
import { ours } from './report.mjs';

export const lightgbm = 'LightGBM';

const driver = fileURLToPath(new URL('../dist/bench/gbdt-trainer.mjs', import.meta.url));

/**
 * `gbdt` and LightGBM, each in a process of its own that has read the same split of the flights, the one of that seed, and
 * trains on one thread.
 *
 * @template Result
 * @param {import('./bench.mjs').Bench} bench
 * @param {(trainers: readonly { name: string, train: (job: object) => Promise<any> }[]) => Promise<Result>} work
 */
export async function withTrainers(bench, work, seed = 0) {
  const table = await bench.table(bench.rows(3_000_000));
  const home = join(bench.folder, 'home');
  // Nothing is to be searched, but a specification has a space.
  const nothing = { tune: oneTrial({ leaves: 31 }, 1), split: { seed } };
  const spec = await writeFlightsSpec(bench.folder, table, nothing);
  const { files } = (await fanfare(home, ['split', spec, '--no-mlflow'])).document;
  const dataset = files.dataset.split('/')[1];
  const given = [join(home, 'store'), dataset];
  const started = [];
  try {
    started.push({ name: ours, ...(await startTrainer(process.execPath, [driver, ...given])) });
    if (bench.peers)
      started.push({ name: lightgbm, ...(await bench.startPeer('lightgbm_trainer.py', given)) });
    requireSameRows(started);
    return await work(started);
  } finally {
    for (const { stop } of started) await stop();
  }
}

function requireSameRows(started) {
  const read = new Set(started.map(({ ready }) => `${ready.rows} train, ${ready.test_rows} test`));
  if (read.size > 1) throw new Error(`the trainers read different rows: ${[...read].join('; ')}`);
}
