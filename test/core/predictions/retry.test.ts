import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { gunzip } from '../../../adapters/node/gunzip.ts';
import { Reject } from '../../../core/contracts/job.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { type Prediction, RowPlace } from '../../../core/contracts/records.ts';
import { verifyPrediction } from '../../../core/predictions/verify.ts';
import { writePartition } from '../../../core/steps/job.ts';
import { encodeLines, readLines } from '../../../core/steps/lines.ts';
import { encodeJson } from '../../../core/store.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { type EchoWorld, echoRows, echoTable, echoWorld } from '../../support/echo-world.ts';

let world: EchoWorld;
beforeEach(async () => {
  world = await echoWorld();
});

/** Keeps lines as a person mended them, as `fanfare retry-rejects --from` does. */
async function mend({ prediction, rejects }: Prediction, raws: Readonly<Record<number, string>>) {
  const digest = '0'.repeat(64);
  const written = [];
  for (const [at, part] of rejects.entries()) {
    const lines = await readLines(world.store, part, Reject);
    const mended = lines.map((line) => ({ ...line, raw: raws[line.row] ?? line.raw }));
    const key = `${keys.prediction(prediction)}mended/${digest}/${at}.ndjson`;
    written.push(await writePartition(world.store, key, encodeLines(mended), mended.length));
  }
  await world.store.put(keys.mended(prediction, digest), encodeJson(written));
  return { prediction, mended: digest };
}

const mismatchesOf = async (manifest: Prediction) =>
  (
    await verifyPrediction(
      manifest,
      { store: world.store, open: async () => [], decompressors: {}, gunzip },
      { input: false },
    )
  ).mismatches;

const placesOf = async ({ places }: Prediction) =>
  (await Promise.all(places.map((part) => readLines(world.store, part, RowPlace)))).flat();

const csv = new TextDecoder().decode(encodeTable('csv', [echoTable(echoRows(100))]));
const source = byteSource(
  csv
    .replace(/^7,1.75/m, '7,far')
    .replace(/^8,2,/m, '8,near,')
    .replace(/^66,16.5,/m, '66,')
    .replace(/^90,(.*),90,/m, '90,$1,16777217,'),
  'new.csv',
);
const mended = { 7: '7,1.75,1,7,true,,s', 66: '66,16.5,1,66,true,,"two\nlines, ""quoted"""' };

