import { fileURLToPath } from 'node:url';
import { runProgram } from '../measure.mjs';
import { reportOf } from '../report.mjs';

const driver = fileURLToPath(new URL('../../dist/bench/read-table.mjs', import.meta.url));

/** How worker processes collect garbage (local/workers/worker-process.ts). */
const asWorkers = ['--single-threaded-gc', '--no-incremental-marking'];

/**
 * Reading alone: the float table into columns, one shard after the other as a worker does, planning left out.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const rows = bench.rows(2_000_000);
  const readers = bench.only(['csv', 'parquet']).map((format) => ({
    name: format,
    run: async () => read(await bench.floats(rows, format), rows),
  }));
  const records = await bench.interleave(readers, bench.runs(5));
  return reportOf(`read: ${rows.toLocaleString('en-US')} rows of 28 floats and an id`, records, [
    ['file MB', 'megabytes', 0],
    ['CPU s', 'cpuSeconds', 2],
    ['MB a CPU second', 'rate', 0],
    ['rows a CPU second', 'cpuRate', 0],
  ]);
}

async function read(table, rows) {
  const { stdout } = await runProgram(process.execPath, [...asWorkers, driver, table]);
  const { rows: found, bytes, cpuSeconds } = JSON.parse(stdout);
  if (found !== rows) throw new Error(`${found} rows were read, the table has ${rows}`);
  const megabytes = bytes / 1e6;
  return { megabytes, cpuSeconds, rate: megabytes / cpuSeconds, cpuRate: rows / cpuSeconds };
}
