import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const tree = mkdtempSync(join(tmpdir(), 'fanfare-lint-'));

beforeAll(() => {
  const { $schema: _, vcs: __, ...rules } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  writeFileSync(join(tree, 'biome.json'), JSON.stringify(rules));
});
afterAll(() => rmSync(tree, { recursive: true }));

/** Lints lines as if they stood in that file of the project. */
function lint(file: string, lines: string): string {
  const path = join(tree, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines);
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', '--colors=off', file], {
    cwd: tree,
    encoding: 'utf8',
  });
  rmSync(path);
  expect(stdout + stderr).toContain('Checked 1 file');
  return stdout + stderr;
}

/** A line that breaks a rule, and where. */
const violations: readonly (readonly [string, string, string])[] = [
  [
    'core/planted.ts',
    "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
    'noRestrictedImports',
  ],
  [
    'core/search/planted.ts',
    "import { fileStore } from '../../adapters/files/file-store.ts';\nexport const x = fileStore;\n",
    'noRestrictedImports',
  ],
  [
    'core/steps/planted.ts',
    "import { x } from '../../local/engine.ts';\nexport const y = x;\n",
    'noRestrictedImports',
  ],
  [
    'core/planted.ts',
    "import { InferenceSession } from 'onnxruntime-node';\nexport const x = InferenceSession;\n",
    'noRestrictedImports',
  ],
  ['core/planted.ts', 'export const x = process.argv;\n', 'noRestrictedGlobals'],
  ['core/planted.ts', "export const x = fetch('http://a');\n", 'noRestrictedGlobals'],
  ['core/planted.ts', 'export const x = () => performance.now();\n', 'noRestrictedGlobals'],
  [
    'adapters/files/planted.ts',
    "import { x } from '../../local/engine.ts';\nexport const y = x;\n",
    'noRestrictedImports',
  ],
  [
    'local/planted.ts',
    "import { handler } from '../functions/train.ts';\nexport const y = handler;\n",
    'noRestrictedImports',
  ],
  [
    'local/planted.ts',
    "import { x } from '../cli/session.ts';\nexport const y = x;\n",
    'noRestrictedImports',
  ],
  [
    'functions/planted.ts',
    "import { handler } from './train.ts';\nexport const y = handler;\n",
    'noRestrictedImports',
  ],
  [
    'infra/planted.ts',
    "import { ask } from '../core/steps/ask.ts';\nexport const y = ask;\n",
    'noRestrictedImports',
  ],
  [
    'infra/planted.ts',
    "import { handler } from '../functions/train.ts';\nexport const y = handler;\n",
    'noRestrictedImports',
  ],
  [
    'infra/planted.ts',
    "import { S3 } from '@aws-sdk/client-s3';\nexport const y = S3;\n",
    'noRestrictedImports',
  ],
  [
    'cli/planted.ts',
    "import { handler } from '../functions/train.ts';\nexport const y = handler;\n",
    'noRestrictedImports',
  ],
  [
    'library/planted.ts',
    "import { handler } from '../functions/train.ts';\nexport const y = handler;\n",
    'noRestrictedImports',
  ],
  [
    'library/planted.ts',
    "import { x } from '../cli/session.ts';\nexport const y = x;\n",
    'noRestrictedImports',
  ],
  [
    'local/planted.ts',
    "import { x } from '../library/fanfare.ts';\nexport const y = x;\n",
    'noRestrictedImports',
  ],
  [
    'report/planted.ts',
    "import { bestTrial } from '../core/search/front.ts';\nexport const y = bestTrial;\n",
    'noRestrictedImports',
  ],
  [
    'cli/planted.ts',
    'const f = async () => 1;\nexport const g = () => {\n  f();\n};\n',
    'noFloatingPromises',
  ],
  ['cli/planted.ts', 'export const x = (a: any) => a;\n', 'noExplicitAny'],
];

describe('the lint', () => {
  test.each(violations)('refuses in %s: %s', (file, line, rule) => {
    expect(lint(file, line)).toContain(rule);
  });

  test('takes what the folders are for', () => {
    expect(
      lint(
        'adapters/planted.ts',
        "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
      ),
    ).not.toContain('noRestricted');
    expect(
      lint(
        'core/planted.ts',
        "import { FanfareError } from './errors.ts';\nexport const x = FanfareError;\n",
      ),
    ).not.toContain('noRestricted');
    expect(
      lint('infra/planted.ts', "import { keys } from '../core/contracts/keys.ts';\nexport const y = keys;\n"),
    ).not.toContain('noRestricted');
    expect(
      lint(
        'report/planted.ts',
        "import { trialStates } from '../core/contracts/report.ts';\nexport const y = trialStates;\n",
      ),
    ).not.toContain('noRestricted');
    expect(
      lint('functions/planted.ts', "import { entry } from './shared/entry.ts';\nexport const y = entry;\n"),
    ).not.toContain('noRestricted');
  });

  test('has a rule for every folder of code', () => {
    const code = readdirSync(root, { withFileTypes: true })
      .filter(
        (entry) =>
          entry.isDirectory() &&
          readdirSync(`${root}${entry.name}`, { recursive: true }).some((file) => /\.ts$/.test(String(file))),
      )
      .map(({ name }) => name)
      .filter(
        (name) =>
          !name.startsWith('.') &&
          !['node_modules', 'dist', 'test', 'kernels', 'examples', 'bench', 'cdk.out'].includes(name),
      );
    expect(code.sort()).toEqual([
      ...['adapters', 'cli', 'core', 'functions', 'infra', 'library', 'local', 'report'],
    ]);
  });
});