describe('the rows that a prediction rejected', () => {
  test('are predicted once they are mended, in their places, and what is not is rejected again', async () => {
    const parent = await world.predict(source, {}, { shards: 3 });
    expect(parent).toMatchObject({ rows: 100, predicted: 96, rejected: 4 });
    const rejects = await mend(parent, mended);
    const retry = await world.predict(source, { rejects, tolerance: { rows: 2 } });
    expect(retry).toMatchObject({ rows: 4, predicted: 2, rejected: 2 });
    expect(retry.input).toEqual({ kind: 'rejects', parent: parent.prediction, of: 100 });
    expect(await world.rows(retry)).toMatchObject([
      { id: 7, x: 1.75, y: 1.75, s: 's' },
      { id: 66, x: 16.5, y: 16.5, s: 'two\nlines, "quoted"' },
    ]);
    expect(await placesOf(retry)).toEqual([
      { file: source.uri, row: 7 },
      { file: source.uri, row: 66 },
    ]);
    const before = (await world.rejects(parent)).filter(({ row }) => row === 8 || row === 90);
    expect(await world.rejects(retry)).toEqual(before);
    expect(await mismatchesOf(retry)).toEqual([]);
  });

  test('can be mended in several goes, and every row is accounted for', async () => {
    const parent = await world.predict(source, {}, { shards: 3 });
    const first = await world.predict(source, { rejects: await mend(parent, mended) });
    const rejects = await mend(first, { 8: '8,2,1,8,true,,', 90: '90,22.5,1,90,true,,' });
    const second = await world.predict(source, { rejects, tolerance: 0 });
    expect(second.input).toEqual({ kind: 'rejects', parent: first.prediction, of: 100 });
    expect(second).toMatchObject({ predicted: 2, rejected: 0 });
    expect(parent.predicted + first.predicted + second.predicted).toBe(parent.rows);
    expect(await mismatchesOf(second)).toEqual([]);
  });

  test('are predicted by other types, which a changed specification names', async () => {
    const table = byteSource(csv.replace(/^7,1.75,\d+/m, '7,1.75,1e3'), 'new.csv');
    const parent = await world.predict(table);
    expect((await world.rejects(parent)).map(({ row, column }) => [row, column])).toEqual([[7, 'n']]);
    const columns = { id: 'integer', x: 'float', n: 'float', k: 'integer', b: 'boolean', s: 'string' };
    const retry = await world.predict(table, { rejects: { prediction: parent.prediction } }, { columns });
    expect(await world.rows(retry)).toMatchObject([{ id: 7, n: 1000, y: 1.75 }]);
  });

  test('are held to the tolerance by the whole input', async () => {
    const parent = await world.predict(source, { tolerance: 0.04 });
    const rejects = { prediction: parent.prediction };
    expect(await world.predict(source, { rejects, tolerance: 0.04 })).toMatchObject({
      predicted: 0,
      rejected: 4,
    });
    await expect(world.predict(source, { rejects, tolerance: 0.03 })).rejects.toThrow(
      /^4 of 100 rows were rejected, predict\.tolerance allows 0\.03 of them/,
    );
  });

  test('are one row each: a text of none or of two is rejected', async () => {
    const parent = await world.predict(source);
    const rejects = await mend(parent, { 7: '', 8: '8,2,1,8,true,,\n9,2,1,8,true,,' });
    const retry = await world.predict(source, { rejects });
    expect((await world.rejects(retry)).map(({ row, reason }) => [row, reason]).slice(0, 2)).toEqual([
      [7, 'its raw text is 0 rows, where one was rejected'],
      [8, 'its raw text is 2 rows, where one was rejected'],
    ]);
  });

  test.each(['new.csv', 'new.csv.gz'])(
    'are read again in %s if they were too long to be kept',
    async (name) => {
      const row = `1,1,99999999,true,7,,${'s'.repeat(2 ** 20)}`;
      const text = Buffer.from(`x,n,k,b,id,t,s\n${row}`);
      const table = byteSource(name.endsWith('gz') ? gzipSync(text) : text, name);
      const parent = await world.predict(table);
      expect((await world.rejects(parent))[0]).toMatchObject({
        raw_bytes: row.length,
        raw: row.slice(0, 10_000),
      });
      const columns = { x: 'float', n: 'integer', k: 'boolean', b: 'boolean', id: 'integer', s: 'string' };
      const rejects = { prediction: parent.prediction };
      const [again] = await world.rejects(await world.predict(table, { rejects }, { columns }));
      // It was read as a whole: what was wrong with it is another thing now.
      expect(again).toMatchObject({
        row: 0,
        reason: '"99999999" is not true or false',
        raw_bytes: row.length,
      });
    },
  );

  test('are found missing where the retry lost one', async () => {
    const parent = await world.predict(source);
    const retry = await world.predict(source, { rejects: await mend(parent, mended) });
    const other = { ...retry, places: [], predicted: 0, rows: 2, parts: [] };
    expect((await mismatchesOf(other)).map(({ what }) => what)).toContain(
      '4 rows read by the shards, the manifest says 2',
    );
    const [place] = retry.places;
    const lines = encodeLines([
      { file: source.uri, row: 7 },
      { file: source.uri, row: 7 },
    ]);
    await world.store.delete(place!.key);
    const written = await writePartition(world.store, place!.key, lines, 2);
    expect((await mismatchesOf({ ...retry, places: [written] })).map(({ what }) => what)).toEqual([
      `row 7 is predicted, and ${parent.prediction} did not reject it, or it is there twice`,
      `row 66 was rejected by ${parent.prediction}, and is neither predicted nor rejected now`,
    ]);
  });
});

describe('a retry reads rows', () => {
  test('of NDJSON from their lines', async () => {
    const lines = new TextDecoder().decode(encodeTable('ndjson', [echoTable(echoRows(50))]));
    const table = byteSource(lines.replace('"id":7,"x":1.75', '"id":7,"x":"far"'), 'new.ndjson');
    const parent = await world.predict(table, {}, { shards: 2 });
    const [reject] = await world.rejects(parent);
    const rejects = await mend(parent, { 7: reject!.raw.replace('"far"', '1.5') });
    expect(await world.rows(await world.predict(table, { rejects }))).toMatchObject([
      { id: 7, x: 1.5, y: 1.5 },
    ]);
  });

  test('of Arrow from their JSON, without losing a digit', async () => {
    const rows = echoRows(50);
    rows[7] = [2n ** 53n + 1n, Number.NEGATIVE_INFINITY, null, 7n, true, 1_500, 'ü "q"\n'];
    const table = byteSource(encodeTable('arrow', [echoTable(rows)]), 'new.arrow');
    const parent = await world.predict(table, { format: 'csv' });
    const [reject] = await world.rejects(parent);
    const rejects = await mend(parent, { 7: reject!.raw.replace('"n":null', '"n":-9223372036854775807') });
    const { parts } = await world.predict(table, { rejects, format: 'csv' });
    const part = await world.store.get(parts[0]!.key);
    expect(new TextDecoder().decode(part!.body)).toBe(
      'id,x,n,k,b,t,s,y\n9007199254740993,-inf,-9223372036854775807,7,true,1970-01-01T00:00:01.500Z,"ü ""q""\n",-inf\n',
    );
  });
});
