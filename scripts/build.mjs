// Bundles what runs: each function as Lambda will get it, the worker that takes Lambda's place, and the CLI.
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function bundle() {
  const functions = readdirSync(`${root}functions`).filter((file) => file.endsWith('.ts'));
  const common = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  };
  rmSync(`${root}dist`, { recursive: true, force: true });
  await Promise.all([
    build({
      ...common,
      entryPoints: functions.map((file) => `functions/${file}`),
      outdir: 'dist/functions',
      outExtension: { '.js': '.mjs' },
      external: ['onnxruntime-node'],
      minify: true,
      keepNames: false,
    }),
    build({ ...common, entryPoints: ['local/workers/worker.ts'], outfile: 'dist/local/worker.mjs' }),
    build({
      ...common,
      entryPoints: ['cli/fanfare.ts'],
      outfile: 'dist/cli/fanfare.mjs',
      packages: 'external',
    }),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
