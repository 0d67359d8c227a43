import { beforeEach, describe, expect, test } from 'vitest';
import { gunzip } from '../../../adapters/node/gunzip.ts';
import { keys } from '../../../core/contracts/keys.ts';
import type { Prediction } from '../../../core/contracts/records.ts';
import { verifyPrediction } from '../../../core/predictions/verify.ts';
import { decodeJson, encodeJson } from '../../../core/store.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { type EchoWorld, echoRows, echoTable, echoWorld } from '../../support/echo-world.ts';

const text = new TextDecoder().decode(encodeTable('csv', [echoTable(echoRows(100))]));
const bad = text
  .replace(/^7,1.75/m, '7,far')
  .replace(/^8,2,/m, '8,near,')
  .replace(/^66,16.5/m, '66,?');
const source = byteSource(bad, 'new.csv');

let world: EchoWorld;
beforeEach(async () => {
  world = await echoWorld();
});

const verify = (manifest: Prediction, input = false, table = source) =>
  verifyPrediction(
    manifest,
    { store: world.store, open: async () => [table], decompressors: {}, gunzip },
    { input },
  );

const change = async (key: string, changed: (bytes: Uint8Array) => Uint8Array) =>
  world.store.put(key, changed((await world.store.get(key))!.body));

test.each(['parquet', 'csv', 'ndjson', 'arrow'] as const)(
  'a prediction in %s is found to be whole',
  async (format) => {
    const manifest = await world.predict(source, { format }, { shards: 4 });
    const found = await verify(manifest, true);
    expect(found).toMatchObject({ rows: 100, predicted: 97, rejected: 3, input: 100, mismatches: [] });
    const named = [...manifest.parts, ...manifest.rejects];
    expect(found.files).toBe(named.length);
    expect(found.bytes).toBe(named.reduce((sum, { bytes }) => sum + bytes, 0));
  },
);

test('one in folders by a value is found to be whole', async () => {
  const manifest = await world.predict(source, { partition_by: 'b' }, { shards: 4 });
  expect(await verify(manifest, true)).toMatchObject({ predicted: 97, rejected: 3, mismatches: [] });
});

describe('what is not as the manifest says is named:', () => {
  test('a part that is gone', async () => {
    const manifest = await world.predict(source, {}, { shards: 4 });
    const { key, rows } = manifest.parts[2]!;
    await world.store.delete(key);
    expect(await verify(manifest)).toMatchObject({
      predicted: 97 - rows,
      mismatches: [{ where: key, what: 'is gone' }],
    });
  });

  test('a byte of a part or of the rejects', async () => {
    const manifest = await world.predict(source, {}, { shards: 2 });
    for (const { key, sha256 } of [manifest.parts[1]!, manifest.rejects[0]!]) {
      await change(key, (bytes) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)));
      const [first] = (await verify(manifest)).mismatches;
      expect(first).toMatchObject({ where: key });
      expect(first!.what).toMatch(new RegExp(`^has sha256 [0-9a-f]{64}, the manifest says ${sha256}$`));
      await change(key, (bytes) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)));
    }
    expect((await verify(manifest)).mismatches).toEqual([]);
  });

  test('a part that is what was written, and no table', async () => {
    const manifest = await world.predict(source, { format: 'parquet' }, { shards: 1 });
    const bytes = new Uint8Array(100);
    const [part] = manifest.parts;
    await world.store.put(part!.key, bytes);
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
    const wrong = { ...manifest, parts: [{ ...part!, bytes: 100, sha256: digest }] };
    expect((await verify(wrong)).mismatches).toEqual([
      { where: part!.key, what: expect.stringMatching(/^cannot be read: /) },
    ]);
  });

  test('rows that are not in a part', async () => {
    const manifest = await world.predict(source, { format: 'parquet' }, { shards: 2 });
    const [first, second] = manifest.parts;
    const wrong = { ...manifest, parts: [{ ...first!, rows: first!.rows + 1 }, second!] };
    expect((await verify(wrong)).mismatches).toEqual([
      { where: first!.key, what: `has ${first!.rows} rows, the manifest says ${first!.rows + 1}` },
    ]);
  });

  test('a part that stands twice, and one in the place of another', async () => {
    const manifest = await world.predict(source, {}, { shards: 2 });
    const [first, second] = manifest.parts;
    const twice = { ...manifest, parts: [first!, first!, second!] };
    expect((await verify(twice)).mismatches[0]!.what).toMatch(/rows predicted, the manifest says 97$/);
    const from = { ...second!.from, row: second!.from.row + 1 };
    const moved = { ...manifest, parts: [first!, { ...second!, from }] };
    expect((await verify(moved)).mismatches.map(({ where }) => where)).toEqual([first!.key, second!.key]);
  });

  test('a row that is rejected twice', async () => {
    const manifest = await world.predict(source, {}, { shards: 1 });
    const [file] = manifest.rejects;
    const lines = new TextDecoder().decode((await world.store.get(file!.key))!.body).split('\n');
    lines[1] = lines[0]!;
    const bytes = new TextEncoder().encode(lines.join('\n'));
    await world.store.put(file!.key, bytes);
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
    const wrong = { ...manifest, rejects: [{ ...file!, bytes: bytes.length, sha256: digest }] };
    expect((await verify(wrong)).mismatches).toContainEqual({
      where: source.uri,
      what: 'row 7 is rejected out of order, or twice',
    });
  });

  test('a shard that counted fewer rows than its input has', async () => {
    const manifest = await world.predict(source, {}, { shards: 2 });
    const key = keys.receipt(keys.prediction(manifest.prediction), 1);
    const receipt = decodeJson((await world.store.get(key))!.body) as { rows: number };
    await world.store.put(key, encodeJson({ ...receipt, rows: receipt.rows - 1 }));
    const { mismatches } = await verify(manifest, true);
    expect(mismatches.map(({ what }) => what)).toEqual([
      '99 rows read by the shards, the manifest says 100',
      `shard 1 has ${receipt.rows} rows now, and had ${receipt.rows - 1} when it was predicted`,
    ]);
  });

  test('an input that changed since', async () => {
    const manifest = await world.predict(source, {}, { shards: 1 });
    const changed = byteSource(bad.replace('far', 'fur'), 'new.csv', '"other"');
    const [first] = (await verify(manifest, true, changed)).mismatches;
    expect(first).toMatchObject({
      where: source.uri,
      what: expect.stringContaining('changed since it was planned'),
    });
  });
});
