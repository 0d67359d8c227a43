import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundle } from '../scripts/build.mjs';

/** The bundles that the bench runs: what is shipped, and the drivers that reach into it. */
export async function buildDrivers() {
  await bundle();
  await build({
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    entryPoints: [
      'ask',
      'gbdt-trainer',
      'onnxruntime-alone',
      'partitions-trainer',
      'propose',
      'open-page',
      'read-study',
      'read-table',
      'write-study',
      'schedule',
      'table-trainer',
    ].map((name) => `bench/drivers/${name}.ts`),
    outdir: 'dist/bench',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
}
