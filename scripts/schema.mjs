// npm run schema: writes schema/fanfare.schema.json anew, from the contract that specifications are read by.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await bundle();
const schema = execFileSync(process.execPath, ['dist/cli/fanfare.mjs', 'schema'], { cwd: root });
mkdirSync(`${root}schema`, { recursive: true });
writeFileSync(`${root}schema/fanfare.schema.json`, schema);
