import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileStore } from '../../../adapters/files/file-store.ts';

const run = promisify(execFile);
const bytes = (text: string) => new TextEncoder().encode(text);
let base: string;
let program: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'fanfare-store-'));
  program = join(base, 'store-process.mjs');
  const entryPoints = [join(import.meta.dirname, 'store-process.ts')];
  await build({ entryPoints, outfile: program, bundle: true, platform: 'node', format: 'esm' });
});

afterAll(() => rm(base, { recursive: true, force: true }));

const newFolder = () => mkdtemp(join(base, 'store-'));

test('of 20 processes that write `absent` at once, one wins', async () => {
  const folder = await newFolder();
  const names = Array.from({ length: 20 }, (_, index) => `process-${index}`);
  const running = names.map((name) => run(process.execPath, [program, folder, 'absent', name]));
  await fileStore(folder).put('go', bytes(''));
  const outcomes = (await Promise.all(running)).map(({ stdout }) => stdout.trim());
  expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'exists')).toHaveLength(19);
  const winner = names[outcomes.indexOf('written')];
  expect(await readFile(join(folder, 'claims/one'), 'utf8')).toBe(winner);
});

test('no count is lost among processes that count by `match`', async () => {
  const folder = await newFolder();
  await fileStore(folder).put('counter', bytes('0'));
  await Promise.all(
    [1, 2, 3, 4].map((name) => run(process.execPath, [program, folder, 'count', String(name)])),
  );
  expect(await readFile(join(folder, 'counter'), 'utf8')).toBe('80');
});

test('an object for which there is no room is refused by name; nothing is left of it, and what fits is still written', async () => {
  const folder = await newFolder();
  // The kernel refuses a write in its middle, as it does where a disk is full; the unit is 512 or 1,024 bytes.
  const limited = ['-c', 'ulimit -f 2048; exec "$@"', 'sh', process.execPath, program, folder, 'large', 'x'];
  const { stdout } = await run('sh', limited);
  expect(stdout).toMatch(/^StoreFailed: the place of the folder .* is full \(EFBIG: .*\); .*\nwritten\n$/);
  expect(stdout).toContain(folder);
  expect(await readdir(join(folder, '.tmp'))).toEqual([]);
  expect((await readdir(folder)).toSorted()).toEqual(['.tmp', 'small']);
  expect((await run(process.execPath, [program, folder, 'large', 'x'])).stdout).toBe('written\nexists\n');
});
