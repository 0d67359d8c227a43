import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Reject } from '../../../core/contracts/job.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { type Partition, Prediction } from '../../../core/contracts/records.ts';
import { PredictionSpec } from '../../../core/contracts/spec.ts';
import { sha256 } from '../../../core/digest.ts';
import { GraphBuilder } from '../../../core/onnx/graph.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { planSplit } from '../../../core/steps/plan-split.ts';
import { type ByteSource, encodeJson, type ObjectStore } from '../../../core/store.ts';
import { byteSource } from '../../support/byte-source.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { execution, predictAll, putSpec, specOf, stepPorts } from '../../support/step-world.ts';

/** A model of one input, which it doubles; a missing one it takes as a float alone. */
function doubling(input: string, type: 'float' | 'int64'): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.cast(graph.input(input, type), 'float');
  graph.output('y', 'float', graph.node('Mul', [x, graph.scalar('float', 2)]));
  return graph.finish({ name: 'doubling', version: '1' }, new Map());
}

/** Predicts a table of those files, and gives the manifest with what it names. */
async function predicted(
  files: readonly ByteSource[],
  {
    input = 'x',
    type = 'float',
    table = {},
  }: { readonly input?: string; readonly type?: 'float' | 'int64'; readonly table?: object } = {},
) {
  const store = memoryStore();
  const ports = stepPorts(store, { files });
  const model = doubling(input, type);
  const digest = await sha256(model);
  await store.put(keys.model(digest), model);
  const spec = PredictionSpec.parse({
    name: 'inputs',
    table: { path: 'files', ...table },
    predict: { format: 'ndjson', tolerance: 1 },
  });
  const specDigest = await sha256(encodeJson(spec));
  await store.put(keys.spec(specDigest), encodeJson(spec));
  const { prediction } = await predictAll(specDigest, digest, null, ports);
  const manifest = await readObject(store, keys.predictionManifest(prediction), Prediction);
  return {
    manifest,
    rows: await linesOf<Record<string, unknown>>(store, manifest.parts),
    rejects: await linesOf<Reject>(store, manifest.rejects),
  };
}

async function linesOf<Line>(store: ObjectStore, parts: readonly Partition[]): Promise<Line[]> {
  const bytes = await Promise.all(parts.map((part) => readPartition(store, part)));
  const text = bytes.map((part) => new TextDecoder().decode(part)).join('');
  return text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Line] : []));
}

const gz = (text: string) => new Uint8Array(gzipSync(text));

test('compressed files are predicted beside plain ones, a bad row named by its place in the text', async () => {
  const { manifest, rows, rejects } = await predicted(
    [byteSource('x\n1\n2\n', 'a.csv'), byteSource(gz('x\n3\nthree\n4\n'), 'b.csv.gz')],
    { table: { columns: { x: 'float' } } },
  );
  expect(manifest).toMatchObject({ rows: 5, predicted: 4, rejected: 1 });
  expect(rows).toEqual([1, 2, 3, 4].map((x) => ({ x, y: 2 * x })));
  expect(rejects).toMatchObject([
    { file: 'file:///tables/b.csv.gz', row: 1, offset: 4, column: 'x', raw: 'three' },
  ]);
});

test('a row of a compressed file that the model cannot take is rejected as it stands in the text', async () => {
  const lines = Array.from({ length: 70_000 }, (_, row) => (row % 30_000 === 9 ? `,"${row}"` : `${row},"a"`));
  const { manifest, rejects } = await predicted([byteSource(gz(`x,s\n${lines.join('\n')}\n`), 'a.csv.gz')], {
    type: 'int64',
  });
  expect(manifest).toMatchObject({ rows: 70_000, predicted: 69_997, rejected: 3 });
  const before = (row: number) => lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, 4);
  expect(rejects.map(({ row, offset, raw }) => [row, offset, raw])).toEqual(
    [9, 30_009, 60_009].map((row) => [row, before(row), `,"${row}"`]),
  );
});

describe('a table without rows', () => {
  test.each([
    ['a.csv', 'x,id\n'],
    ['a.csv', 'x,id'],
    ['a.csv.gz', gz('x,id\n')],
    ['a.ndjson', ''],
  ])('is predicted to none: %s %s', async (name, content) => {
    const { manifest } = await predicted([byteSource(content, name)]);
    expect(manifest).toMatchObject({ rows: 0, predicted: 0, rejected: 0, parts: [] });
  });

  test('is predicted to none where Parquet declares its columns, and refused where they are not the model’s', async () => {
    const bytes = new Uint8Array(await readFile('test/fixtures/tables/empty.parquet'));
    const { manifest } = await predicted([byteSource(bytes, 'a.parquet')], { input: 'float64' });
    expect(manifest).toMatchObject({ rows: 0, parts: [] });
    await expect(predicted([byteSource(bytes, 'a.parquet')], { input: 'float46' })).rejects.toThrow(
      /no column|float64/,
    );
  });

  test('is not to be learned from', async () => {
    const store = memoryStore();
    const ports = stepPorts(store, { flights: [byteSource('id,distance,seats,city,late\n', 'a.csv')] });
    const spec = await putSpec(store, specOf());
    await expect(planSplit({ spec, execution }, ports)).rejects.toMatchObject({
      name: 'BadTable',
      message: 'The table is empty: there is no row in flights.',
    });
  });
});

test('an object of zero bytes among others has no rows, whatever it is called', async () => {
  const { manifest } = await predicted([
    byteSource('', '_SUCCESS'),
    byteSource('x\n1\n', 'a.csv'),
    byteSource('', 'b.csv'),
  ]);
  expect(manifest).toMatchObject({ rows: 1, predicted: 1 });
});
