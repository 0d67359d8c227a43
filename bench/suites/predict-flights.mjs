import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fanfare, oneTrial, writeFlightsSpec } from '../fanfare.mjs';
import { figure, ours, reportOf, timesOurs } from '../report.mjs';

/**
 * Every flight's probability, from Parquet to Parquet, by a model that is there already: 100 trees of 31 leaves.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const rows = bench.rows(3_000_000);
  const table = await bench.table(rows);
  const home = join(bench.folder, 'home');
  const tune = oneTrial({ learning_rate: 0.1, leaves: 31 }, 100);
  const spec = await writeFlightsSpec(bench.folder, table, { tune, predict: { keep: [] } });
  const model = (await fanfare(home, ['tune', spec, '--no-mlflow'])).document.tune.best.model;
  const fanfares = {
    name: ours,
    run: () => predict(home, ['predict', spec, '--model', `sha256:${model}`, '--no-mlflow'], rows),
  };
  const peers = [
    { name: 'Dask', run: async () => peerRecord(await bench.peer('dask_pipeline.py', [table])) },
    { name: 'Ray Data', run: async () => peerRecord(await bench.peer('ray_predict.py', [table])) },
  ];
  const records = await bench.interleave([fanfares, ...(bench.peers ? peers : [])], bench.runs(3));
  return reportOf(
    `predict-flights: ${rows.toLocaleString('en-US')} flights, 100 trees of 31 leaves`,
    records,
    columns,
    notes(bench, records),
  );
}

/** @type {readonly import('../report.mjs').Column[]} */
const columns = [
  ['predict s', 'predict', 2],
  ['rows a second', 'rate', 0],
  ['(start s)', 'start', 1],
  ['(command s)', 'seconds', 1],
  ['CPU s', 'cpuSeconds', 1],
];

function notes(bench, records) {
  if (!bench.peers) return [];
  return [
    ...['Dask', 'Ray Data'].map(
      (peer) =>
        `${peer} takes ${figure(timesOurs(records, peer, 'predict'), 2)} times the seconds of ${ours}`,
    ),
    "a peer's command also makes its model, and so do its CPU seconds; Ray Data begins with the features in memory",
  ];
}

/** The job is done anew each time: what it wrote is removed before. */
async function predict(home, command, rows) {
  await rm(join(home, 'store/predictions'), { recursive: true, force: true });
  const { document, seconds, cpuSeconds } = await fanfare(home, command);
  const { predicted } = document.predict;
  if (predicted !== rows) throw new Error(`${predicted} rows were predicted, the table has ${rows}`);
  const flow = document.seconds.predict;
  return { predict: flow, rate: rows / flow, start: seconds - flow, seconds, cpuSeconds };
}

const peerRecord = ({ predict_s, rows, start_s, seconds, cpuSeconds }) => ({
  predict: predict_s,
  rate: rows / predict_s,
  start: start_s,
  seconds,
  cpuSeconds,
});
