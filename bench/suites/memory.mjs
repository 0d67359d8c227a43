import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fanfare, oneTrial, writeFlightsSpec } from '../fanfare.mjs';
import { figure } from '../report.mjs';

/**
 * The most memory that a process of each function had, over a table and over one ten times as long: a pipeline of one
 * trial, and the whole table predicted.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const rows = bench.rows(3_000_000);
  const lengths = [rows, 10 * rows];
  const records = [];
  for (const length of lengths) {
    bench.log(`${length} rows …`);
    records.push({ contender: String(length), rows: length, ...(await measure(bench, length)) });
  }
  const names = Object.keys(records[0].peaks).filter((name) => name in records[1].peaks);
  return {
    title: 'memory: peak resident MiB of a function',
    columns: ['function', ...lengths.map((length) => `${length.toLocaleString('en-US')} rows`), 'times'],
    rows: names.map((name) => {
      const [small, large] = records.map(({ peaks }) => peaks[name]);
      return [name, figure([small], 0), figure([large], 0), figure([large / small], 2)];
    }),
    notes: records.map(
      ({ contender, seconds }) =>
        `${Number(contender).toLocaleString('en-US')} rows took ${figure([seconds], 0)} s`,
    ),
    records,
  };
}

async function measure(bench, rows) {
  const home = join(bench.folder, 'home');
  const table = await bench.table(rows);
  const tune = oneTrial({ learning_rate: 0.1, leaves: 31 }, 10);
  const spec = await writeFlightsSpec(bench.folder, table, { tune, predict: { keep: [] } });
  try {
    const pipeline = await fanfare(home, ['pipeline', spec, '--no-mlflow']);
    const model = `sha256:${pipeline.document.tune.best.model}`;
    const predict = await fanfare(home, ['predict', spec, '--model', model, '--no-mlflow']);
    return {
      peaks: largest(pipeline.document.peaks, predict.document.peaks),
      seconds: pipeline.seconds + predict.seconds,
    };
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Of each name the larger number. */
const largest = (one, other) =>
  Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => [
      name,
      Math.max(one[name] ?? 0, other[name] ?? 0),
    ]),
  );
