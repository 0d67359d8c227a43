import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainables } from '../../../core/trainables/registered.ts';
import { cases, contractTable, folderCache, most, startIn } from './contract-world.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
/** Below the packages, which it finds from there. */
const program = join(root, 'dist/test/resume-process.mjs');
let base: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'fanfare-resume-'));
  const entryPoints = [join(import.meta.dirname, 'resume-process.ts')];
  await build({
    ...{ entryPoints, outfile: program, bundle: true, platform: 'node', format: 'esm' },
    packages: 'external',
  });
});

afterAll(() => rm(base, { recursive: true, force: true }));

test.each(Object.keys(trainables))('%s goes on in another process, bit for bit', async (name) => {
  const jobs = await Promise.all(
    cases
      .filter((each) => each.name === name)
      .map(async (on) => {
        const folder = await mkdtemp(join(base, `${name}-`));
        const cache = folderCache(join(folder, 'cache'));
        await trainables[name]!.prepare(contractTable(on), cache);
        return { folder, on, cache };
      }),
  );
  for (const { folder, on, cache } of jobs) {
    const part = await startIn(cache, on);
    await part.advance(2, () => false);
    await writeFile(join(folder, 'checkpoint'), await part.checkpoint());
  }
  const { stdout } = await run(process.execPath, [
    program,
    JSON.stringify(jobs.map(({ folder, on }) => ({ folder, on }))),
  ]);
  expect(stdout.trim().split('\n')).toHaveLength(jobs.length);
  for (const { folder, on, cache } of jobs) {
    const whole = await startIn(cache, on);
    await whole.advance(most, () => false);
    const resumed = (file: string) => readFile(join(folder, file));
    const where = JSON.stringify(on);
    expect((await resumed('resumed.checkpoint')).equals(await whole.checkpoint()), where).toBe(true);
    expect((await resumed('resumed.onnx')).equals((await whole.toOnnx())!), where).toBe(true);
  }
});
