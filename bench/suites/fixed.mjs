import { readFile } from 'node:fs/promises';
import { figure, median, ours } from '../report.mjs';
import { lightgbm, withTrainers } from '../trainers.mjs';

/** How far the test AUC may be from LightGBM's. */
const tolerance = 0.002;

/**
 * Ten fixed configurations, by `gbdt` and by LightGBM on the same rows: how good, and how long on one thread. Each run is
 * another split of the table, and another seed that draws the features of each tree.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const file = new URL('../configurations.json', import.meta.url);
  const configurations = JSON.parse(await readFile(file, 'utf8'));
  const records = [];
  for (let seed = 0; seed < bench.runs(1); seed++) {
    bench.log(`split ${seed + 1} of ${bench.runs(1)} …`);
    const trainAll = async (trainers) => {
      for (const [place, params] of configurations.entries()) {
        const contenders = trainers.map(({ name, train }) => ({
          name,
          run: () => train({ params, rounds: bench.rounds(100), seed }),
        }));
        const trained = await bench.interleave(place % 2 === 0 ? contenders : contenders.toReversed(), 1);
        records.push(...trained.map((record) => ({ ...record, run: seed, place })));
      }
    };
    await withTrainers(bench, trainAll, seed);
  }
  const rows = configurations.map((params, place) =>
    row(
      params,
      records.filter((record) => record.place === place),
    ),
  );
  return {
    title: `fixed: ten configurations, ${bench.rows(3_000_000).toLocaleString('en-US')} rows, ${bench.rounds(100)} rounds, one thread`,
    columns: ['configuration', ours, lightgbm, 'difference', `${ours} CPU s`, `${lightgbm} CPU s`],
    rows,
    notes: bench.peers ? [verdict(configurations, records)] : [],
    records,
  };
}

function row(params, records) {
  const of = (contender, key) => records.filter((one) => one.contender === contender).map((one) => one[key]);
  const text = Object.entries(params).map(([name, value]) => `${name} ${value}`);
  return [
    text.join(' · '),
    figure(of(ours, 'auc'), 4),
    figure(of(lightgbm, 'auc'), 4),
    figure(differences(records), 4),
    figure(of(ours, 'train_cpu_s'), 1),
    figure(of(lightgbm, 'train_cpu_s'), 1),
  ];
}

/** Ours above LightGBM's on the same rows, split by split. */
function differences(records) {
  return records
    .filter(({ contender }) => contender === ours)
    .flatMap(({ run, auc }) => {
      const other = records.find((one) => one.contender === lightgbm && one.run === run);
      return other === undefined ? [] : [auc - other.auc];
    });
}

function verdict(configurations, records) {
  const gaps = configurations.map((_, place) =>
    median(differences(records.filter((record) => record.place === place))),
  );
  const near = gaps.filter((gap) => Math.abs(gap) <= tolerance).length;
  const worst = gaps.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0];
  return `${near} of ${gaps.length} within ${tolerance} of ${lightgbm}; the furthest is ${worst.toFixed(4)} away`;
}
