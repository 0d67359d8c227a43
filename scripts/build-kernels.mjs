// Compiles kernels/*.ts (AssemblyScript) into the modules below. With --check it writes nothing, and fails where a
// committed module is not what its source gives.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** Each kernel's source and the module that carries it. */
export const kernels = {
  'kernels/csv.ts': 'core/tables/csv-kernel.generated.ts',
  'kernels/floats.ts': 'core/tables/floats-kernel.generated.ts',
  'kernels/matrix.ts': 'core/onnx/matrix-kernel.generated.ts',
  'kernels/forest.ts': 'core/training/forest/kernel.generated.ts',
  'kernels/gram.ts': 'core/training/linear/kernel.generated.ts',
  'kernels/histogram.ts': 'core/training/gbdt/kernel.generated.ts',
  'kernels/trees.ts': 'core/onnx/trees/kernel.generated.ts',
};

const pathOf = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** The text of the generated module. */
export async function generate(source) {
  return moduleText(source, await compile(source));
}

/** The module's bytes. */
async function compile(source) {
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
      readFile: (name) => sourceOf(name === 'kernel.ts' ? source : `kernels/${name}`),
      writeFile: async (name, contents) => void files.set(name, contents),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`${source} does not compile:\n${stderr.toString()}`, { cause: error });
  return files.get('kernel.wasm');
}

/** Null where there is none: the compiler asks for several names. */
const sourceOf = (file) => readFile(pathOf(file), 'utf8').catch(() => null);

function moduleText(source, bytes) {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,100}/g);
  return [
    `// Generated from ${source} by \`node scripts/build-kernels.mjs\`; do not edit.`,
    `/** ${bytes.length} bytes of WebAssembly, as base64. */`,
    `export const kernelBase64 =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [source, target] of Object.entries(kernels)) {
    const text = await generate(source);
    if (!process.argv.includes('--check')) await writeFile(pathOf(target), text);
    else if ((await readFile(pathOf(target), 'utf8')) !== text) {
      console.error(`${target} is not what ${source} gives: run node scripts/build-kernels.mjs`);
      process.exitCode = 1;
    }
  }
}
