import { figure, ours, timesOurs } from '../report.mjs';
import { lightgbm, withTrainers } from '../trainers.mjs';

const leaves = [7, 31, 255];

/**
 * Processor seconds of training alone, `gbdt` against LightGBM at equal settings on one thread.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const rounds = bench.rounds(100);
  const records = await withTrainers(bench, async (trainers) => {
    const found = [];
    for (const each of leaves) {
      const params = { learning_rate: 0.1, leaves: each };
      const contenders = trainers.map(({ name, train }) => ({
        name,
        run: () => train({ params, rounds, seed: 0 }),
      }));
      const trained = await bench.interleave(contenders, bench.runs(5));
      found.push(...trained.map((record) => ({ ...record, leaves: each })));
    }
    return found;
  });
  return {
    title: `gbdt: ${rounds} trees over ${bench.rows(3_000_000).toLocaleString('en-US')} rows' train side, learning rate 0.1, one thread`,
    columns: [
      'leaves',
      `${ours} CPU s`,
      `${lightgbm} CPU s`,
      `${lightgbm} / ${ours}`,
      `${ours} AUC`,
      `${lightgbm} AUC`,
    ],
    rows: leaves.map((each) =>
      row(
        each,
        records.filter((record) => record.leaves === each),
      ),
    ),
    notes: [],
    records,
  };
}

function row(each, records) {
  const of = (contender, key) => records.filter((one) => one.contender === contender).map((one) => one[key]);
  return [
    String(each),
    figure(of(ours, 'train_cpu_s'), 2),
    figure(of(lightgbm, 'train_cpu_s'), 2),
    figure(timesOurs(records, lightgbm, 'train_cpu_s'), 2),
    figure(of(ours, 'auc'), 4),
    figure(of(lightgbm, 'auc'), 4),
  ];
}
