import { readFile } from 'node:fs/promises';
import { figure, median, ours } from '../report.mjs';
import { lightgbm, withTrainers } from '../trainers.mjs';

/** How far the test AUC may be from LightGBM's. */
const tolerance = 0.002;

/**
 * Ten fixed configurations, by `gbdt` and by LightGBM on the same rows: how good, and how long on one thread. With
 * `--runs N` each is trained with N seeds, which draw the features of each tree.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const file = new URL('../configurations.json', import.meta.url);
  const configurations = JSON.parse(await readFile(file, 'utf8'));
  const records = await withTrainers(bench, async (trainers) => {
    const found = [];
    for (const [place, params] of configurations.entries()) {
      const contenders = trainers.map(({ name, train }) => ({
        name,
        run: (seed) => train({ params, rounds: bench.rounds(100), seed }),
      }));
      const trained = await bench.interleave(contenders, bench.runs(1));
      found.push(...trained.map((record) => ({ ...record, place })));
    }
    return found;
  });
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
    figure([difference(records)], 4),
    figure(of(ours, 'train_cpu_s'), 1),
    figure(of(lightgbm, 'train_cpu_s'), 1),
  ];
}

/** Ours above LightGBM's, median against median. */
function difference(records) {
  const [own, other] = [ours, lightgbm].map((name) => records.filter(({ contender }) => contender === name));
  return other.length === 0
    ? Number.NaN
    : median(own.map(({ auc }) => auc)) - median(other.map(({ auc }) => auc));
}

function verdict(configurations, records) {
  const gaps = configurations.map((_, place) =>
    difference(records.filter((record) => record.place === place)),
  );
  const near = gaps.filter((gap) => Math.abs(gap) <= tolerance).length;
  const worst = gaps.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0];
  return `${near} of ${gaps.length} within ${tolerance} of ${lightgbm}; the furthest is ${worst.toFixed(4)} away`;
}
