// npm start: sets up what is missing and runs the example, from the table to the champion.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const log = (line) => process.stderr.write(`${line}\n`);

const { python, reason } = await setup({ python: 'wanted', tests: false, log });
if (python === undefined)
  log(`MLflow is left out: ${reason}. The record is kept; fanfare sync sends it later.`);
const { bundle } = await import('./build.mjs');
await bundle();

const given = process.argv.slice(2);
const args =
  given[0] && !given[0].startsWith('-') ? given : ['pipeline', 'examples/flights/flights.yaml', ...given];
const run = spawnSync(process.execPath, ['dist/cli/fanfare.mjs', ...args], { cwd: root, stdio: 'inherit' });
process.exitCode = run.status ?? 1;
