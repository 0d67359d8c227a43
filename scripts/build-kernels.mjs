// Compiles kernels/*.ts (AssemblyScript) into core/training/gbdt/kernel.generated.ts. With --check it writes nothing, and
// fails where the committed module is not what the source gives.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const source = fileURLToPath(new URL('../kernels/histogram.ts', import.meta.url));
const target = fileURLToPath(new URL('../core/training/gbdt/kernel.generated.ts', import.meta.url));

/** The module's bytes. */
export async function compileKernel() {
  const files = new Map();
  const { error, stderr } = await asc.main(
    [
      'kernel.ts',
      '--outFile',
      'kernel.wasm',
      '--runtime',
      'stub',
      '--noAssert',
      '-O3',
      '--converge',
      '--enable',
      'simd',
      '--importMemory',
    ],
    {
      readFile: async (name) => (name === 'kernel.ts' ? await readFile(source, 'utf8') : null),
      writeFile: async (name, contents) => void files.set(name, contents),
      listFiles: () => [],
    },
  );
  if (error)
    throw new Error(`kernels/histogram.ts does not compile:\n${stderr.toString()}`, { cause: error });
  return files.get('kernel.wasm');
}

/** The text of the generated module. */
export function moduleText(bytes) {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,100}/g);
  return [
    '// Generated from kernels/histogram.ts by `node scripts/build-kernels.mjs`; do not edit.',
    `/** ${bytes.length} bytes of WebAssembly, as base64. */`,
    `export const kernelBase64 =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = moduleText(await compileKernel());
  if (!process.argv.includes('--check')) await writeFile(target, text);
  else if ((await readFile(target, 'utf8')) !== text) {
    console.error(
      'core/training/gbdt/kernel.generated.ts is not what kernels/histogram.ts gives: run node scripts/build-kernels.mjs',
    );
    process.exit(1);
  }
}
