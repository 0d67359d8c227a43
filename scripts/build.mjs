// Bundles what runs: each function as Lambda will get it, the worker that takes Lambda's place, the CLI, the library, and
// what a report's page runs in a browser.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What the runtime (the AWS SDK) and the layer (ONNX Runtime) have, and no bundle. */
const lent = /^(@aws-sdk\/.*|onnxruntime-node)$/;

/**
 * Leaves that outside, to be loaded when the code that uses it is reached, and not before: most functions run no model and,
 * on this machine, none speaks to AWS. By `require`, which finds what NODE_PATH names; an ESM import would not.
 */
const lend = {
  name: 'lend',
  setup(plan) {
    plan.onResolve({ filter: lent }, ({ path, namespace }) =>
      namespace === 'lent' ? { path, external: true } : { path, namespace: 'lent' },
    );
    plan.onLoad({ filter: /.*/, namespace: 'lent' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      resolveDir: root,
    }));
  },
};

/** For what is CommonJS in a bundle that is a module. */
const requireBanner =
  "import { createRequire as fanfareRequire } from 'node:module'; const require = fanfareRequire(import.meta.url);";

/** Lambda reads a bundle at each cold start: bytes. */
const bundleLimit = 2 ** 20;

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
};

const commands = {
  ...common,
  // What is small is in it: to find a package's files one by one takes as long as Node's own start.
  external: ['@aws-sdk/*', 'esbuild', 'onnxruntime-node'],
  banner: { js: requireBanner },
};

export const bundleCommands = (entry, outfile) => build({ ...commands, entryPoints: [entry], outfile });

export async function bundle() {
  const functions = readdirSync(`${root}functions`).filter((file) => file.endsWith('.ts'));
  rmSync(`${root}dist`, { recursive: true, force: true });
  const bundled = {
    ...common,
    entryPoints: functions.map((file) => `functions/${file}`),
    outExtension: { '.js': '.mjs' },
    plugins: [lend],
    banner: { js: requireBanner },
    minify: true,
  };
  await Promise.all([
    build({ ...bundled, outdir: 'dist/functions' }),
    // The same for processes of this machine that several share: what they have in common is loaded once.
    build({ ...bundled, outdir: 'dist/local/functions', splitting: true }),
    build({ ...common, entryPoints: ['local/workers/worker.ts'], outfile: 'dist/local/worker.mjs' }),
    build({
      ...commands,
      entryPoints: ['cli/fanfare.ts'],
      outdir: 'dist/cli',
      outExtension: { '.js': '.mjs' },
      splitting: true,
    }),
    // `define.mjs` is what user code is bundled with, `index.mjs` the package itself.
    build({
      ...common,
      entryPoints: ['library/define.ts', 'library/index.ts'],
      outdir: 'dist/library',
      outExtension: { '.js': '.mjs' },
      packages: 'external',
    }),
    build({
      ...common,
      entryPoints: ['report/main.ts', 'report/page.css'],
      outdir: 'dist/report',
      platform: 'browser',
      format: 'iife',
      target: 'es2022',
      minify: true,
      legalComments: 'none',
    }),
  ]);
  const large = sizes().filter(([, size]) => size >= bundleLimit);
  if (large.length === 0) return;
  const named = large.map(([name, size]) => `${name} (${size} bytes)`).join(', ');
  throw new Error(`a function's bundle is to be smaller than ${bundleLimit} bytes; larger are ${named}`);
}

/** The bytes of each function's bundle. */
function sizes() {
  return readdirSync(`${root}dist/functions`).map((file) => [
    file,
    statSync(`${root}dist/functions/${file}`).size,
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle();
  // For programs in TypeScript that import the package.
  execFileSync('npx', ['tsc', '-p', 'library'], { cwd: root, stdio: 'inherit' });
  for (const [name, size] of sizes()) {
    process.stdout.write(`${`${(size / 1000).toFixed(0)} kB`.padStart(8)}  ${name}\n`);
  }
}
