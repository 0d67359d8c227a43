import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fanfare, oneTrial, writeSpec } from './fanfare.mjs';
import { runProgram } from './measure.mjs';
import { ours } from './report.mjs';

const models = fileURLToPath(new URL('models', import.meta.url));
const alone = fileURLToPath(new URL('../dist/bench/onnxruntime-alone.mjs', import.meta.url));

export const runtime = 'ONNX Runtime alone';

/** A format and a model of `bench/models`: the table of `make_floats.py` in that format, scored by that model. */
export const cases = ['csv', 'parquet'].flatMap((format) =>
  ['mlp', 'logistic', 'gbdt'].map((model) => `${format}/${model}`),
);

const peers = {
  pandas: 'pandas_predict.py',
  polars: 'polars_predict.py',
  Dask: 'dask_predict.py',
  'Ray Data': 'ray_data_predict.py',
};
export const peerNames = Object.keys(peers);

/**
 * Who scores `rows` rows of a case: ours, the peers, each from the same files to Parquet files of the id and the score.
 *
 * @param {import('./bench.mjs').Bench} bench
 * @param {string} name
 * @param {number} rows
 */
export async function contendersOf(bench, name, rows) {
  const [format, model] = name.split('/');
  const given = {
    folder: await bench.floats(rows, format),
    format,
    model: join(models, `${model}.onnx`),
    rows,
  };
  const theirs = Object.entries(peers).map(([peer, script]) => ({
    name: peer,
    run: () => scoredByPeer(bench, script, given),
  }));
  return [
    { name: ours, run: (_run, how) => scoredByOurs(bench, given, how) },
    ...(bench.peers ? theirs : []),
  ];
}

/** ONNX Runtime on tensors in memory, one thread, so that its rate is that of a processor. */
export const runtimeAlone = (name, rows) => ({
  name: runtime,
  run: async () => {
    const model = join(models, `${name.split('/')[1]}.onnx`);
    const { stdout } = await runProgram(process.execPath, [alone, model, String(rows)]);
    const { rows: ran, cpu_s: cpu } = JSON.parse(stdout);
    return { cpuRate: ran / cpu };
  },
});

/** The job is done anew each time: what it wrote is removed. `table`: more of what the specification says of it. */
async function scoredByOurs(bench, { folder, format, model, rows }, { mlflow = false, table = {} } = {}) {
  const home = join(bench.folder, 'home');
  const spec = await writeSpec(bench.folder, {
    name: 'floats',
    table: { path: folder, format, ...table },
    predict: {
      keep: ['id'],
      outputs: { probability: 'score' },
      inputs: { X: Array.from({ length: 28 }, (_, i) => `f${i}`) },
    },
    // Of other commands; the table has no such column.
    ...{ target: 'label', tune: oneTrial({ leaves: 31 }, 1) },
  });
  try {
    const command = [
      'predict',
      spec,
      '--model',
      await storeModel(home, model),
      ...(mlflow ? [] : ['--no-mlflow']),
    ];
    const { document, ...took } = await fanfare(home, command);
    const parts = join(home, 'store', document.files.prediction);
    const scored = await readScores(bench, parts, rows);
    return {
      ...recordOf(rows, document.seconds.predict, took),
      workerMiB: document.peaks['predict-shard'],
      ...scored,
    };
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** A model of nobody's registry: in the folder of objects, under its digest. */
async function storeModel(home, file) {
  const bytes = await readFile(file);
  const digest = createHash('sha256').update(bytes).digest('hex');
  await mkdir(join(home, 'store/models'), { recursive: true });
  await writeFile(join(home, 'store/models', `${digest}.onnx`), bytes);
  return `sha256:${digest}`;
}

async function scoredByPeer(bench, script, { folder, format, model, rows }) {
  const out = join(bench.folder, 'out');
  try {
    const {
      predict_s: seconds,
      start_s: start,
      ...took
    } = await bench.peer(script, [folder, format, model, out]);
    return { ...recordOf(rows, seconds, took), start, ...(await readScores(bench, out, rows)) };
  } finally {
    await rm(out, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const recordOf = (rows, predict, { seconds, cpuSeconds, peakMiB }) => ({
  ...{ predict, rate: rows / predict, start: seconds - predict, seconds },
  ...{ cpuSeconds, cpuRate: rows / cpuSeconds, peakMiB },
});

/** Nobody has left a row out or scored it otherwise: the ids add up, and the scores' mean is told. */
async function readScores(bench, folder, rows) {
  const { rows: found, ids, mean } = await bench.tool('read_scores.py', [folder]);
  if (found === rows && ids === (rows * (rows - 1)) / 2) return { mean };
  const files = (await readdir(folder)).length;
  throw new Error(
    `${folder}: ${found} rows in ${files} files, their ids add up to ${ids}; the table has ${rows}`,
  );
}

/** Throws where two contenders' scores differ in the mean by more than single precision explains. */
export function requireSameScores(records) {
  const means = records.flatMap(({ mean }) => (mean === undefined ? [] : [mean]));
  if (Math.max(...means) - Math.min(...means) <= 1e-5) return;
  const said = records.map(({ contender, mean }) => `${contender} ${mean}`).join(', ');
  throw new Error(`the contenders' scores differ in their mean: ${said}`);
}
