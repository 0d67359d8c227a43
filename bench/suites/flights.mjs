import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fanfare, readTrials, startMlflow, trained, writeFlightsSpec } from '../fanfare.mjs';
import { figure, ours, reportOf, timesOurs } from '../report.mjs';

/**
 * The whole of examples/flights against the same by Ray (scoring as the seed does, and at rungs only) and, with one model
 * of fixed parameters, by Dask: split, tune, refit, and predict every row of the table.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const [rows, trials] = [bench.rows(3_000_000), bench.trials(20)];
  const table = await bench.table(rows);
  const ray = (score) => async () =>
    peerRecord(await bench.peer('ray_pipeline.py', [table, trials, '--score', score]));
  const peers = [
    { name: 'Ray', run: ray('every') },
    { name: 'Ray, scored at rungs', run: ray('rungs') },
    { name: 'Dask, one model', run: async () => peerRecord(await bench.peer('dask_pipeline.py', [table])) },
  ];
  const fanfares = { name: ours, run: () => runPipeline(bench, table, trials) };
  const records = await bench.interleave([fanfares, ...(bench.peers ? peers : [])], bench.runs(1));
  for (const record of records) {
    const rays = records.find(({ contender, run: same }) => contender === 'Ray' && same === record.run);
    if (rays) record.toRays = record.contender === 'Ray' ? rays.bestAt : secondsTo(record.curve, rays.valid);
  }
  const title = `flights: ${rows.toLocaleString('en-US')} rows, ${trials} trials, at most 100 rounds`;
  return reportOf(title, records, columns, bench.peers ? speeds(records) : []);
}

/** @type {readonly import('../report.mjs').Column[]} */
const columns = [
  ['split s', 'split', 1],
  ['tune s', 'tune', 1],
  ['refit s', 'refit', 1],
  ['predict s', 'predict', 1],
  ['total s', 'total', 1],
  ['(start s)', 'start', 1],
  ['(command s)', 'seconds', 1],
  ['CPU s', 'cpuSeconds', 0],
  ['trees', 'trees', 0],
  ['validation AUC', 'valid', 4],
  ['test AUC', 'test', 4],
  ["to Ray's AUC s", 'toRays', 1],
];

const speeds = (records) =>
  ['Ray', 'Ray, scored at rungs'].map(
    (peer) => `${peer} takes ${figure(timesOurs(records, peer, 'total'), 2)} times the seconds of ${ours}`,
  );

/** In a new folder each time, beside a server that answers already; then the rest of the table is predicted as well. */
async function runPipeline(bench, table, trials) {
  const home = join(bench.folder, 'home');
  const spec = await writeFlightsSpec(bench.folder, table, {
    tune: { trials, lanes: 2 },
    predict: { keep: [] },
  });
  const server = bench.mlflow ? await startMlflow(home) : undefined;
  const [flag, besides] = server ? [[], [server.pid]] : [['--no-mlflow'], []];
  try {
    const pipeline = await fanfare(home, ['pipeline', spec, ...flag], besides);
    const { split, tune, evaluation, seconds } = pipeline.document;
    const all = await fanfare(
      home,
      ['predict', spec, '--model', `sha256:${tune.best.model}`, ...flag],
      besides,
    );
    const predicted = all.document.predict.predicted;
    const expected = split.train + split.validation + split.test;
    if (predicted !== expected)
      throw new Error(`${predicted} rows were predicted, the table has ${expected}`);
    const found = await readTrials(home, tune.study);
    const predict = all.document.seconds.predict;
    return {
      split: seconds.split,
      tune: seconds.tune,
      predict,
      total: seconds.total + predict,
      start: server?.seconds,
      seconds: pipeline.seconds + all.seconds,
      cpuSeconds: sum(pipeline.cpuSeconds, all.cpuSeconds),
      trees: trained(found),
      valid: tune.best.value,
      test: evaluation.auc,
      curve: curveOf(found, pipeline.startedAt),
    };
  } finally {
    await server?.stop();
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** @param {any} peer */
function peerRecord({ seconds, cpuSeconds, ...peer }) {
  return {
    split: peer.split_s,
    tune: peer.tune_s ?? peer.fit_s,
    refit: peer.refit_s,
    predict: peer.predict_s,
    total: peer.total_s - peer.start_s,
    start: peer.start_s,
    seconds,
    cpuSeconds,
    trees: peer.trees ?? 100,
    valid: peer.valid_auc,
    test: peer.test_auc,
    bestAt: peer.best_at_s - peer.start_s,
  };
}

/** Each moment at which the best value rose, in seconds since the command began. */
function curveOf(trials, startedAt) {
  let best = Number.NEGATIVE_INFINITY;
  const told = trials.flatMap(({ rungs }) => rungs).toSorted((a, b) => a.at - b.at);
  return told.flatMap(({ at, outcome: { value } }) => {
    if (value <= best) return [];
    best = value;
    return [{ seconds: (at - startedAt) / 1000, value }];
  });
}

const secondsTo = (curve, value) => curve?.find((point) => point.value >= value)?.seconds;

const sum = (a, b) => (a === undefined || b === undefined ? undefined : a + b);
