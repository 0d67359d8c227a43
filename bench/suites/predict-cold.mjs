import { ours, reportOf } from '../report.mjs';
import { contendersOf, requireSameScores } from '../scoring.mjs';

/**
 * 1,000 rows of CSV from a command that finds nothing running to the committed output: what starting costs.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const rows = bench.rows(1000);
  const [own, ...peers] = await contendersOf(bench, 'csv/mlp', rows);
  const recorded = { name: `${ours}, MLflow started too`, run: () => own.run(0, { mlflow: true }) };
  const contenders = [own, ...(bench.mlflow ? [recorded] : []), ...peers];
  const records = await bench.interleave(contenders, bench.runs(5));
  requireSameScores(records);
  return [
    reportOf(`predict-cold: ${rows.toLocaleString('en-US')} rows of CSV, MLP`, records, [
      ['command s', 'seconds', 2],
      ['of it predict s', 'predict', 2],
      ['CPU s', 'cpuSeconds', 2],
    ]),
  ];
}
