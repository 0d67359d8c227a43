import { join } from 'node:path';
import { fanfare, writeFlightsSpec } from '../fanfare.mjs';
import { ours, reportOf } from '../report.mjs';

/**
 * How good a model a search finds: the test AUC over seeds of the search. The split is the same for all seeds, but not for
 * both contenders.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const [rows, trials, seeds] = [bench.rows(3_000_000), bench.trials(20), bench.runs(5)];
  const table = await bench.table(rows);
  const home = join(bench.folder, 'home');
  const fanfares = {
    name: ours,
    run: async (seed) => {
      const spec = await writeFlightsSpec(bench.folder, table, { tune: { trials, seed, lanes: 2 } });
      const { document } = await fanfare(home, ['pipeline', spec, '--no-mlflow']);
      const { tune, evaluation, seconds } = document;
      return {
        seed,
        valid: tune.best.value,
        test: evaluation.auc,
        tune: seconds.tune,
        best: tune.best.params,
      };
    },
  };
  const ray = {
    name: 'Ray Tune with Optuna',
    run: async (seed) => {
      const peer = await bench.peer('ray_pipeline.py', [table, trials, '--seed', seed]);
      return { seed, valid: peer.valid_auc, test: peer.test_auc, tune: peer.tune_s, best: peer.best };
    },
  };
  const records = await bench.interleave(bench.peers ? [fanfares, ray] : [fanfares], seeds);
  const title = `flights-search: ${rows.toLocaleString('en-US')} rows, ${trials} trials, ${seeds} seeds`;
  return reportOf(title, records, [
    ['test AUC', 'test', 4],
    ['validation AUC', 'valid', 4],
    ['tune s', 'tune', 1],
  ]);
}
