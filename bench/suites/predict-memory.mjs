import { figure } from '../report.mjs';
import { contendersOf } from '../scoring.mjs';

/**
 * The most memory that a worker had that scores shards of 64 MB, over a table and over one of a tenth of its rows.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const rows = bench.rows(10_000_000);
  const lengths = [Math.ceil(rows / 10), rows];
  const records = [];
  for (const name of bench.only(['csv/mlp', 'csv/gbdt', 'parquet/mlp', 'parquet/gbdt'])) {
    for (const length of lengths) {
      bench.log(`${name}, ${length} rows …`);
      const [own] = await contendersOf(bench, name, length);
      records.push({
        contender: name,
        rows: length,
        ...(await own.run(0, { table: { shard_bytes: 64e6 } })),
      });
    }
  }
  const names = [...new Set(records.map(({ contender }) => contender))];
  return {
    title: "predict-memory: a worker's peak resident MiB, shards of 64 MB",
    columns: ['', ...lengths.map((length) => `${length.toLocaleString('en-US')} rows`), 'times'],
    rows: names.map((name) => {
      const [small, large] = records.filter((one) => one.contender === name).map((one) => one.workerMiB);
      return [name, figure([small], 0), figure([large], 0), figure([large / small], 2)];
    }),
    notes: [],
    records,
  };
}
