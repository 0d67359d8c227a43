// npm run schema: writes schema/fanfare.schema.json and docs/reference/ anew, from the contract that specifications are read by and the commands.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle, bundleCommands } from './build.mjs';
import { writeReference } from './reference.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await bundle();
// Whatever the environment says, the reference is the same.
delete process.env.FANFARE_HOME;
const schema = execFileSync(process.execPath, ['dist/cli/fanfare.mjs', 'schema'], { cwd: root });
mkdirSync(`${root}schema`, { recursive: true });
writeFileSync(`${root}schema/fanfare.schema.json`, schema);

const commands = 'dist/cli/program.mjs';
await bundleCommands('cli/program.ts', commands);
const { program } = await import(`${root}${commands}`);
rmSync(`${root}${commands}`);
writeReference(JSON.parse(schema), program, `${root}docs/reference`);
