// npm test: sets up what is missing, checks, and runs every test. The last line counts them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await setup({ python: 'required', tests: true, log: (line) => process.stderr.write(`${line}\n`) });
const run = (script, ...args) =>
  spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;

const checked = run('scripts/check.mjs', '--no-tests');
const tested = run('node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2));
process.exitCode = checked || tested;
