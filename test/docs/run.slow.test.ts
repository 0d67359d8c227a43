import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { placeOf, snippets, snippetsIn } from '../support/snippets.ts';

const run = promisify(execFile);
let folder: string;

afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

/** An empty folder, in which `npx fanfare` is what was built. */
async function emptyFolder(): Promise<NodeJS.ProcessEnv> {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-docs-'));
  const npx = join(folder, 'bin/npx');
  await run('mkdir', [join(folder, 'bin')]);
  const cli = resolve('dist/cli/fanfare.mjs');
  await writeFile(
    npx,
    `#!/bin/sh\n[ "$1" = fanfare ] || exit 64\nshift\nexec '${process.execPath}' '${cli}' "$@"\n`,
  );
  await chmod(npx, 0o755);
  const { MLFLOW_TRACKING_URI: _uri, FANFARE_HOME: _home, ...inherited } = process.env;
  return { ...inherited, NO_COLOR: '1', PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter) };
}

/** Does all of a page from its top to its end: files are written, commands run. Answers with what they said. */
async function follow(page: string): Promise<string> {
  const env = await emptyFolder();
  let said = '';
  let variables = '';
  for (const { language, file, text, notRun } of snippetsIn(page)) {
    if (notRun !== undefined) continue;
    if (file !== undefined) await writeFile(join(folder, file), `${text}\n`);
    else if (language === 'bash') {
      // What a block sets, those behind it see.
      const script = `set -euo pipefail\n${variables}\n${text}`;
      const { stdout } = await run('bash', ['-c', script], { cwd: folder, env, maxBuffer: 1e8 });
      variables += (text.match(/^[A-Z_]+=.*$/gm) ?? []).join('\n');
      said += stdout;
    }
  }
  return said;
}

describe('a page can be followed from its top to its end:', () => {
  test('the tutorial, with a server of MLflow', async () => {
    const said = await follow('docs/tutorial.md');
    expect(said).toMatch(/^customer +integer +feature +1,000 +0 to 999$/m);
    expect(said).toMatch(/^champion +churn@champion is version 1$/m);
    expect(said).toMatch(/^trials +12: /m);
    expect(said).toMatch(/^predicted +1,000 of 1,000 rows, 0 rejected$/m);
    expect(said.trimEnd()).toMatch(/\nOK$/);
  });

  test('how to split', async () => {
    expect(await follow('docs/how-to/split.md')).toMatch(/^split +\d+ train · \d+ validation · \d+ test$/m);
  });

  test('how to tune', async () => {
    const said = await follow('docs/how-to/tune.md');
    expect(said).toMatch(/^trials +6: /m);
    expect(said).toMatch(/^trials +8: /m);
  });

  test('how to predict', async () => {
    const said = await follow('docs/how-to/predict.md');
    expect(said).toMatch(/^predicted +2 of 3 rows, 1 rejected$/m);
    expect(said).toMatch(/^OK$/m);
  });

  test('how to keep a champion', async () => {
    expect(await follow('docs/how-to/pipeline.md')).toMatch(/^test auc 0\.\d+$/m);
  });
});

test('TypeScript in the documentation compiles against the library', async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-docs-'));
  const whole = snippets().filter(({ language, sketch }) => language === 'ts' && sketch === undefined);
  expect(whole.length).toBeGreaterThan(3);
  for (const [at, snippet] of whole.entries()) {
    await writeFile(join(folder, `${at}.ts`), `// ${placeOf(snippet)}\n${snippet.text}\nexport {};\n`);
  }
  const root = resolve('.');
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        ...{ noEmit: true, noUnusedLocals: false, typeRoots: [join(root, 'node_modules/@types')] },
        paths: { fanfare: [join(root, 'library/index.ts')] },
      },
      include: ['*.ts'],
      exclude: [],
    }),
  );
  const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).catch((error) => error);
  expect(stdout).toBe('');
});

test('Python in the documentation compiles', async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-docs-'));
  const blocks = snippets().filter(({ language }) => language === 'python');
  expect(blocks.length).toBeGreaterThan(2);
  const program = 'import json, sys\nfor place, text in json.load(sys.stdin): compile(text, place, "exec")';
  const python = run(resolve('.venv/bin/python'), ['-c', program]);
  python.child.stdin?.end(JSON.stringify(blocks.map((block) => [placeOf(block), block.text])));
  await python;
});
