import { describe, expect, test } from 'vitest';
import type { Mapping } from '../../../core/code/mapping.ts';
import { Reject } from '../../../core/contracts/job.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { type Partition, Prediction } from '../../../core/contracts/records.ts';
import { PredictionSpec } from '../../../core/contracts/spec.ts';
import { digestOf, sha256 } from '../../../core/digest.ts';
import { GraphBuilder, ints } from '../../../core/onnx/graph.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { type ByteSource, encodeJson } from '../../../core/store.ts';
import { defineMapping } from '../../../library/define.ts';
import { byteSource } from '../../support/byte-source.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { predictAll, stepPorts } from '../../support/step-world.ts';

const side = 4;
const pixels = side * side;

/** A gray image of 4 by 4 pixels in PGM (netpbm's binary one), all of that brightness. */
const imageOf = (gray: number) =>
  new Uint8Array([
    ...new TextEncoder().encode(`P5\n${side} ${side}\n255\n`),
    ...new Array<number>(pixels).fill(gray),
  ]);

/** Convolves an image with one filter of twos, as large as the image. */
function convolution(): Uint8Array {
  const graph = new GraphBuilder();
  const image = graph.input('image', 'float', 4);
  const weights = {
    type: 'float',
    values: new Float32Array(pixels).fill(2),
    dims: [1, 1, side, side],
  } as const;
  const convolved = graph.node('Conv', [image, graph.constant(weights)], {
    kernel_shape: ints([side, side]),
  });
  const vector = graph.constant({ type: 'int64', values: BigInt64Array.of(-1n) });
  graph.output('sum', 'float', graph.node('Reshape', [convolved, vector]));
  return graph.finish({ name: 'convolution', version: '1' }, new Map());
}

const preprocess = defineMapping((rows) => {
  const values = new Float32Array(rows.count * pixels);
  for (const [row, content] of rows.bytes('content').entries()) {
    const head = new TextDecoder().decode(content.subarray(0, 11));
    if (!head.startsWith('P5\n4 4\n255\n'))
      throw new Error(`it is no PGM of 4 by 4, but begins "${head.slice(0, 2)}"`);
    for (let pixel = 0; pixel < pixels; pixel++) values[row * pixels + pixel] = content[11 + pixel]! / 255;
  }
  return rows.with({ image: { type: 'tensor', shape: [1, side, side], values } });
});

async function predicted(
  files: readonly ByteSource[],
  table: object = {},
  predict: object = {},
  code: Mapping = preprocess,
  store = memoryStore(),
) {
  const ports = stepPorts(store, { 'images/*': files }, { loadCode: async () => ({ default: code }) });
  const model = convolution();
  const digest = await sha256(model);
  await store.put(keys.model(digest), model);
  const spec = PredictionSpec.parse({
    name: 'images',
    table: { path: 'images/*', format: 'objects', ...table },
    predict: { format: 'ndjson', tolerance: 1, preprocess: `code:${'0'.repeat(64)}`, ...predict },
  });
  const specDigest = await digestOf(spec);
  await store.put(keys.spec(specDigest), encodeJson(spec));
  const { prediction } = await predictAll(specDigest, digest, null, ports);
  const manifest = await readObject(store, keys.predictionManifest(prediction), Prediction);
  const linesOf = async (parts: readonly Partition[]) => {
    const texts = await Promise.all(parts.map((part) => readPartition(store, part)));
    const lines = texts
      .map((text) => new TextDecoder().decode(text))
      .join('')
      .split('\n');
    return lines.flatMap((line) => (line ? [JSON.parse(line)] : []));
  };
  const rejects = (await linesOf(manifest.rejects)).map((line) => Reject.parse(line));
  return { manifest, rows: await linesOf(manifest.parts), rejects };
}

const images = Array.from({ length: 20 }, (_, i) =>
  byteSource(imageOf(i), `${String(i).padStart(2, '0')}.pgm`, `e${i}`),
);
const sumOf = (gray: number) => expect.closeTo((2 * pixels * gray) / 255, 4);

