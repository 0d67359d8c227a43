// npm run check: types, lint with the folder rules, dead code, unit tests. Under a minute.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await setup({ python: 'none', tests: false, log: (line) => process.stderr.write(`${line}\n`) });

const steps = [
  ['types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']],
  ['types of the report', ['node_modules/typescript/bin/tsc', '-p', 'report']],
  ['lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']],
  ['dead code', ['node_modules/knip/bin/knip.js']],
  ...(process.argv.includes('--no-tests')
    ? []
    : [['unit tests', ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit']]]),
];
for (const [name, args] of steps) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`npm run check: ${name} failed\n`);
    process.exit(1);
  }
}
