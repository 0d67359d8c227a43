import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { BuildFailure, Message, Plugin } from 'esbuild';
import { fileExport, sourceRoot } from '../../core/code/module.ts';
import { FanfareError } from '../../core/errors.ts';

/** For what is CommonJS among the packages that it imports. */
const requireBanner =
  "import { createRequire as fanfareRequire } from 'node:module'; const require = fanfareRequire(import.meta.url);";

/**
 * One module of the user's with all that it imports but Node's own: the same source gives the same bytes in any folder.
 * `library` is the file that stands for `fanfare` in its imports. `MissingInput` where the file is not there; `InvalidSpec`,
 * with file, line and column, where it cannot be read or has no default export.
 */
export async function bundleCode(file: string, library: string): Promise<Uint8Array> {
  await requireFile(file);
  const { build } = await import('esbuild');
  const folder = dirname(file);
  try {
    const built = await build({
      entryPoints: [file],
      // Names in the bundle and its source map are told from here.
      absWorkingDir: folder,
      outfile: join(folder, 'bundle.mjs'),
      write: false,
      bundle: true,
      metafile: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'inline',
      sourcesContent: false,
      sourceRoot,
      banner: { js: requireBanner },
      footer: { js: `export const ${fileExport} = ${JSON.stringify(basename(file))};` },
      plugins: [ownName(library)],
      logLevel: 'silent',
    });
    const [output] = Object.values(built.metafile.outputs);
    if (output?.exports.includes('default')) return built.outputFiles[0]!.contents;
    const has = output?.exports.join(', ') || 'nothing';
    throw new FanfareError('InvalidSpec', `${shown(file)}: it has no default export (it exports ${has})`);
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const mistakes = error.errors.map((message) => mistakeOf(message, file));
    throw new FanfareError('InvalidSpec', mistakes.join('\n'), { cause: error });
  }
}

/** `MissingInput` unless it is one. */
export async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return;
  const why = found ? 'it is a folder' : 'there is no such file';
  throw new FanfareError('MissingInput', `user code ${shown(file)}: ${why}`);
}

/** `import { … } from 'fanfare'` works wherever the file lies, and is named alike. */
const ownName = (library: string): Plugin => ({
  name: 'fanfare',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^fanfare$/ }, () => ({ path: 'fanfare', namespace: 'library' }));
    onLoad({ filter: /.*/, namespace: 'library' }, async () => ({
      contents: await readFile(library, 'utf8'),
      resolveDir: dirname(library),
      loader: 'ts',
    }));
  },
});

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);

/** `trainable.ts:3:14: Expected ")" but found "{"` and the line itself. */
function mistakeOf({ text, location }: Message, file: string): string {
  if (location === null) return `${shown(file)}: ${text}`;
  const { file: where, line, column, lineText } = location;
  return `${shown(join(dirname(file), where))}:${line}:${column + 1}: ${text}: ${lineText.trim()}`;
}

/** From where the person is, unless that is further off than the whole path. */
function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
