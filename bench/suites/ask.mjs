import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../measure.mjs';
import { reportOf } from '../report.mjs';

const driver = fileURLToPath(new URL('../../dist/bench/ask.mjs', import.meta.url));

/**
 * What an ask of a long study takes: by the log alone, cold with snapshots, and warm.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const trials = bench.trials(10_000);
  const records = [];
  for (let at = 0; at < bench.runs(1); at++) {
    const store = join(bench.folder, 'ask');
    try {
      const { stdout } = await runProgram(process.execPath, [driver, store, trials, 'tpe']);
      const { log, cold, warm } = JSON.parse(stdout);
      records.push({ contender: 'the log read whole', ...log });
      records.push({ contender: 'ask, cold', ...cold });
      records.push({ contender: 'ask, warm (p95)', ...warm });
    } finally {
      await rm(store, { recursive: true, force: true });
    }
  }
  return reportOf(`ask: a study of ${trials} trials, eight lanes, tpe`, records, [
    ['reads', 'reads', 0],
    ['CPU s', 'cpuSeconds', 3],
  ]);
}
