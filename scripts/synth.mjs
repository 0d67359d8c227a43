// What cdk.json calls: bundles infra/app.ts and runs it. Makes the functions' bundles and the layer where they are missing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundle } from './build.mjs';
import { buildLayers } from './layer.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

if (!existsSync(join(root, 'dist/functions'))) await bundle();
if (!existsSync(join(root, 'layers/onnxruntime/linux-x86_64'))) buildLayers();

const outfile = join(root, 'dist/infra/app.mjs');
await build({
  absWorkingDir: root,
  entryPoints: ['infra/app.ts'],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
});
try {
  await import(pathToFileURL(outfile).href);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  if (process.env.DEBUG) throw error;
  process.exitCode = 1;
}
