import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { codeLoader } from '../../../adapters/node/load-code.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { sha256 } from '../../../core/digest.ts';
import { bundleCode } from '../../../library/code/bundle.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { bringSource, bundleOf } from '../../support/user-code.ts';

const trainable = `import { defineTrainable } from 'fanfare';
import { rate } from './rate.ts';
export default defineTrainable({ resource: String(rate), *train() {} });
`;
const rate = 'export const rate: number = 3;\n';

test('the same source is the same bytes in any folder; another source of a module that it imports is not', async () => {
  const files = { 'mine.ts': trainable, 'rate.ts': rate };
  const [one, two] = [await bundleOf(files), await bundleOf(files)];
  expect(two).toEqual(one);
  expect(await bundleOf({ ...files, 'rate.ts': rate.replace('3', '4') })).not.toEqual(one);
});

test('what is brought is imported with all that it needs, by its digest, and its folder may be gone', async () => {
  const store = memoryStore();
  const bundle = await bundleOf({ 'mine.ts': trainable, 'rate.ts': rate });
  const digest = await sha256(bundle);
  await store.put(keys.code(digest), bundle);
  const load = codeLoader(store);
  const module = await load(`code:${digest}`);
  expect(module.default).toMatchObject({ resource: '3' });
  expect(await load(`code:${digest}`)).toBe(module);
});

test('CommonJS and the modules of Node can be imported too', async () => {
  const store = memoryStore();
  const source = "const { sep } = require('node:path');\nmodule.exports = { sep };\n";
  const load = codeLoader(store);
  expect(await load(await bringSource(store, source, 'mine.js'))).toMatchObject({ default: { sep: '/' } });
  const esm = "import { sep } from 'node:path';\nexport default { sep };\n";
  expect(await load(await bringSource(store, esm, 'mine.mjs'))).toMatchObject({ default: { sep: '/' } });
});

test.each([
  [
    'a syntax error',
    { 'mine.ts': 'const a = 1;\nexport default (rows => {\n  return rows..x;\n});\n' },
    'mine.ts:3:15: Expected identifier but found ".": return rows..x;',
  ],
  [
    'a syntax error in what it imports',
    { 'mine.ts': trainable, 'rate.ts': 'export const rate = ;' },
    'rate.ts:1:21: Unexpected ";": export const rate = ;',
  ],
  [
    'a module that is not there',
    { 'mine.ts': trainable },
    `mine.ts:2:22: Could not resolve "./rate.ts": import { rate } from './rate.ts';`,
  ],
  [
    'a package that is not there',
    { 'mine.ts': "import tf from 'no-such-package';\nexport default tf;" },
    `mine.ts:1:16: Could not resolve "no-such-package": import tf from 'no-such-package';`,
  ],
  [
    'a name that fanfare does not have',
    { 'mine.ts': "import { defineTrainabel } from 'fanfare';\nexport default defineTrainabel({});" },
    'mine.ts:1:10: No matching export in "library:fanfare" for import "defineTrainabel"',
  ],
  [
    'no default export',
    { 'mine.ts': 'export const features = 1;\nexport const more = 2;' },
    'mine.ts: it has no default export (it exports features, more)',
  ],
  [
    'no export at all',
    { 'mine.ts': 'const a = 1;' },
    'mine.ts: it has no default export (it exports nothing)',
  ],
])('%s is refused, with its file, line and column', async (_what, files, message) => {
  await expect(bundleOf(files as unknown as Record<string, string>)).rejects.toMatchObject({
    name: 'InvalidSpec',
    message: expect.stringContaining(`/${message}`),
  });
});

test('a file that is not there is named, and a folder is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'user-code-'));
  const library = resolve('library/define.ts');
  await expect(bundleCode(join(folder, 'mine.ts'), library)).rejects.toMatchObject({
    name: 'MissingInput',
    message: `user code ${join(folder, 'mine.ts')}: there is no such file`,
  });
  await expect(bundleCode(folder, library)).rejects.toMatchObject({
    message: expect.stringContaining('it is a folder'),
  });
  await rm(folder, { recursive: true });
});