describe('a table of objects', () => {
  test.each([{}, { shards: 3 }, { shard_bytes: 60 }])(
    'has a row an object, each predicted once, cut by %j',
    async (table) => {
      const { manifest, rows } = await predicted(images, table);
      expect(manifest).toMatchObject({ rows: 20, predicted: 20, rejected: 0 });
      expect(rows).toEqual(
        images.map(({ name, uri, size, etag }, i) => ({ name, uri, size, etag, sum: sumOf(i) })),
      );
    },
  );

  test('rejects the object that cannot be prepared, by its name and the reason, and no other', async () => {
    const broken = [...images];
    broken[7] = byteSource('GIF89a', '07.gif', 'e7');
    broken[19] = byteSource(new Uint8Array(0), '19.pgm', 'e19');
    const { manifest, rows, rejects } = await predicted(broken, { shards: 2 }, { keep: ['name'] });
    expect(manifest).toMatchObject({ rows: 20, predicted: 18, rejected: 2 });
    expect(rows).toEqual(
      images.flatMap(({ name }, i) => (i === 7 || i === 19 ? [] : [{ name, sum: sumOf(i) }])),
    );
    expect(rejects).toMatchObject([
      { file: broken[7]!.uri, row: 7, column: 'content', reason: expect.stringContaining('begins "GI"') },
      {
        file: broken[19]!.uri,
        row: 19,
        column: 'content',
        reason: expect.stringContaining('no PGM of 4 by 4'),
      },
    ]);
    expect(JSON.parse(rejects[0]!.raw)).toEqual({ name: '07.gif', uri: broken[7]!.uri, size: 6, etag: 'e7' });
  });

  test('has its rejected objects predicted by code that takes them', async () => {
    const store = memoryStore();
    const small = byteSource(new Uint8Array(pixels).fill(9), '07.raw', 'e7');
    const { manifest } = await predicted(images.with(7, small), {}, {}, preprocess, store);
    expect(manifest.rejected).toBe(1);
    const raw = defineMapping((rows) => {
      const values = Float32Array.from(rows.bytes('content').flatMap((content) => [...content]));
      return rows.with({ image: { type: 'tensor', shape: [1, side, side], values } });
    });
    const rejects = { prediction: manifest.prediction };
    const again = await predicted([small], {}, { rejects }, raw, store);
    expect(again.manifest).toMatchObject({ rows: 1, predicted: 1, rejected: 0 });
    expect(again.rows).toMatchObject([{ name: '07.raw', size: pixels, sum: 2 * pixels * 9 }]);
    const none = await predicted([small], {}, { rejects, keep: ['uri'] }, preprocess, store);
    expect(none.rejects).toMatchObject([{ file: small.uri, row: 7, column: 'content' }]);
  });

  test('rejects an object that no function could hold, without reading it', async () => {
    const huge = {
      ...byteSource('', '05.pgm'),
      size: 2 ** 28,
      read: () => Promise.reject(new Error('it was read')),
    };
    const { manifest, rejects } = await predicted(images.with(5, huge));
    expect(manifest).toMatchObject({ rows: 20, predicted: 19, rejected: 1 });
    expect(rejects).toMatchObject([
      {
        file: huge.uri,
        row: 5,
        reason: 'the object has 268435456 bytes; one of at most 134217728 can be read',
      },
    ]);
  });

  test('fails where an object changed since it was planned', async () => {
    let opened = 0;
    const changing: ByteSource = Object.defineProperty({ ...images[3]! }, 'etag', {
      get: () => `e${opened++}`,
    });
    await expect(predicted(images.with(3, changing))).rejects.toThrow(/03\.pgm changed since it was planned/);
  });

  test('needs a preprocess, and carries no content along', async () => {
    await expect(predicted(images, {}, { preprocess: undefined })).rejects.toThrow(
      /needs one, which makes the model's inputs/,
    );
    await expect(predicted(images, {}, { keep: ['content'] })).rejects.toThrow(
      'predict.keep: the content of objects is not carried along; there are name, uri, size, etag',
    );
  });
});
