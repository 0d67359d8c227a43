import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { functions } from '../../core/contracts/functions.ts';
import { buildLayers } from '../../scripts/layer.mjs';
import { functionOf, synthesise } from './synthesised.ts';

const names = Object.keys(functions);

describe('the layer', () => {
  const into = mkdtempSync(join(tmpdir(), 'fanfare-layer-'));
  let layers: ReturnType<typeof buildLayers>;
  beforeAll(() => {
    layers = buildLayers({ into });
  });
  afterAll(() => rmSync(into, { recursive: true }));

  test('holds ONNX Runtime for one platform, below 60 MB, and neither the AWS SDK nor a graphics card’s part', () => {
    expect(layers.map(({ architecture }) => architecture)).toEqual(['x86_64', 'arm64']);
    for (const { folder, bytes, architecture } of layers) {
      expect(bytes).toBeLessThan(60e6);
      expect(readdirSync(join(folder, 'nodejs/node_modules'))).toEqual([
        'onnxruntime-common',
        'onnxruntime-node',
      ]);
      const binaries = readdirSync(folder, { recursive: true }).filter((file) =>
        /\.(node|so)/.test(String(file)),
      );
      expect(binaries).toHaveLength(2);
      const platform = architecture === 'arm64' ? 'linux/arm64' : 'linux/x64';
      for (const file of binaries) expect(String(file)).toContain(platform);
    }
  });

  test('is refused when it grows too large', () => {
    expect(() => buildLayers({ into, limitMiB: 10 })).toThrow(/the layer for x86_64 is .* at most 10 MiB/);
  });
});

describe('a function', () => {
  const template = synthesise();

  test('has the layer if its step runs a model, and only then', async () => {
    const withLayer = names.filter((name) => functionOf(template, name).Properties.Layers !== undefined);
    expect(withLayer.sort()).toEqual((await thatLoadModels()).sort());
    expect(withLayer.length).toBeGreaterThan(2);
  });
});

/** The functions whose own step asks its ports for a model: `loadModel` stands in core code that their bundle holds. */
async function thatLoadModels(): Promise<string[]> {
  const { metafile, outputFiles } = await build({
    entryPoints: names.map((name) => `functions/${name}.ts`),
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    outdir: 'out',
    packages: 'external',
    legalComments: 'none',
  });
  expect(Object.keys(metafile.outputs)).toHaveLength(names.length);
  return names.filter((name) => {
    const output = outputFiles.find(({ path }) => path.endsWith(`/${name}.js`));
    // The ports offer it once in every bundle; a step that asks for it is one more.
    return (output?.text.match(/\bloadModel\b/g) ?? []).length > offered(outputFiles.map(({ text }) => text));
  });
}

const offered = (texts: readonly string[]): number =>
  Math.min(...texts.map((text) => (text.match(/\bloadModel\b/g) ?? []).length));
