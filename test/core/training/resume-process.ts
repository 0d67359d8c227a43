// node resume-process.mjs JOBS: goes on with each trial from the checkpoint in its folder, and leaves what it came to.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Case, folderCache, most, startIn } from './contract-world.ts';

const jobs: readonly { readonly folder: string; readonly on: Case }[] = JSON.parse(process.argv[2] ?? '[]');
for (const { folder, on } of jobs) {
  const checkpoint = new Uint8Array(await readFile(join(folder, 'checkpoint')));
  const run = await startIn(folderCache(join(folder, 'cache')), on, { checkpoint });
  await run.advance(most, () => false);
  await writeFile(join(folder, 'resumed.checkpoint'), await run.checkpoint());
  await writeFile(join(folder, 'resumed.onnx'), (await run.toOnnx())!);
  process.stdout.write(`${on.name} ${run.resource}\n`);
}
