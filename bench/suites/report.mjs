import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fanfare } from '../fanfare.mjs';
import { runProgram } from '../measure.mjs';
import { ours, reportOf } from '../report.mjs';

const driver = (name) => fileURLToPath(new URL(`../../dist/bench/${name}.mjs`, import.meta.url));

/**
 * The report of a study: made by the command, and opened in Chromium.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const trials = bench.trials(1000);
  const home = join(bench.folder, 'home');
  const written = await runProgram(process.execPath, [driver('write-study'), join(home, 'store'), trials]);
  const file = join(bench.folder, 'report.html');
  const made = async () => {
    const { document, seconds, cpuSeconds } = await fanfare(home, ['report', written.stdout, '--out', file]);
    const { stdout } = await runProgram(process.execPath, [driver('open-page'), pathToFileURL(file).href]);
    return { trials, seconds, cpuSeconds, megabytes: document.bytes / 1e6, ...JSON.parse(stdout) };
  };
  const records = await bench.interleave([{ name: ours, run: made }], bench.runs(5));
  return reportOf('report: a study of ten parameters, three rungs and up to twenty points a trial', records, [
    ['trials', 'trials', 0],
    ['MB', 'megabytes', 2],
    ['made in s', 'seconds', 2],
    ['CPU s', 'cpuSeconds', 2],
    ['usable in s', 'interactive', 2],
    ['scripts in all, s', 'script', 2],
  ]);
}
